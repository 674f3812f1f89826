"""Reads whatever it is as blocks of whole lines, in constant memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from soakctl.domain.logs.block import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

# Fits into the second cache of most machines together with what is done to it.
BLOCK_BYTES = 512 * 1024
_MOST_KEPT = 4 * 1024 * 1024
# Enough to tell whether a line lies within a private key, and to which record it belongs.
KEPT_LINES = 300


class Readable(Protocol):
    """An unbuffered file."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Read what is there into the buffer; 0 at the end."""
        ...


class Blocks:
    """The lines of a file, block by block. Each block's buffer is used again for the next one.

    Attributes:
        read_bytes: how much was read.
    """

    def __init__(self, file: Readable, *, keep_lines: int = KEPT_LINES, block_bytes: int = BLOCK_BYTES) -> None:
        """`keep_lines` of what went before can be looked back at in each block, up to a few MB."""
        self.read_bytes = 0
        self._file = file
        self._keep_lines = max(keep_lines, KEPT_LINES)
        self._size = block_bytes
        self._buffer = bytearray(block_bytes * 3)
        self._floor = self._start = self._end = 0  # looked at up to `start`, filled up to `end`
        self._beyond = 0
        self._skipping = False

    def __iter__(self) -> Iterator[Block]:
        """Read to the end; a last line without newline is one as well. Raises OSError."""
        yield from self.ready()
        yield from self.rest()

    def ready(self) -> Iterator[Block]:
        """Read what is there, up to the last newline. Raises OSError."""
        goes_on = True
        while goes_on:
            goes_on = self._fill()
            if self._skipping and not self._skip():
                continue
            stop = self._buffer.rfind(b"\n", self._start, self._end) + 1
            if stop:
                yield self._block(stop)
            elif self._end - self._start >= self._size:
                stop, goes_on = self._end_long_line()
                self._skipping = not goes_on
                yield self._block(stop)

    def rest(self) -> Iterator[Block]:
        """The last line, if it has no newline; no more will come."""
        if self._end > self._start and not self._skipping:
            self._buffer[self._end] = 10  # a newline, which the last line lacks
            self._end += 1
            yield self._block(self._end)
        self._skipping = False

    @property
    def is_skipping(self) -> bool:
        """Whether what comes belongs to a line that was too long, and was handed on."""
        return self._skipping

    @property
    def open_bytes(self) -> int:
        """How much was read of a line that is not ended yet."""
        return self._end - self._start

    def _skip(self) -> bool:
        """Leave out what still comes of a line that was too long; whether it has ended."""
        place = self._buffer.find(b"\n", self._start, self._end)
        if place < 0:
            self._end = self._start
            return False
        rest = self._buffer[place + 1 : self._end]
        self._buffer[self._start : self._start + len(rest)] = rest
        self._end, self._skipping = self._start + len(rest), False
        return True

    def look_back(self, size: int) -> None:
        """The first `size` bytes are only there to be looked back at; to be called first. Raises OSError."""
        while self._end < size and self._fill():
            pass
        self._start = min(size, self._end)

    @property
    def looked_back(self) -> int:
        """How much there is to be looked back at."""
        return self._start - self._floor

    def _block(self, stop: int) -> Block:
        block = Block(self._buffer, self._floor, self._start, stop, self._beyond, self.read_bytes - self._end + stop)
        self._start, self._beyond = stop, 0
        return block

    def _fill(self) -> bool:
        """Read more behind what is there. False at the end."""
        if len(self._buffer) - self._end <= self._size // 2:
            self._make_room()
        count = self._read(self._end)
        self._end += count
        return count > 0

    def _make_room(self) -> None:
        """Move what is still needed to the front, and have room for a block behind it."""
        floor = self._start
        for _ in range(self._keep_lines):
            before = self._buffer.rfind(b"\n", self._floor, max(floor - 1, self._floor)) + 1
            if floor <= self._floor or self._start - before > _MOST_KEPT:
                break
            floor = before or self._floor
        kept = self._buffer[floor : self._end]
        if len(kept) + 2 * self._size > len(self._buffer):
            self._buffer = bytearray(len(kept) + 3 * self._size)
        self._buffer[: len(kept)] = kept
        self._floor, self._start, self._end = 0, self._start - floor, len(kept)

    def _end_long_line(self) -> tuple[int, bool]:
        """End the line after what fits and read the rest of it away: where that is, and whether more follows."""
        self._make_room()
        line_end = self._start + self._size
        self._beyond = count = self._end - line_end
        newline = -1
        while newline < 0:
            newline = self._buffer.find(b"\n", line_end, line_end + count)
            if newline < 0:
                count = self._read(line_end)
                self._beyond += count
                if not count:
                    break
        rest = bytes(self._buffer[newline + 1 : line_end + count]) if count else b""
        self._beyond -= len(rest) + 1 if count else 0
        self._buffer[line_end : line_end + 1 + len(rest)] = b"\n" + rest
        self._end = line_end + 1 + len(rest)
        return line_end + 1, count > 0

    def _read(self, at: int) -> int:
        with memoryview(self._buffer) as view:
            count = self._file.readinto(view[at : len(self._buffer) - 1]) or 0
        self.read_bytes += count
        return count
