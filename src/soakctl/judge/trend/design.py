"""The dictionary of shapes a series may be made of: a line, bends, steps, warm-ups and a daily cycle."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from soakctl.judge.trend.series import Floats

_KNOTS = 45
_LAST_KNOT = 0.96
_LEAST_AFTER = 5
# Time constants of warm-ups as shares of the span; a factor of 1.4 apart, neighbours differ by a few percent.
_WARM_UPS: Floats = 0.008 * 1.4 ** np.arange(16, dtype=np.float64)
_DAY_H = 24.0
# A day less some: lives begin a little after their run, and the first and last points lie inside the span.
_DAILY_FROM_H = 22.0


class Kind(IntEnum):
    """What a column of the dictionary stands for."""

    CONSTANT = 0
    LINEAR = 1
    HINGE = 2
    STEP = 3
    DAILY = 4
    WARM_UP = 5


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Candidate columns over the points of a series, time scaled to 0 ... 1; the first two are CONSTANT and LINEAR.

    Attributes:
        columns: one row a point, one column a candidate.
        kinds: the kind of each column.
        knots: where a hinge or step sits, or the time constant of a warm-up, in the scaled time; else 0.
        span_h: the hours that stand for 1.
    """

    columns: Floats
    kinds: NDArray[np.int64]
    knots: Floats
    span_h: float


def dictionary(x: Floats) -> Design:
    """All candidates for points at `x` hours; a daily cycle only for spans of about a day and more."""
    span = float(x[-1] - x[0])
    u = (x - x[0]) / span
    steps = (u[:-1] + u[1:]) / 2
    hinges = _hinges(u)
    parts = [
        (Kind.CONSTANT, np.zeros(1), np.ones((u.size, 1))),
        (Kind.LINEAR, np.zeros(1), u[:, None]),
        (Kind.HINGE, hinges, np.maximum(0, u[:, None] - hinges)),
        (Kind.STEP, steps, (u[:, None] > steps).astype(np.float64)),
        (Kind.WARM_UP, _WARM_UPS, np.exp(-u[:, None] / _WARM_UPS)),
    ]
    if span >= _DAILY_FROM_H:
        angle = 2 * np.pi * x / _DAY_H
        waves = np.column_stack([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)])
        parts.append((Kind.DAILY, np.zeros(4), waves))
    kinds = np.concatenate([np.full(knots.size, int(kind)) for kind, knots, _ in parts])
    return Design(
        np.hstack([part for *_, part in parts]), kinds, np.concatenate([knots for _, knots, _ in parts]), span
    )


def _hinges(u: Floats) -> Floats:
    """Where the slope may change: a grid, or the points themselves when they are few."""
    found = np.linspace(0, 1, _KNOTS + 2)[1:-1] if u.size > _KNOTS else u[1:-1]
    kept: Floats = found[(found <= _LAST_KNOT) & (found >= u[1]) & (found <= u[-_LEAST_AFTER])]
    return kept
