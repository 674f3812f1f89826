"""The bytes of a followed file as blocks of whole lines, as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.adapters.logs.blocks import Blocks
from soakctl.adapters.logs.decoded import Decoder, encoding_of, may_begin_mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.adapters.splitter import Block as Bytes
    from soakctl.domain.logs.block import Block

# More than a line is shown of: what is cut is then counted right.
_BLOCK_BYTES = 128 * 1024
# The mark of UTF-32 whose zeros were taken for a hole; no text of UTF-16 goes on like this.
_CUT_MARK = b"\xfe\xff\0\0"


class LineFeed:
    """Takes bytes, and hands on the lines that they complete, as UTF-8 whatever the mark of the file says."""

    def __init__(
        self, take: Callable[[Block], None], *, lead: int = 0, keep_lines: int = 0, head: bytes | None = None
    ) -> None:
        """`lead` bytes at the beginning are only there to be looked back at.

        `head` is how the file begins, of which what is fed first may be a later part; None for UTF-8.
        """
        self._likely = encoding_of(head or b"")
        self._decoder: Decoder | None = None
        self._first: bytes | None = None  # held back until it is known whether it is a mark
        if head is not None and may_begin_mark(head):
            self._first = b""
        elif self._likely is not None:
            self._decoder = Decoder(self._likely)
        self._take = take
        self._lead = lead
        self._keep_lines = keep_lines
        self._pending = memoryview(b"")
        self._blocks = Blocks(self, keep_lines=keep_lines, block_bytes=_BLOCK_BYTES)

    @property
    def at_line_start(self) -> bool:
        """Whether the next byte begins a line, and a NUL byte there says nothing."""
        return self._decoder is None and not self._first and self._blocks.open_bytes == 0

    @property
    def can_peek(self) -> bool:
        """A line is shown once it is whole."""
        return False

    @property
    def open_bytes(self) -> int:
        """How much was read of a line that is not ended yet."""
        if self._decoder is not None and (self._blocks.open_bytes or not self._blocks.is_skipping):
            return self._decoder.open_bytes
        return self._blocks.open_bytes + len(self._first or b"")

    def readinto(self, buffer: memoryview, /) -> int:
        """For `Blocks`: what was fed and is not taken yet."""
        count = min(len(buffer), len(self._pending))
        buffer[:count] = self._pending[:count]
        self._pending = self._pending[count:]
        return count

    def feed(self, block: Bytes, size: int, _at: float) -> None:
        """Take in the first `size` bytes of the block."""
        data = bytes(block[:size])
        if self._first is not None:
            data = self._first + data
            self._first = data if may_begin_mark(data) or _CUT_MARK.startswith(data) else None
            if self._first is not None:
                return
            data = self._known(data)
        self._take_in(data if self._decoder is None else self._decoder.decode(data))

    def _known(self, data: bytes) -> bytes:
        """What was fed first; from now on it is known how it is written."""
        if data.startswith(_CUT_MARK):
            data = b"\0\0" + data
        encoding = encoding_of(data) or self._likely
        self._decoder = None if encoding is None else Decoder(encoding)
        return data

    def _take_in(self, data: bytes) -> None:
        self._pending = memoryview(data)
        if self._lead:
            self._blocks.look_back(self._lead)
            self._lead = self._lead if self._blocks.looked_back < self._lead else 0
        for each in self._blocks.ready():
            self._take(each)

    def peek(self, _at: float) -> None:
        """Nothing is shown of a line that is not whole."""

    def finish(self, _at: float) -> None:
        """What is open is the last line; another file's beginning may follow."""
        if self._decoder is not None:
            self._take_in(self._decoder.decode(b"", final=True))
        elif self._first:
            self._take_in(self._first)
        for each in self._blocks.rest():
            self._take(each)
        self._decoder, self._first, self._likely = None, b"", None
