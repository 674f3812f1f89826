"""The dictionary of shapes a series may be made of: a line, changes of slope, steps and a daily cycle."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from soakctl.judge.trend.series import Floats

_KNOTS = 45
_LAST_KNOT = 0.96
_RELAX: Floats = 0.008 * 1.4 ** np.arange(16)
_DAY_H = 24.0
DAILY_FROM_H = 36.0
_STEP_MARGIN = 3


class Kind(IntEnum):
    """What a column of the dictionary stands for."""

    CONSTANT = 0
    LINEAR = 1
    HINGE = 2
    STEP = 3
    DAILY = 4
    RELAX = 5


@dataclass(frozen=True, slots=True)
class Design:
    """Candidate columns over the points of a series, time scaled to 0 ... 1.

    Attributes:
        columns: one row a point, one column a candidate.
        kinds: the kind of each column.
        knots: where a hinge or step sits, 0 ... 1; 0 for the others.
        span_h: the hours that stand for 1.
    """

    columns: Floats
    kinds: NDArray[np.int64]
    knots: Floats
    span_h: float


def dictionary(x: Floats) -> Design:
    """All candidates for points at `x` hours; the daily pair only for spans of 36 h and more."""
    span = float(x[-1] - x[0])
    u = (x - x[0]) / span
    n = x.size
    middles = (u[:-1] + u[1:]) / 2
    steps = middles[_STEP_MARGIN - 1 : n - _STEP_MARGIN]
    hinges = np.linspace(0, 1, _KNOTS + 2)[1:-1] if n > _KNOTS else u[1:-1]
    hinges = hinges[(hinges <= _LAST_KNOT) & (hinges >= u[1]) & (hinges <= u[-3])]
    parts = [np.ones((n, 1)), u[:, None], np.maximum(0, u[:, None] - hinges), (u[:, None] > steps).astype(np.float64)]
    kinds = [Kind.CONSTANT, Kind.LINEAR] + [Kind.HINGE] * hinges.size + [Kind.STEP] * steps.size
    knots = [np.zeros(2), hinges, steps]
    parts.append(np.exp(-u[:, None] / _RELAX))
    kinds += [Kind.RELAX] * _RELAX.size
    knots.append(_RELAX)
    if span >= DAILY_FROM_H:
        angle = 2 * np.pi * x / _DAY_H
        parts.append(np.column_stack([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]))
        kinds += [Kind.DAILY] * 4
        knots.append(np.zeros(4))
    return Design(np.hstack(parts), np.array(kinds, dtype=np.int64), np.concatenate(knots), span)
