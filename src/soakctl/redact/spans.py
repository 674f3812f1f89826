"""Places of a line, in order and apart; asked by bisection, as a long line can have thousands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re


class Spans:
    """The matches of a pattern in a line."""

    def __init__(self, pattern: re.Pattern[str], line: str) -> None:
        """Find them all."""
        spans = [match.span() for match in pattern.finditer(line)]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def hold(self, start: int, end: int) -> bool:
        """Whether one of them holds all of this."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and end <= self._ends[at]

    def widen(self, start: int, end: int) -> tuple[int, int]:
        """This place, widened to the whole of those that it cuts."""
        first = bisect_right(self._starts, start) - 1
        if first >= 0 and self._ends[first] > start:
            start = self._starts[first]
        last = bisect_left(self._starts, end) - 1
        return start, max(end, self._ends[last]) if last >= 0 else end
