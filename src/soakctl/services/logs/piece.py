"""Lines that were chosen, on their way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from soakctl.services.logs.earlier import Earlier
from soakctl.services.logs.match import find_in_python
from soakctl.services.logs.prepare import prepared
from soakctl.services.logs.select import Chooser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soakctl.domain.logs.block import Block, Data
    from soakctl.domain.logs.times import Times
    from soakctl.redact import LineRedactor
    from soakctl.services.logs.earlier import ReadFrom
    from soakctl.services.logs.match import Find
    from soakctl.services.logs.select import Chosen, Question


class Piece(NamedTuple):
    """Lines of one log, as they were written: nothing is hidden in them yet.

    Attributes:
        log: the name of the log.
        data: whole lines.
        matches: whether they were asked for, or only stand beside such lines.
        apart: lines were left out before them, and neighbours were asked for.
        beyond: bytes of the last line that were left out because it is too long.
        unix: when the first of them was logged, or a line before it; never less than that of the piece before.
    """

    log: str
    data: bytes
    matches: bool = True
    apart: bool = False
    beyond: int = 0
    unix: float = 0.0


class Pieces:
    """What is chosen of one log, block by block."""

    def __init__(
        self,
        log: str,
        question: Question,
        times: Times,
        *,
        keys: Callable[[], LineRedactor],
        timed: bool,
        find: Find = find_in_python,
        read_from: ReadFrom | None = None,
        lacks: Callable[[int], None] = lambda _lines: None,
    ) -> None:
        """With `timed` each piece is a line with a time, and those behind it without; else as long as can be.

        `read_from` reads the file again from a place on; without it `lacks` is told how many neighbours are missing.
        """
        self._log = log
        self._chooser = Chooser(question, times)
        self._times = times
        self._keys = keys
        self._timed = timed
        self._find = find
        self._unix = 0.0
        self._earlier = Earlier(read_from, lines=question.before) if read_from and question.before else None
        self._lacks = lacks

    @property
    def pause(self) -> Piece:
        """Nothing: what was chosen so far is to be shown now."""
        return Piece(self._log, b"", unix=self._unix)

    def of(self, block: Block) -> Iterator[Piece]:
        """What is chosen of the block."""
        block = prepared(block, self._keys, self._find)
        parts: list[Data] = []
        matches, apart, stop = True, False, 0
        for found in self._chooser.choose(block):
            chosen = found
            if chosen.missing:
                if parts:
                    yield from self._piece(b"".join(parts), 0, matches=matches, apart=apart)
                    parts = []
                yield from self._before(block, chosen)
                chosen = chosen._replace(apart=self._earlier is None and self._chooser.begun)
            if parts and (self._timed or chosen.apart or chosen.matches is not matches):
                yield from self._piece(b"".join(parts), 0, matches=matches, apart=apart)
                parts = []
            if not parts:
                matches, apart = chosen.matches, chosen.apart
            stop = chosen.stop
            parts.append(block.data[chosen.start : stop])
        if parts:
            beyond = block.beyond if stop == block.end else 0
            yield from self._piece(b"".join(parts), beyond, matches=matches, apart=apart)
        if self._earlier is not None:
            self._earlier.passed(block)

    def _before(self, block: Block, chosen: Chosen) -> Iterator[Piece]:
        """The neighbours that the block does not hold any more."""
        if self._earlier is None:
            self._lacks(chosen.missing)
            return
        apart = chosen.apart
        for each in self._earlier.lines(block, chosen.missing):
            shown = prepared(each, self._keys, self._find)
            data = bytes(shown.data[shown.start : shown.end])
            yield from self._piece(data, shown.beyond, matches=False, apart=apart)
            apart = False

    def _piece(self, data: bytes, beyond: int, *, matches: bool, apart: bool) -> Iterator[Piece]:
        piece = Piece(self._log, data, matches, apart, beyond)
        return self._by_time(piece) if self._timed else iter((piece,))

    def _by_time(self, piece: Piece) -> Iterator[Piece]:
        data, begun, at, unix = piece.data, 0, 0, self._unix
        while at < len(data):
            end = data.find(b"\n", at)
            found = self._times.unix(data[at : min(end, at + 4_000)].decode("utf-8", "replace"))
            if found is not None:
                if at > begun:
                    yield piece._replace(data=data[begun:at], apart=piece.apart and begun == 0, beyond=0, unix=unix)
                    begun = at
                unix = max(unix, found)
            at = end + 1
        self._unix = unix
        yield piece._replace(data=data[begun:], apart=piece.apart and begun == 0, unix=unix)
