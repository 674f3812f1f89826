"""Growth made of random events: a random walk with a drift, whose slope is known no better than the events are many."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from soakctl.judge.trend import noise
from soakctl.judge.trend.design import Kind
from soakctl.judge.trend.fit import Fit

if TYPE_CHECKING:
    from soakctl.judge.trend.series import Series

_ALMOST_ONE = 0.99
# Here nothing else vouches for the growth: half as wide again.
_ALONE = 1.5
_LARGEST_FALL = 0.25


def drift(series: Series, least_noise: float) -> Fit:
    """The drift of a random walk over the whole series; comparable with other models by its criterion."""
    x, y = series.x, series.y
    span, n = float(x[-1] - x[0]), y.size
    slope = float(y[-1] - y[0]) / span
    gaps = np.diff(x)
    rest = (np.diff(y) - slope * gaps) / np.sqrt(gaps / series.spacing)
    variance = float(rest @ rest) / (n - 1) + least_noise**2
    half = noise.student_975(n - 2) * float(np.sqrt(variance * span / series.spacing)) / span
    criterion = n * float(np.log(variance)) + float(np.log(n))
    columns = np.column_stack([np.ones(n), (x - x[0]) / span])
    beta = np.array([y[0], slope * span])
    return Fit(
        series, columns, (Kind.CONSTANT, Kind.LINEAR), (0.0, 0.0), beta, span, float(np.sqrt(variance)), _ALMOST_ONE,
        slope, half, criterion,
    )  # fmt: skip


def climbs_at_random(walk: Fit, limit: float, least_noise: float) -> bool:
    """Whether a walk's drift is above the limit beyond doubt, in its second half too, and it hardly ever fell."""
    series = walk.series
    half = series.y.size // 2
    late = drift(replace(series, x=series.x[half:], y=series.y[half:]), least_noise)
    fall = float((np.maximum.accumulate(series.y) - series.y).max())
    grown = float(series.y[-1] - series.y[0])
    return fall < _LARGEST_FALL * grown and all(each.slope - _ALONE * each.half > limit for each in (walk, late))
