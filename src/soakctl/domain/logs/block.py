"""A block of whole lines, as they lie in one buffer."""

from __future__ import annotations

from typing import NamedTuple

Data = bytes | bytearray


class Block(NamedTuple):
    r"""Whole lines, and those before them to look back at. Holds only until the next one is read.

    Attributes:
        data: the buffer.
        floor: where the first line begins that may be looked back at; those before `start` were in an earlier block.
        start: where the new lines begin.
        end: where they end, behind a newline.
        beyond: bytes of the last line that were left out because it is too long.
        stop_at: how far the file was read up to `end`.
    """

    data: Data
    floor: int
    start: int
    end: int
    beyond: int = 0
    stop_at: int = -1

    def line_start(self, at: int) -> int:
        """Where the line that holds `at` begins."""
        return max(self.data.rfind(b"\n", self.floor, at) + 1, self.floor)

    def line_end(self, at: int) -> int:
        """Where the line that holds `at` ends: the place of its newline."""
        return self.data.find(b"\n", at, self.end)

    def text(self, start: int, end: int) -> str:
        """A part of it as text."""
        return self.data[start:end].decode("utf-8", "replace")
