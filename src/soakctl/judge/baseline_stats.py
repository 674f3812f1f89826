"""How far two samples of iterations lie apart: a robust shift with an interval that holds for few points.

The shift is that of Hodges and Lehmann, the median of all differences, with the interval that inverts the test of Mann
and Whitney (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 4.2 to 4.3): exact for few values, with
no assumption but that both sides spread alike. Iterations that follow each other are not independent, so the interval
is widened by the correlation between neighbours, as it lowers the effective number of values.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIDENCE_PERCENT = 99
_TAIL = (1.0 - CONFIDENCE_PERCENT / 100.0) / 2.0
_MOST_VALUES = 60  # more are averaged with their neighbours: all differences are formed
_MOST_EXACT = 400  # with more pairs than this the normal approximation is as good
_HIGHEST_CORRELATION = 0.8


@dataclass(frozen=True, slots=True)
class Shift:
    """How much higher the first sample lies than the second, and between what and what that is."""

    estimate: float
    low: float
    high: float


def shift(mine: Sequence[float], theirs: Sequence[float]) -> Shift | None:
    """The shift of the first against the second, in the order of time each. None where the values are too few."""
    scale = max((abs(value) for value in (*mine, *theirs)), default=0.0) or 1.0  # squares of any value can be formed
    mine, theirs = _thinned([value / scale for value in mine]), _thinned([value / scale for value in theirs])
    place = _rank(len(mine), len(theirs))
    if place == 0:
        return None
    apart = sorted(here - there for here in mine for there in theirs)
    estimate = statistics.median(apart)
    low, high = apart[place - 1], apart[-place]
    wider = _widening(mine, theirs)
    bounds = estimate - wider * (estimate - low), estimate + wider * (high - estimate)
    return Shift(scale * estimate, scale * bounds[0], scale * bounds[1])


def decidable(here: int, there: int) -> bool:
    """Whether so many values on each side can tell a change from chance."""
    return _rank(min(here, _MOST_VALUES), min(there, _MOST_VALUES)) > 0


def _thinned(values: Sequence[float]) -> Sequence[float]:
    """At most so many values: means of neighbours."""
    if len(values) <= _MOST_VALUES:
        return values
    edges = [len(values) * place // _MOST_VALUES for place in range(_MOST_VALUES + 1)]
    return [statistics.fmean(values[start:end]) for start, end in pairwise(edges)]


@cache
def _rank(here: int, there: int) -> int:
    """Which of the sorted differences bounds the interval, from 1; 0 where no interval has this confidence."""
    pairs = here * there
    if pairs > _MOST_EXACT:
        spread = math.sqrt(pairs * (here + there + 1) / 12.0)
        return max(0, math.floor(pairs / 2.0 - statistics.NormalDist().inv_cdf(1.0 - _TAIL) * spread))
    allowed = _TAIL * math.comb(here + there, here)
    passed = 0
    for place, ways in enumerate(_orders(here, there)):
        passed += ways
        if passed > allowed:
            return place
    return 0


@cache
def _orders(here: int, there: int) -> tuple[int, ...]:
    """In how many orders of two samples 0, 1, 2, ... pairs have the first one above: the null distribution."""
    if not here or not there:
        return (1,)
    ways = [0] * (here * there + 1)
    for place, count in enumerate(_orders(here - 1, there)):
        ways[place + there] += count
    for place, count in enumerate(_orders(here, there - 1)):
        ways[place] += count
    return tuple(ways)


def _widening(*samples: Sequence[float]) -> float:
    """sqrt((1 + r) / (1 - r)) for the correlation of neighbours, which few values show too low by about 1/n."""
    products = squares = 0.0
    for values in samples:
        mean = statistics.fmean(values)
        rest = [value - mean for value in values]
        products += math.fsum(one * other for one, other in pairwise(rest))
        squares += math.fsum(one * one for one in rest)
    if squares == 0.0:
        return 1.0
    correlation = products / squares + len(samples) / sum(map(len, samples))
    correlation = min(max(correlation, 0.0), _HIGHEST_CORRELATION)
    return math.sqrt((1.0 + correlation) / (1.0 - correlation))
