"""The usual ways to judge growth, for comparison: end minus start, least squares, Theil-Sen with Mann-Kendall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from soakctl.domain.trend import TrendVerdict
from soakctl.judge.trend import judge_series

if TYPE_CHECKING:
    from collections.abc import Callable

    from traces import Floats, Trace

Judged = tuple[TrendVerdict, float]
_BINS = 96
_Z = 1.96


def _longest_life(trace: Trace) -> tuple[Floats, Floats]:
    """Hours and values of the longest life, without what is excluded: what a careful user would feed to the others."""
    keep = np.isfinite(trace.values) & (trace.lives == np.argmax(np.bincount(trace.lives)))
    for start, end in trace.excluded:
        keep &= ~((trace.times >= start) & (trace.times < end))
    return trace.times[keep] / 3600.0, trace.values[keep]


def end_minus_start(trace: Trace) -> Judged:
    """Growth from the mean of the first twentieth to that of the last."""
    hours, values = _longest_life(trace)
    part = max(1, values.size // 20)
    slope = (values[-part:].mean() - values[:part].mean()) / (hours[-1] - hours[0])
    return (TrendVerdict.LEAK if slope > trace.budget.warn_per_hour else TrendVerdict.NO_LEAK), float(slope)


def _by_interval(slope: float, error: float, limit: float) -> Judged:
    if slope - _Z * error > limit:
        return TrendVerdict.LEAK, slope
    return (TrendVerdict.NO_LEAK if slope + _Z * error < limit else TrendVerdict.INCONCLUSIVE), slope


def least_squares(trace: Trace) -> Judged:
    """A straight line through all samples, with the interval that takes errors for independent."""
    hours, values = _longest_life(trace)
    x = hours - hours.mean()
    slope = float(x @ values / (x @ x))
    rest = values - values.mean() - slope * x
    return _by_interval(slope, float(np.sqrt(rest @ rest / max(x.size - 2, 1) / (x @ x))), trace.budget.warn_per_hour)


def theil_sen(trace: Trace) -> Judged:
    """The median slope of pairs of 96 medians; a leak when Mann-Kendall sees a trend and the slope is over budget."""
    hours, values = _longest_life(trace)
    groups = np.array_split(np.arange(values.size), min(_BINS, values.size))
    x = np.array([hours[group].mean() for group in groups])
    y = np.array([np.median(values[group]) for group in groups])
    i, j = np.triu_indices(x.size, 1)
    slope = float(np.median((y[j] - y[i]) / (x[j] - x[i])))
    n = x.size
    z = np.sign(y[j] - y[i]).sum() / np.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    leak = abs(z) > _Z and slope > trace.budget.warn_per_hour
    return (TrendVerdict.LEAK if leak else TrendVerdict.NO_LEAK), slope


def soakctl(trace: Trace) -> Judged:
    """The judgement that is shipped."""
    trend = judge_series(trace.times, trace.values, lives=trace.lives, excluded=trace.excluded, budget=trace.budget)
    return trend.verdict, float("nan") if trend.slope_per_hour is None else trend.slope_per_hour


METHODS: dict[str, Callable[[Trace], Judged]] = {
    "soakctl": soakctl,
    "end - start": end_minus_start,
    "least squares": least_squares,
    "Theil-Sen + Mann-Kendall": theil_sen,
}
