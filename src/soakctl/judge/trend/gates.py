"""What must hold beside the interval before a leak is called, or excluded."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from soakctl.judge.trend.doubts import Doubt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.judge.trend.fit import Fit

_LEAST_REGIME = 0.25
_STRAIGHT_REGIME = 0.6
# A shorter regime counts when it is long enough to be seen as straight, and far too steep to be anything else.
_LEAST_LATE_REGIME = 0.15
_LATE_NOISES = 10.0
_LATE_PARTS = 8
_LEAST_LATE_PART = 0.5
# From an hour to a day, a part of a daily cycle can be all that a run sees.
_DAY_RISK_H = (1.0, 23.9)
_LEAST_SPREAD = 0.45
_BLOCKS = 8
_LEAST_STAIRS = 3
_SMOOTH = 3
_LEAST_NOISES = 3.0
_KEPT_AFTER_FALLS = 0.5
_STARTING = 0.04
_SLOWED = 0.85
_CURVED = 0.6
_ONLY_JUST = 0.15


def reclaimed(fit: Fit) -> bool:
    """Whether steps down take back most of what the slope added: a sawtooth told as a line and its falls."""
    back = sum(height for _, height in late_steps(fit))
    return fit.grown > 0 and fit.grown + back < _KEPT_AFTER_FALLS * fit.grown


def leak_doubt(fit: Fit, looks: Sequence[Fit], drift: Fit | None, limit: float, run_h: float) -> Doubt:
    """Why growth proven above the limit is not called a leak.

    Args:
        fit: the look that decides.
        looks: all looks.
        drift: the random walk, where it is as good a story: it takes bends in the slope for chance.
        limit: growth an hour.
        run_h: the length of the life.
    """
    share = fit.regime_share
    over_before = len(fit.slopes) > 1 and fit.slopes[-2][1] > limit
    if share < _LEAST_REGIME and not over_before and not _late_but_proven(fit, limit, run_h):
        return Doubt.LATE
    if _spread(fit) < _LEAST_SPREAD:
        return Doubt.JUMPS
    if fit.grown < _LEAST_NOISES * fit.noise_sd:
        return Doubt.BARE
    if any(other.high < min(limit, fit.low) for other in looks if other is not fit):
        return Doubt.APART
    if drift is not None and drift.low > limit:
        return Doubt.NONE
    if _DAY_RISK_H[0] <= run_h < _DAY_RISK_H[1] and share < _STRAIGHT_REGIME:
        return Doubt.DAY
    if share < _STRAIGHT_REGIME and _fall_before(fit) > fit.grown / 2:
        return Doubt.FELL
    return Doubt.SLOWING if _slowing(fit) or _curving(fit) else Doubt.NONE


def clear_doubt(fit: Fit, looks: Sequence[Fit], limit: float) -> Doubt:
    """Why growth that is below the limit at the end does not clear the run; arguments as in `leak_doubt`."""
    before = fit.slopes[-2][1] if len(fit.slopes) > 1 else 0.0
    if before > limit and fit.regime_share < _ONLY_JUST:
        return Doubt.STOPPED
    if before > limit and fit.high < -before / 2:
        return Doubt.FALLING
    if fit.settling > 0 and fit.slope + fit.settling > limit:
        return Doubt.SETTLING
    if _stairs_go_on(fit, limit):
        return Doubt.STAIRS
    if any(other.low > limit for other in looks if other is not fit):
        return Doubt.APART
    return Doubt.NOISE if 2 * fit.half > 4 * limit else Doubt.NONE


def _late_but_proven(fit: Fit, limit: float, run_h: float) -> bool:
    """Whether late growth alone has added more than the budget allows over the whole run, evenly up to the end.

    Evenly in the points themselves: a step down in the model may be the moment at which growth ended.
    Only in runs of a day and more: in a shorter one, a warm-up of a late request or a part of a day looks the same.
    """
    if run_h < _DAY_RISK_H[1] or fit.regime_share < _LEAST_LATE_REGIME:
        return False
    if fit.grown - fit.half * fit.regime_share * fit.span_h < max(limit * fit.span_h, _LATE_NOISES * fit.noise_sd):
        return False
    late = fit.series.x >= fit.series.x[0] + fit.regime_from
    parts = np.array([float(np.median(part)) for part in np.array_split(fit.series.y[late], _LATE_PARTS) if part.size])
    rises = np.diff(parts)
    return rises.size == _LATE_PARTS - 1 and float(rises.min()) >= _LEAST_LATE_PART * float(rises.mean())


def late_steps(fit: Fit) -> list[tuple[float, float]]:
    """(hours, height) of the steps since the last slope began, without those of its start."""
    start = fit.regime_from + _STARTING * fit.span_h
    return [(at, height) for at, height in fit.steps if at >= start]


def _stairs_go_on(fit: Fit, limit: float) -> bool:
    """Whether steps up, hardly any down, add more than the limit, and the last came too lately to say they ended."""
    steps = late_steps(fit)
    ups = [at for at, height in steps if height > 0]
    up, down = (sum(abs(height) for _, height in steps if (height > 0) is rising) for rising in (True, False))
    if len(ups) < _LEAST_STAIRS or down > up / 5 or up - down <= limit * fit.span_h:
        return False
    quiet, pace = fit.span_h - ups[-1], (ups[-1] - ups[0]) / (len(ups) - 1)
    return quiet <= 2 * pace or quiet <= 0.3 * fit.span_h


def _fall_before(fit: Fit) -> float:
    """The largest fall before the last slope began, from medians of three points against single outliers."""
    y = fit.series.y[fit.series.x <= fit.series.x[0] + fit.regime_from]
    if y.size < _SMOOTH:
        return 0.0
    smooth = np.array([float(np.median(part)) for part in np.array_split(y, y.size // _SMOOTH)])
    return float((np.maximum.accumulate(smooth) - smooth).max())


def _slowing(fit: Fit) -> bool:
    """Whether the slope before was steeper, and lasted too long to be a warm-up that is over."""
    for (start, before), (knot, last) in list(pairwise(fit.slopes))[-1:]:
        return last < _SLOWED * before and knot - start > (fit.span_h - knot) / 3
    return False


def _curving(fit: Fit) -> bool:
    """Whether a parabola through the last slope bends down beyond doubt, to under 60 % of its first slope."""
    late = fit.series.x >= fit.series.x[0] + max(0.4 * fit.span_h, fit.regime_from)
    x, y = fit.series.x[late], fit.bare[late]
    if y.size < _BLOCKS:
        return False
    u = (x - x[0]) / (x[-1] - x[0])
    columns = np.column_stack([np.ones(u.size), u, u**2])
    beta, *_ = np.linalg.lstsq(columns, y, rcond=None)
    rest = y - columns @ beta
    variance = float(rest @ rest) / (u.size - 3) * (1 + fit.phi) / (1 - fit.phi)
    error = float(np.sqrt(variance * np.linalg.pinv(columns.T @ columns)[2, 2]))
    first, bend = float(beta[1]), float(beta[2])
    return bend < -2 * error and first > 0 and first + 2 * bend < _CURVED * first


def _spread(fit: Fit) -> float:
    """The share of the last slope's growth that remains without the largest step between eighths of it.

    Only growth that stays counts: the mean of the highest level before and the lowest one after.
    """
    late = fit.series.x >= fit.series.x[0] + fit.regime_from
    blocks = np.array([float(np.median(part)) for part in np.array_split(fit.bare[late], _BLOCKS) if part.size])
    stays = (np.maximum.accumulate(blocks) + np.minimum.accumulate(blocks[::-1])[::-1]) / 2
    total = float(stays[-1] - stays[0])
    return (total - float(np.diff(stays).max())) / total if total > 0 else 0.0
