"""From a series of samples to a verdict about its growth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from soakctl.domain.trend import Budget, Trend, TrendVerdict
from soakctl.domain.wording import show_seconds
from soakctl.judge.trend.doubts import Doubt
from soakctl.judge.trend.horizon import decide_after_h, smallest_detectable
from soakctl.judge.trend.life import Life, judge_life
from soakctl.judge.trend.lives import LEAST_SHARE_OF_LONGEST, MOST_LIVES, Together, together
from soakctl.judge.trend.shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from soakctl.judge.trend.series import Floats

_HOUR_S = 3600.0
_LATE_SHARE = 0.25
_USUAL_SWING = 0.9
_GIVEN_BACK = 0.1
_FALL_NOISES = 6.0
_CLEARLY_AFTER = 0.1


def judge_series(
    times_s: ArrayLike,
    values: ArrayLike,
    *,
    lives: ArrayLike,
    excluded: Sequence[tuple[float, float]],
    budget: Budget,
    sampling_s: float | None = None,
) -> Trend:
    """Judge the growth of one resource over a run.

    Args:
        times_s: elapsed seconds of the samples.
        values: the resource, in its unit; NaN where it could not be read.
        lives: the number of the process life of each sample; no line is drawn across a change. Numbers that come
            back are processes side by side: each is judged, and the worst one speaks.
        excluded: [from, to) windows in elapsed seconds left out: gaps, clock jumps, injected faults.
        budget: how much growth is allowed.
        sampling_s: seconds between samples, where known.

    Raises:
        ValueError: times, values and lives differ in length.
    """
    t, y, life = _usable(times_s, values, lives, excluded)
    if t.size == 0:
        return Trend(TrendVerdict.NO_DATA, budget_per_hour=budget.warn_per_hour, reason="no value could be read")
    run_h = float(t[-1] - t[0]) / _HOUR_S
    limit = _limit(budget, run_h)
    every_h = None if sampling_s is None else sampling_s / _HOUR_S
    judged = [
        judge_life(
            float(t[own[0]]), (t[own] - t[own[0]]) / _HOUR_S, y[own], limit=limit, floor=budget.noise_floor,
            every_h=every_h,
        )
        for own in _spans(t, life)
    ]  # fmt: skip
    return _trend(together(judged), budget, t, every_h)


def _limit(budget: Budget, run_h: float) -> float:
    """The growth tested against: the budget, but never less than the noise floor over the run, which proves nothing."""
    return max(budget.warn_per_hour, budget.noise_floor / run_h if run_h > 0 else 0.0)


def _usable(
    times_s: ArrayLike, values: ArrayLike, lives: ArrayLike, excluded: Sequence[tuple[float, float]]
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    t, y = np.asarray(times_s, dtype=np.float64).ravel(), np.asarray(values, dtype=np.float64).ravel()
    life = np.asarray(lives, dtype=np.int64).ravel()
    if not t.size == y.size == life.size:
        message = f"times, values and lives must have one length, found {t.size}, {y.size} and {life.size}"
        raise ValueError(message)
    keep = np.isfinite(t) & np.isfinite(y)
    for start, end in excluded:
        keep &= ~((t >= start) & (t < end))
    t, y, life = t[keep], y[keep], life[keep]
    if t.size and (np.diff(t) < 0).any():
        order = np.argsort(t, kind="stable")
        t, y, life = t[order], y[order], life[order]
    return t, y, life


def _spans(t: Floats, life: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The samples of each life worth judging, in time order: the longest lives, none very short."""
    spans = np.split(np.arange(t.size), np.flatnonzero(np.diff(life)) + 1)
    most = MOST_LIVES
    if np.unique(life).size < len(spans):
        order = np.argsort(life, kind="stable")
        spans = sorted(np.split(order, np.flatnonzero(np.diff(life[order])) + 1), key=lambda own: int(own[0]))
        most = len(spans)  # none speaks for another
    lengths = [float(t[own[-1]] - t[own[0]]) for own in spans]
    least = LEAST_SHARE_OF_LONGEST * max(lengths)
    longest = sorted(range(len(spans)), key=lambda place: (-lengths[place], -place))[:most]
    return [spans[place] for place in sorted(longest) if lengths[place] >= least]


def _trend(found: Together, budget: Budget, times_s: Floats, every_h: float | None) -> Trend:
    run_h = float(times_s[-1] - times_s[0]) / _HOUR_S
    main, known = found.main, bool(np.isfinite(found.high))
    inconclusive = found.verdict is TrendVerdict.INCONCLUSIVE
    leak = found.verdict is TrendVerdict.LEAK
    fails = leak and found.low > budget.fail_per_hour
    shape = shape_of(main, budget.noise_floor)
    began = _began_s(main) if found.low > main.limit else None
    decide = decide_after_h(main, run_h, every_h) if inconclusive else None
    return Trend(
        verdict=found.verdict,
        shape=shape,
        slope_per_hour=found.slope if known else None,
        slope_low=found.low if known else None,
        slope_high=found.high if known else None,
        budget_per_hour=budget.fail_per_hour if fails else budget.warn_per_hour,
        began_s=began,
        last_level=_last_level(main),
        smallest_detectable_per_hour=smallest_detectable((found.high - found.low) / 2, main.limit) if known else None,
        decide_after_s=None if decide is None else decide * _HOUR_S,
        fails=fails,
        points=int(times_s.size),
        reason=_reason(found, shape) + _since(began, float(times_s[0]), run_h),
    )


def _began_s(life: Life) -> float | None:
    """When the growth that goes on at the end began: the first of the last slopes that are near the last one."""
    if life.fit is None:
        return None
    began = life.fit.regime_from
    for at, slope in reversed(life.fit.slopes):
        if slope < max(life.limit, 0.3 * life.slope):
            break
        began = at
    return life.start_s + (began + float(life.fit.series.x[0]) * (began > 0)) * _HOUR_S


def _last_level(life: Life) -> float:
    """The level at the end, with the usual swing above the fitted line: a sawtooth runs out at its teeth."""
    if life.fit is None:
        return float(life.values[-1])
    late = life.hours >= (1 - _LATE_SHARE) * life.span_h
    line = np.interp(life.hours[late], life.fit.series.x, life.fit.fitted)
    return float(life.fit.fitted[-1]) + float(np.quantile(life.values[late] - line, _USUAL_SWING))


def _reason(found: Together, shape: str) -> str:
    if found.verdict is not TrendVerdict.LEAK:
        return str(found.doubt or (Doubt.LIVES if found.verdict is TrendVerdict.INCONCLUSIVE else ""))
    if shape == "stairs":
        return "it grows in steps that go on"
    if found.main.fit is not None and found.main.fit.series.name != "level" and _falls(found.main):
        return "its low points grow steadily: what is freed is not all of it"
    return "it grows steadily"


def _falls(life: Life) -> bool:
    """Whether a part of the growth that is worth telling was ever given back."""
    y = life.values
    noise_sd = 0.0 if life.fit is None else life.fit.noise_sd
    fall = float((np.maximum.accumulate(y) - y).max())
    return fall > max(_GIVEN_BACK * float(np.ptp(y)), _FALL_NOISES * noise_sd)


def _since(began_s: float | None, first_s: float, run_h: float) -> str:
    """When growth began, where that was clearly after the start."""
    if began_s is None or began_s - first_s < _CLEARLY_AFTER * run_h * _HOUR_S:
        return ""
    return f", since {show_seconds(began_s)}"
