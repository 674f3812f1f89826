"""Lines at a level or above, and what belongs to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.logs.heads import Heads
from soakctl.domain.logs.levels import Level, dies_by_itself, is_dying_word, line_level
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
        self._own = Level.ERROR  # the record's; it tells what is raised right behind it
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
        self._own = Level.ERROR if level is None else level

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
        dying = level is None and self.level <= Level.ERROR and is_dying_word(body)
        self.begins = level is not None or (dying and not self._is_of_warning(block, start, body))
        self._inside = self.begins
        if self.begins:
            self._begin(level, bytes(block.data[start : min(stop, start + _HEAD)]))

    def _is_of_warning(self, block: Block, start: int, body: str) -> bool:
        """Whether an exception belongs to a warning, which is not wanted itself."""
        bodies, level = [body], None
        while level is None and len(bodies) < _BACK and start > block.floor:
            stop = start - 1
            start = block.line_start(stop)
            bodies.append(body_of(block.text(start, min(stop, start + _HEAD))))
            level = self._heads.level(block.data, start, stop)
        if level is not Level.WARNING or level >= self.level:
            return False
        record = Record()
        record.begin(bodies.pop())
        return all(not dies_by_itself(each, level) and record.takes(each) for each in reversed(bodies))

    def _goes_on(self, body: str) -> bool:
        if self._head is not None:
            self._record.begin(body_of(self._head.decode("utf-8", "replace")))
            self._head = None
        mild = self._own < Level.ERROR
        return not (mild and dies_by_itself(body, self._own)) and self._record.takes(body)

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
