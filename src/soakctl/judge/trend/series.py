"""The samples of one process life, cut in time into a level series and floors that see through sawteeth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS = 96
LEAST_POINTS = 8
_MEDIAN = 0.5
_FLOOR_BINS = (96, 48, 24)
_FLOOR_QUANTILE = 0.05
_LEAST_FLOOR_SAMPLES = 4
_LEAST_FILL = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One look at a life.

    Attributes:
        name: "level", "floor" or "troughs".
        x: hours since the life began, ascending.
        y: the resource in its unit.
        spacing: the usual hours between two points.
    """

    name: str
    x: Floats
    y: Floats
    spacing: float


def cut(hours: Floats, values: Floats, bins: int, quantile: float) -> Series | None:
    """A quantile of the values in each of `bins` equal spans of time; None if too few spans are well filled.

    Spans with under 40 % of the usual number of samples are left out, so that a gap neither interpolates nor biases.
    """
    edges = np.linspace(hours[0], hours[-1], bins + 1)
    cuts = np.concatenate(([0], np.searchsorted(hours, edges[1:-1]), [hours.size]))
    counts = np.diff(cuts)
    usual = float(np.median(counts[counts > 0]))
    kept = np.flatnonzero(counts >= max(1.0, _LEAST_FILL * usual))
    if kept.size < LEAST_POINTS:
        return None
    x, y = np.empty(kept.size), np.empty(kept.size)
    for place, index in enumerate(kept):
        start, end = cuts[index], cuts[index + 1]
        x[place] = hours[start:end].mean()
        y[place] = _quantile(values[start:end], quantile)
    name = "level" if quantile == _MEDIAN else "floor"
    return Series(name, x, y, float(edges[1] - edges[0]))


def _quantile(values: Floats, quantile: float) -> float:
    """The quantile by selection, which costs a tenth of a sort; the mean of the middle two for a median."""
    last = values.size - 1
    low = int(quantile * last)
    if quantile == _MEDIAN and last % 2:
        pair = np.partition(values, (low, low + 1))
        return float(pair[low] + pair[low + 1]) / 2
    return float(np.partition(values, low)[low])


def looks(hours: Floats, values: Floats, sampling_h: float | None) -> list[Series]:
    """The level, then the floors, of a life; empty when there are too few points to say anything."""
    n = hours.size
    if n < LEAST_POINTS or hours[-1] <= hours[0]:
        return []
    if n <= BINS:
        spacing = sampling_h or float(np.median(np.diff(hours)))
        found = [Series("level", hours, values, max(spacing, float(hours[-1] - hours[0]) / (4 * n)))]
    else:
        level = cut(hours, values, min(BINS, n // 2), _MEDIAN)
        found = [level] if level is not None else []
    floors = (cut(hours, values, bins, _FLOOR_QUANTILE) for bins in _floor_bins(n))
    return found + [floor for floor in floors if floor is not None]


def _floor_bins(n: int) -> list[int]:
    """How many spans the floors have: enough samples in each for a low point to mean something."""
    counts = [bins for bins in _FLOOR_BINS if n // bins >= _LEAST_FLOOR_SAMPLES]
    if len(counts) < len(_FLOOR_BINS) - 1:
        counts = [n // 4, n // 6]
    return [bins for bins in counts if bins >= LEAST_POINTS]
