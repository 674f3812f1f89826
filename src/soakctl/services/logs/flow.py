"""From pieces to the screen: put in order, the last ones kept, cleaned, and handed on in lots."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from soakctl.services.logs.piece import Piece
    from soakctl.services.logs.shown import Cleaner

_LOT_BYTES = 128 * 1024


class Sink(Protocol):
    """Where lines go that may be shown. It is only told of lines that are clean."""

    def lines(self, log: str, data: bytes, *, matches: bool) -> None:
        """Whole lines of one log."""
        ...

    def apart(self) -> None:
        """Lines are left out between those before and those that follow."""
        ...

    def flush(self) -> None:
        """Whoever looks should see what was shown so far."""
        ...

    @property
    def is_left(self) -> bool:
        """Whether nobody reads it any more."""
        ...


class Flow:
    """Cleans pieces in lots, and hands them to a sink."""

    def __init__(self, sink: Sink, cleaner: Cleaner) -> None:
        """Nothing has come yet."""
        self._sink = sink
        self._cleaner = cleaner
        self._lot: list[bytes] = []
        self._size = 0
        self._log, self._matches = "", True

    def take(self, piece: Piece) -> bool:
        """Show a piece, now or a little later. False once nobody looks any more."""
        if not piece.data:
            self.flush()
            return not self._sink.is_left
        alike = piece.log == self._log and piece.matches is self._matches
        if piece.apart or not alike or self._size > _LOT_BYTES:
            self._put()
        if piece.apart:
            self._sink.apart()
        self._log, self._matches = piece.log, piece.matches
        self._lot.append(piece.data)
        self._size += len(piece.data)
        if piece.beyond:
            self._put(piece.beyond)
        return not self._sink.is_left

    def flush(self) -> None:
        """Show everything that has come."""
        self._put()
        self._sink.flush()

    def _put(self, beyond: int = 0) -> None:
        if self._lot:
            data, self._lot, self._size = b"".join(self._lot), [], 0
            self._sink.lines(self._log, self._cleaner.lines(data, beyond=beyond), matches=self._matches)


def merged(flows: Sequence[Iterable[Piece]]) -> Iterator[Piece]:
    """Several logs as one, by time. Needs pieces that were made `timed`."""
    return iter(flows[0]) if len(flows) == 1 else heapq.merge(*flows, key=lambda piece: piece.unix)


class LastLines:
    """Keeps the last lines of what comes."""

    def __init__(self, lines: int) -> None:
        """Of all logs together."""
        self._lines = lines
        self._kept: deque[Piece] = deque(maxlen=max(lines, 1))

    def add(self, piece: Piece) -> None:
        """What comes next."""
        end = len(piece.data)
        rows: list[Piece] = []
        while end > 0 and len(rows) < self._lines:
            start = piece.data.rfind(b"\n", 0, end - 1) + 1
            beyond = piece.beyond if end == len(piece.data) else 0
            rows.append(piece._replace(data=piece.data[start:end], apart=piece.apart and start == 0, beyond=beyond))
            end = start
        self._kept.extend(reversed(rows))

    def __iter__(self) -> Iterator[Piece]:
        """What is kept, in order."""
        return iter(self._kept if self._lines else ())


def last_of(pieces: Iterable[Piece], lines: int) -> Iterator[Piece]:
    """The last lines of all."""
    kept = LastLines(lines)
    for piece in pieces:
        kept.add(piece)
    yield from kept
