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
        self._dense = [False] * len(self._needles)

    def holds(self, text: str) -> bool:
        """Whether a line matches."""
        return self.compiled.search(text) is not None

    def lines(self, block: Block) -> Iterator[Span]:
        """See `Match`."""
        if not self._needles:
            return self._each(block)
        if self._plain:
            return self._likely(block)
        return (line for line in self._likely(block) if self.holds(block.text(*line)))

    def _each(self, block: Block) -> Iterator[Span]:
        data, search, start = block.data, self.compiled.search, block.start
        texts = block.text(start, block.end - 1).split("\n") if block.end > start else []
        for text in texts:
            end = data.find(b"\n", start)
            if search(text):
                yield start, end
            start = end + 1

    def _likely(self, block: Block) -> Iterator[Span]:
        """The lines that hold a needle, in order."""
        first, *others = (self._with(needle, place, block) for place, needle in enumerate(self._needles))
        if not others:
            return first
        return iter(sorted({*first, *(line for found in others for line in found)}))

    def _with(self, needle: bytes, place: int, block: Block) -> Iterator[Span]:
        """The lines that hold one needle."""
        data, end, at, found = block.data, block.end, block.start, 0
        find = self._find
        while True:
            if found == _MANY or (not found and self._dense[place]):
                find = find_in_python
            hit = find(data, needle, at, end)
            if hit < 0:
                break
            found += 1
            start, stop = data.rfind(b"\n", at, hit) + 1 or at, data.find(b"\n", hit, end)
            yield start, stop
            at = stop + 1
        self._dense[place] = found > _MANY


def find_in_python(data: Data, text: bytes, start: int, end: int) -> int:
    """Where a text stands in `data[start:end]`; -1 where it does not."""
    return data.find(text, start, end)


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
