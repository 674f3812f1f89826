"""Bytes into lines: the same lines however the bytes were chunked, and an endless line in constant memory."""

from __future__ import annotations

from dataclasses import dataclass

# A line longer than this is cut (100 KB).
CUT_BYTES = 100_000
# Kept beyond the cut, so that a secret that lies across it is still recognised before it is cut.
OVERLAP_BYTES = 8_192
# Read at once. Small enough to stay in the processor's cache, and below the cut, so that only the first line of a
# piece can be longer than the cut.
BLOCK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class FirstLine:
    """A line that began in an earlier block: up to the cut and the overlap, and the number of bytes not kept."""

    data: bytes
    beyond: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """The lines that a block completes: `first`, then those in `block[start:end]`, each ended by a newline."""

    first: FirstLine | None
    block: bytes
    start: int
    end: int


class Splitter:
    """Ends lines at newline, carriage return or both. What is not ended yet is kept, up to the cut and the overlap."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._open = bytearray()
        self._beyond = 0
        self._after_return = False

    @property
    def has_open_line(self) -> bool:
        """Whether a line has begun and is not ended yet."""
        return bool(self._open)

    @property
    def open_line(self) -> bytes:
        """What is kept of the line that is not ended yet."""
        return bytes(self._open)

    def feed(self, block: bytes) -> Piece:
        """Take in what was read, BLOCK_BYTES at most; what it completes."""
        block = self._with_newlines(block)
        first_end = block.find(b"\n")
        if first_end < 0:
            self._keep(block)
            return Piece(None, block, 0, 0)
        start, first = 0, None
        if self._open:
            self._keep(block[:first_end])
            start, first = first_end + 1, self._take()
        end = block.rfind(b"\n") + 1
        self._keep(block[end:])
        return Piece(first, block, start, end)

    def finish(self) -> FirstLine | None:
        """The last line, if the bytes ended without a newline."""
        self._after_return = False
        return self._take() if self._open else None

    def _with_newlines(self, block: bytes) -> bytes:
        if self._after_return and block:
            self._after_return = False
            block = block.removeprefix(b"\n")
        if b"\r" in block:
            self._after_return = block.endswith(b"\r")
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return block

    def _keep(self, data: bytes) -> None:
        room = CUT_BYTES + OVERLAP_BYTES - len(self._open)
        self._open += data[:room]
        self._beyond += max(0, len(data) - room)

    def _take(self) -> FirstLine:
        line = FirstLine(bytes(self._open), self._beyond)
        self._open.clear()
        self._beyond = 0
        return line
