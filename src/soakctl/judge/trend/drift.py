"""Growth made of random events: a random walk with a drift, whose slope is known no better than the events are many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from soakctl.judge.trend import noise
from soakctl.judge.trend.design import Kind
from soakctl.judge.trend.fit import Fit

if TYPE_CHECKING:
    from soakctl.judge.trend.series import Series

_ALMOST_ONE = 0.99


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
