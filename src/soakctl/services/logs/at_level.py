"""Lines at a level or above, and what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.logs.heads import Heads
from soakctl.domain.logs.levels import Level, line_level
from soakctl.domain.logs.records import Record, body_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.logs.block import Block
    from soakctl.services.logs.match import Span

_BACK = 300


class AtLeast:
    """Records at a level or above: their first lines, and the lines of tracebacks and indented text behind them."""

    def __init__(self, level: Level) -> None:
        """Nothing was read yet."""
        self.level = level
        self._heads = Heads()
        self._record = Record()
        self._inside = False

    def holds(self, text: str) -> bool:
        """Whether a line by itself is at the level."""
        level = line_level(body_of(text))
        return level is not None and level >= self.level

    def lines(self, block: Block) -> Iterator[Span]:
        """See `Match`."""
        data, end, at = block.data, block.end, block.start
        heads, least = self._heads, self.level
        while at < end:
            if not self._inside:
                at = heads.skip_below(least, data, at, end)
                if at >= end:
                    break
            stop = data.find(b"\n", at, end)
            level = heads.level(data, at, stop)
            if level is not None and level >= least:
                self._inside = True
                self._record.begin(body_of(block.text(at, min(stop, at + 400))))
                yield at, stop
            elif self._inside:
                self._inside = level is None and self._record.takes(body_of(block.text(at, min(stop, at + 400))))
                if self._inside:
                    yield at, stop
            at = stop + 1

    def record_holds(self, block: Block, start: int, stop: int) -> bool:
        """Whether the record that a line belongs to is at the level."""
        level = self._heads.level(block.data, start, stop)
        if level is not None:
            return level >= self.level
        lines = [(start, stop)]
        for _ in range(_BACK):
            if lines[-1][0] <= block.floor:
                return False
            before = block.line_start(lines[-1][0] - 1)
            lines.append((before, lines[-1][0] - 1))
            level = self._heads.level(block.data, *lines[-1])
            if level is not None:
                break
        if level is None or level < self.level:
            return False
        record = Record()
        record.begin(body_of(block.text(*lines.pop())))
        return all(record.takes(body_of(block.text(*line))) for line in reversed(lines))
