"""Bytes into lines: the same lines however the bytes were chunked, and an endless line in constant memory."""

from __future__ import annotations

from dataclasses import dataclass

Block = bytes | bytearray

# A line longer than this is cut (100 KB).
CUT_BYTES = 100_000
# Kept beyond the cut, so that a secret that lies across it is still recognised before it is cut.
OVERLAP_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line's bytes up to the cut and the overlap, and the number of those beyond."""

    data: bytes
    beyond: int = 0

    @property
    def size(self) -> int:
        """The length of the whole line."""
        return len(self.data) + self.beyond


@dataclass(frozen=True, slots=True)
class Piece:
    """The lines that a block completes: `first`, begun in an earlier block, then those in `block[start:end]`.

    Each of the latter is ended by a newline.
    """

    first: RawLine | None
    block: Block
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

    def feed(self, block: Block, size: int) -> Piece:
        """Take in the first `size` bytes of the block; what they complete. The block may be used again afterwards."""
        if self._after_return or block.find(b"\r", 0, size) >= 0:
            block = self._with_newlines(bytes(block[:size]))
            size = len(block)
        first_end = block.find(b"\n", 0, size)
        if first_end < 0:
            self._keep(block, 0, size)
            return Piece(None, block, 0, 0)
        start, first = 0, None
        if self._open:
            self._keep(block, 0, first_end)
            start, first = first_end + 1, self._take()
        end = block.rfind(b"\n", 0, size) + 1
        self._keep(block, end, size)
        return Piece(first, block, start, end)

    def finish(self) -> RawLine | None:
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

    def _keep(self, block: Block, start: int, end: int) -> None:
        room = CUT_BYTES + OVERLAP_BYTES - len(self._open)
        self._open += block[start : min(end, start + room)]
        self._beyond += max(0, end - start - room)

    def _take(self) -> RawLine:
        line = RawLine(bytes(self._open), self._beyond)
        self._open.clear()
        self._beyond = 0
        return line
