"""Lines that a block does not hold any more, read once more from the file."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soakctl.domain.logs.block import Block

    # The lines of a file from a place on at which one begins.
    ReadFrom = Callable[[int], Iterator[Block]]


class Earlier:
    """Remembers where blocks ended, as far back as lines may be asked for."""

    def __init__(self, read: ReadFrom, *, lines: int) -> None:
        """No more than `lines` before the present block are asked for."""
        self._read = read
        self._most = lines
        self._lines = 0
        self._marks: deque[tuple[int, int]] = deque([(0, 0)])

    def passed(self, block: Block) -> None:
        """What was the present block is an earlier one."""
        self._lines += block.data.count(b"\n", block.start, block.end)
        self._marks.append((self._lines, block.stop_at))
        while len(self._marks) > 1 and self._marks[1][0] <= self._lines - self._most:
            self._marks.popleft()

    def lines(self, block: Block, count: int) -> Iterator[Block]:
        """The `count` lines before those that the present block can look back at; in each, from `start` to `end`."""
        upto = self._lines - block.data.count(b"\n", block.floor, block.start)
        line, place = max(mark for mark in self._marks if mark[0] <= upto - count)
        for each in self._read(place):
            held = each.data.count(b"\n", each.start, each.end)
            if line + held > upto - count:
                start = _behind(each, max(0, upto - count - line))
                end = _behind(each, min(held, upto - line))
                yield each._replace(start=start, end=end, beyond=each.beyond if end == each.end else 0)
            line += held
            if line >= upto:
                return


def _behind(block: Block, lines: int) -> int:
    at = block.start
    for _ in range(lines):
        at = block.data.find(b"\n", at, block.end) + 1
    return at
