"""Lines at a level or above, and what belongs to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.logs.heads import Heads
from soakctl.domain.logs.levels import Level, is_dying_word, line_level
from soakctl.domain.logs.records import Record, body_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.logs.block import Block
    from soakctl.services.logs.match import Span

_BACK = 300
_HEAD = 400
_INDENTS = b" \t"
# What a collector puts before a line may begin so; what is behind it may be indented.
_PREFIXED = re.compile(rb"[A-Z][a-z]{2} |[0-9]{4}-|[\w.\x80-\xff-]{1,60} +\|")


class AtLeast:
    """Records at a level or above: their first lines, and the lines of tracebacks and indented text behind them.

    Attributes:
        begins: whether the line that `lines` gave last begins a record.
        said: the level of the last record, None where it says none.
    """

    def __init__(self, level: Level) -> None:
        """Nothing was read yet."""
        self.level = level
        self._heads = Heads()
        self._record = Record()
        self._head: bytes | None = None
        self._inside = False
        self._mild = False  # the record is below ERROR: what is raised right behind it is an error of its own
        self.begins = False
        self.said: Level | None = None

    def holds(self, text: str) -> bool:
        """Whether a line by itself is at the level."""
        level = line_level(body_of(text))
        return level is not None and level >= self.level

    def lines(self, block: Block) -> Iterator[Span]:
        """See `Match`."""
        data, end, at = block.data, block.end, block.start
        heads, least, plain, odd = self._heads, self.level, True, -1
        skip = heads.skipping(least, data, end)
        while at < end:
            if self._inside:
                plain = data[at] not in _INDENTS and _PREFIXED.match(data, at, end) is None
            if at != odd and (plain or not self._inside):
                odd = skip(at)
                if odd > at:
                    self._inside, at = False, odd  # what is below the level, and not indented, ends the record
                    continue
            stop = data.find(b"\n", at, end)
            # An indented line needs no look at its level, which takes long.
            indented = self._inside and data[at] in _INDENTS
            if indented and self._goes_on(block.text(at, min(stop, at + _HEAD))):
                self.begins = False
            else:
                level = heads.level(data, at, stop)
                if level is not None and level >= least and (plain or not self._inside):
                    self._begin(level, bytes(data[at : min(stop, at + _HEAD)]))
                else:
                    self._look(level, block, at, stop)
            if self._inside:
                yield at, stop
            at = stop + 1

    def _begin(self, level: Level | None, head: bytes) -> None:
        """A record begins; its first line is only looked at once it matters."""
        self.begins = self._inside = True
        self._head = head
        self.said = level
        self._mild = level is not None and level < Level.ERROR

    def _look(self, level: Level | None, block: Block, start: int, stop: int) -> None:
        """See whether the next line is one of those that are wanted."""
        if level is not None and level < self.level and not self._inside:
            return
        body = body_of(block.text(start, min(stop, start + _HEAD)))
        if self._inside and (level is None or body[:1] in {" ", "\t"}) and self._goes_on(body):
            self.begins = False
            return
        if level is not None and level < self.level:
            self._inside = False
            return
        self.begins = level is not None or (self.level <= Level.ERROR and is_dying_word(body))
        self._inside = self.begins
        if self.begins:
            self._begin(level, bytes(block.data[start : min(stop, start + _HEAD)]))

    def _goes_on(self, body: str) -> bool:
        if self._head is not None:
            self._record.begin(body_of(self._head.decode("utf-8", "replace")))
            self._head = None
        return not (self._mild and is_dying_word(body)) and self._record.takes(body)

    def record_holds(self, block: Block, start: int, stop: int) -> bool:
        """Whether the record that a line belongs to is at the level."""
        lines = [(start, stop)]
        while self._heads.level(block.data, *lines[-1]) is None and len(lines) < _BACK and lines[-1][0] > block.floor:
            end = lines[-1][0] - 1
            lines.append((block.line_start(end), end))
        replayed = AtLeast(self.level)
        for each in reversed(lines):
            replayed._look(self._heads.level(block.data, *each), block, *each)
        return replayed._inside
