"""The bytes of a followed file as blocks of whole lines, as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.adapters.logs.blocks import Blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.adapters.splitter import Block as Bytes
    from soakctl.domain.logs.block import Block

# More than a line is shown of: what is cut is then counted right.
_BLOCK_BYTES = 128 * 1024


class LineFeed:
    """Takes bytes, and hands on the lines that they complete."""

    def __init__(self, take: Callable[[Block], None], *, lead: int = 0, keep_lines: int = 0) -> None:
        """`lead` bytes at the beginning are only there to be looked back at."""
        self._take = take
        self._lead = lead
        self._keep_lines = keep_lines
        self._pending = memoryview(b"")
        self._blocks = Blocks(self, keep_lines=keep_lines, block_bytes=_BLOCK_BYTES)

    @property
    def at_line_start(self) -> bool:
        """Whether the next byte begins a line."""
        return self._blocks.open_bytes == 0

    @property
    def can_peek(self) -> bool:
        """A line is shown once it is whole."""
        return False

    @property
    def open_bytes(self) -> int:
        """How much was read of a line that is not ended yet."""
        return self._blocks.open_bytes

    def readinto(self, buffer: memoryview, /) -> int:
        """For `Blocks`: what was fed and is not taken yet."""
        count = min(len(buffer), len(self._pending))
        buffer[:count] = self._pending[:count]
        self._pending = self._pending[count:]
        return count

    def feed(self, block: Bytes, size: int, _at: float) -> None:
        """Take in the first `size` bytes of the block."""
        self._pending = memoryview(bytes(block[:size]))
        if self._lead:
            self._blocks.look_back(self._lead)
            self._lead = self._lead if self._blocks.looked_back < self._lead else 0
        for each in self._blocks.ready():
            self._take(each)

    def peek(self, _at: float) -> None:
        """Nothing is shown of a line that is not whole."""

    def finish(self, _at: float) -> None:
        """What is open is the last line; another file's beginning may follow."""
        for each in self._blocks.rest():
            self._take(each)
