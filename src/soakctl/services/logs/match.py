"""Which lines of a block match: a text that all of them hold is found in the bytes, and those looked at closely."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from soakctl.domain.logs.needles import is_plain, needles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soakctl.domain.logs.block import Block, Data

    Find = Callable[[Data, bytes, int, int], int]

Span = tuple[int, int]
# With more finds in a block calling into C for each costs more than it saves.
_MANY = 400


class Match(Protocol):
    """A question that is asked of every line."""

    def lines(self, block: Block) -> Iterator[Span]:
        """Where the lines lie that match, in order: from the first byte to the newline."""
        ...

    def holds(self, text: str) -> bool:
        """Whether a line matches."""
        ...


class Pattern:
    """A regular expression, as Python's `re` knows them, on lines."""

    def __init__(self, pattern: str, *, find: Callable[[Data, bytes, int, int], int]) -> None:
        """Raises re.error."""
        self.compiled = re.compile(pattern)
        self._find = find
        self._needles = tuple(text.encode("utf-8", "surrogateescape") for text in needles(pattern))
        self._plain = is_plain(pattern)
        self._dense = False

    def holds(self, text: str) -> bool:
        """Whether a line matches."""
        return self.compiled.search(text) is not None

    def lines(self, block: Block) -> Iterator[Span]:
        """See `Match`."""
        if not self._needles:
            return self._each(block)
        return self._single(block) if len(self._needles) == 1 else self._several(block)

    def _each(self, block: Block) -> Iterator[Span]:
        data, search, start = block.data, self.compiled.search, block.start
        texts = block.text(start, block.end - 1).split("\n") if block.end > start else []
        for text in texts:
            end = data.find(b"\n", start)
            if search(text):
                yield start, end
            start = end + 1

    def _single(self, block: Block) -> Iterator[Span]:
        data, end, needle = block.data, block.end, self._needles[0]
        at, found = block.start, 0
        while True:
            dense = self._dense or found > _MANY
            place = data.find(needle, at, end) if dense else self._find(data, needle, at, end)
            if place < 0:
                break
            found += 1
            start, stop = max(data.rfind(b"\n", at, place) + 1, at), data.find(b"\n", place, end)
            if self._plain or self.holds(block.text(start, stop)):
                yield start, stop
            at = stop + 1
        self._dense = found > _MANY

    def _several(self, block: Block) -> Iterator[Span]:
        data, end, at = block.data, block.end, block.start
        following = {needle: self._find(data, needle, at, end) for needle in self._needles}
        while places := [place for place in following.values() if place >= 0]:
            place = min(places)
            start, stop = max(data.rfind(b"\n", at, place) + 1, at), data.find(b"\n", place, end)
            if self.holds(block.text(start, stop)):
                yield start, stop
            at = stop + 1
            for needle, found in following.items():
                if 0 <= found < at:
                    following[needle] = data.find(needle, at, end)


class Everything:
    """Every line."""

    def holds(self, _text: str) -> bool:
        """It does."""
        return True

    def lines(self, block: Block) -> Iterator[Span]:
        """See `Match`."""
        at = block.start
        while at < block.end:
            stop = block.line_end(at)
            yield at, stop
            at = stop + 1
