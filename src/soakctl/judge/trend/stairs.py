"""Growth in steps: how much an hour the steps add, known no better than they are many and alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from soakctl.judge.trend import noise
from soakctl.judge.trend.design import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.judge.trend.fit import Fit

# Four waits between steps that are alike are a rhythm; three may be chance.
_LEAST_STEPS = 5
_STILL_IN_TIME = 1.5
# Load that comes and goes makes steps of any height at any time.
_ALIKE = 1.6


def climb(fit: Fit, steps: Sequence[tuple[float, float]]) -> Fit:
    """A fit as one line: the slope that its (hours, height) steps add up to, with the interval of a renewal process.

    Each step is what came in the wait before it. What it differs from the mean rate times that wait is the error: steps
    that come by chance have an interval wider than their slope, a rhythm of equal steps a narrow one. Steps down count
    as they are; there must be two steps at least.
    """
    at, heights = (np.array(each) for each in zip(*steps, strict=True))
    waits, added = np.diff(at), heights[1:]
    covered = float(waits.sum())
    rate = float(added.sum()) / covered
    rest = added - rate * waits
    freedom = max(waits.size - 1, 1)
    error = float(np.sqrt(waits.size * (float(rest @ rest) / freedom + 2 * fit.noise_sd**2))) / covered
    slope, half = fit.slope + rate, fit.half + noise.student_975(freedom) * error
    x = fit.series.x
    columns = np.column_stack([np.ones(x.size), (x - x[0]) / fit.span_h])
    start = float(np.mean(fit.series.y - slope * (x - x[0])))
    return replace(
        fit, columns=columns, kinds=(Kind.CONSTANT, Kind.LINEAR), knots=(0.0, 0.0),
        beta=np.array([start, slope * fit.span_h]), slope=slope, half=half,
    )  # fmt: skip


def keeps_time(steps: Sequence[tuple[float, float]], span_h: float) -> bool:
    """Whether there are enough steps, all up, alike in height and wait, and the next one is not overdue at the end."""
    if len(steps) < _LEAST_STEPS:
        return False
    at, heights = (np.array(each) for each in zip(*steps, strict=True))
    waits = np.diff(at)
    alike = all(0 < float(each.max()) <= _ALIKE * float(each.min()) for each in (waits, heights))
    return alike and span_h - float(at[-1]) <= _STILL_IN_TIME * float(waits.max())
