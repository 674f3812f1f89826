"""Critical lines among bytes that came too fast to be decoded: looked for as literals, then checked one by one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.adapters.finding import quick_find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.adapters.splitter import Block
    from soakctl.domain.watch import LineWatch

# A stream writes its levels in one way. The literals of the other way are looked for in one block of so many.
_SELDOM = 10
_CAPITAL_LEVEL = re.compile(r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b")
_SMALL_LEVEL = re.compile(
    r"(?P<before>[\"'=\[])(?:trace|debug|info|notice|warn|warning|error|err|crit|critical|fatal)\s*[\"'\],:\s]"
    r"|^(?:trce|dbug|debug|info|warn|warning|fail|error|crit|fatal):"
)
_LEVEL_WITHIN = 400
# A check costs some 10 microseconds; beyond this many a second the share that held so far is taken for the rest.
_CHECKS_PER_S = 500
# The level stands within this much of a line.
_CHECKED_BYTES = 2_000


class CriticalBytes:
    """Counts the critical lines of a stream's dropped bytes."""

    def __init__(self, watch: LineWatch) -> None:
        """The literals and the check are those of the watch."""
        self._literals = watch.critical_literals
        self._capitals = tuple(literal for literal in self._literals if literal.isupper())
        self._smalls = tuple(literal for literal in self._literals if not literal.isupper())
        self._seen_capital = False
        self._before: set[str] = set()  # what stands before levels in small letters
        self._blocks = 0
        self._is_critical = watch.is_critical
        self._second = -1
        self._checked = self._held = 0

    def learn(self, text: str) -> None:
        """See from a line that is looked at how the stream writes its levels."""
        head = text[:_LEVEL_WITHIN]
        self._seen_capital = self._seen_capital or _CAPITAL_LEVEL.search(head) is not None
        small = _SMALL_LEVEL.search(head)
        if small is not None:
            self._before.add(small["before"] or "")

    def count(self, block: Block, start: int, end: int, at: float) -> int:
        """How many lines of `block[start:end]` are critical. `at` is in seconds."""
        find = quick_find()
        present = [literal for literal in self._looked_for() if find(block, literal, start, end) >= 0]
        if not present:
            return 0
        if int(at) != self._second:
            self._second, self._checked, self._held = int(at), 0, 0
        held = 0
        for begin, stop in _lines_with(present, block, start, end):
            if self._checked >= _CHECKS_PER_S:
                return held + self._estimate(present, block, begin, end)
            self._checked += 1
            text = block[begin : min(stop, begin + _CHECKED_BYTES)].decode("utf-8", "replace")
            if self._is_critical(text):
                self._held += 1
                held += 1
        return held

    def _looked_for(self) -> tuple[bytes, ...]:
        self._blocks += 1
        if self._blocks % _SELDOM == 0:
            return self._literals
        # With the character before it a literal is rarer, and found in a third of the time: `"crit`, not `crit`.
        smalls = [before.encode() + literal for before in sorted(self._before) for literal in self._smalls]
        return (*(self._capitals if self._seen_capital or not smalls else ()), *smalls)

    def _estimate(self, literals: list[bytes], block: Block, start: int, end: int) -> int:
        most = max(block.count(literal, start, end) for literal in literals)
        return most * self._held // self._checked


def _lines_with(literals: list[bytes], block: Block, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the lines lie that hold one of the literals, in order."""
    following = {literal: block.find(literal, start, end) for literal in literals}
    while places := [place for place in following.values() if place >= 0]:
        place = min(places)
        begin = block.rfind(b"\n", start, place) + 1 or start
        stop = block.find(b"\n", place, end)
        stop = end if stop < 0 else stop
        yield begin, stop
        for literal, found in following.items():
            if 0 <= found < stop:
                following[literal] = block.find(literal, stop, end)
