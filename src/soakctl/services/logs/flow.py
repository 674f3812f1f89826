"""From pieces to the screen: put in order, the last ones kept, cleaned, and handed on in lots."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from soakctl.services.logs.piece import Piece
    from soakctl.services.logs.shown import Cleaner

_LOT_BYTES = 128 * 1024
# Of the last lines so much is held; a piece takes about as much beside its lines.
_HELD = 16 * 1024 * 1024
_PIECE_BYTES = 300
_STEP = 4_096


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
    """Keeps the last lines of what comes, in little more memory than they take themselves.

    Attributes:
        count: how many lines came.
        held_bytes: what is kept, about.
    """

    def __init__(self, lines: int) -> None:
        """Of all logs together."""
        self.count = self.held_bytes = 0
        self._lines = lines
        self._kept: deque[tuple[Piece, int]] = deque()
        self._held = 0

    def add(self, piece: Piece) -> None:
        """What comes next."""
        count = piece.data.count(b"\n")
        if not count:
            return
        self._kept.append((piece, count))
        self.count += count
        self._held += count
        self.held_bytes += len(piece.data) + _PIECE_BYTES
        while self._kept and self._held - self._kept[0][1] >= self._lines:
            first, count = self._kept.popleft()
            self._held -= count
            self.held_bytes -= len(first.data) + _PIECE_BYTES

    def drop(self) -> None:
        """Keep none of them; go on counting."""
        self._kept.clear()
        self._held = self.held_bytes = 0

    def __iter__(self) -> Iterator[Piece]:
        """What is kept, in order."""
        return behind((piece for piece, _ in self._kept), self._held - self._lines)


def behind(pieces: Iterable[Piece], lines: int, most: int | None = None) -> Iterator[Piece]:
    """What comes behind the first `lines`, `most` of it."""
    for each in pieces:
        piece, count = each, each.data.count(b"\n")
        if count <= lines:
            lines -= count
            continue
        if lines > 0:
            count -= lines
            piece = each._replace(data=each.data[_nth(each.data, lines) :], apart=False)
            lines = 0
        if most is not None and count >= most:
            end = _nth(piece.data, most)
            yield piece._replace(data=piece.data[:end], beyond=piece.beyond if end == len(piece.data) else 0)
            return
        most = None if most is None else most - count
        yield piece


def last_of(
    read: Callable[[], Iterable[Piece]], lines: int, *, again: bool, most_bytes: int = _HELD
) -> Iterator[Piece]:
    """The last lines of all that `read` gives.

    Where it can be called `again`, no more than `most_bytes` are held: what is more is only counted at first, and
    read a second time.
    """
    kept, fits = LastLines(lines), True
    for piece in read():
        kept.add(piece)
        if again and kept.held_bytes > most_bytes:
            fits = False
            kept.drop()
    yield from kept if fits else behind(read(), kept.count - lines, lines)


def _nth(data: bytes, lines: int) -> int:
    """Where the first `lines` lines end."""
    at = 0
    while lines > 0:
        step = data[at : at + _STEP].count(b"\n")
        if step <= lines and at + _STEP < len(data):
            lines, at = lines - step, at + _STEP
            if not lines:
                return data.rfind(b"\n", 0, at) + 1
            continue
        for _ in range(lines):
            at = data.find(b"\n", at) + 1
        return at
    return at
