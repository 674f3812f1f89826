"""What a run could have seen, and how long one must be to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.judge.trend.doubts import Doubt
from soakctl.judge.trend.series import LEAST_POINTS

if TYPE_CHECKING:
    from soakctl.judge.trend.life import Life

# (t at 97.5 % + t at 80 %) / t at 97.5 %: to prove a growth four times out of five takes this many half intervals.
_POWER = 1.4
_SAFETY = 1.5
_TWO_DAYS_H = 48.0
_AGAIN = 2.0
_ENOUGH_POINTS = 3 * LEAST_POINTS
_LONGEST_H = 90 * 24.0


def smallest_detectable(half: float, limit: float) -> float:
    """The least growth an hour that a run with this interval would have proven to be above the limit, mostly."""
    return limit + _POWER * half


def decide_after_h(life: Life, run_h: float, every_h: float | None) -> float | None:
    """The hours of run that would decide an inconclusive one; None when no run of three months would.

    The interval narrows with the length to the power 1.5; it has to become narrower than the slope's distance from
    the limit, taken as half the limit to all of it, as a noisy slope says little of that. Shapes that only time can
    tell apart want twice the time, a part of a daily cycle two days.
    """
    if life.doubt is Doubt.FEW:
        every = every_h or (life.span_h / max(life.hours.size - 1, 1)) or run_h
        hours = max(run_h, _ENOUGH_POINTS * every)
    elif life.doubt is Doubt.DAY:
        hours = max(_TWO_DAYS_H, _AGAIN * run_h)
    elif life.doubt is Doubt.NOISE and life.fit is not None and life.limit > 0:
        distance = min(max(abs(life.slope - life.limit), life.limit / 2), life.limit)
        regime = life.fit.regime_share * life.span_h
        longer = max(_POWER * life.half / distance, 1.0) ** (2 / 3) * _SAFETY
        hours = max(run_h - regime, 0.0) + regime * longer
    else:
        hours = _AGAIN * run_h
    return hours if hours <= _LONGEST_H else None
