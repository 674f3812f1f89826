"""The rule while a run is still going: judged again at growing lengths, believed when two in a row agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.trend import Trend, TrendVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GROWTH = 1.25
_IN_A_ROW = 2


def evaluation_lengths(first_s: float, planned_s: float) -> Iterator[float]:
    """The elapsed seconds at which to judge during a run: each 25 % after the one before, so that looks stay few.

    A quarter of the planned run is a good first: before it a cache that fills and a slow tooth are no different from
    a leak. Raises ValueError unless `first_s` is positive.
    """
    if first_s <= 0:
        raise ValueError(f"the first evaluation must come after the start, not at {first_s} s")
    at = first_s
    while at < planned_s:
        yield at
        at *= _GROWTH


def alarm(evaluations: Sequence[Trend]) -> bool:
    """True when the last two evaluations, oldest first, are both LEAK: one alone is too often chance."""
    last = evaluations[-_IN_A_ROW:]
    return len(last) == _IN_A_ROW and all(each.verdict is TrendVerdict.LEAK for each in last)
