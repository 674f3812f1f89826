"""Which lines of a block match: a text that all of them hold is found in the bytes, and those looked at closely."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from soakctl.domain.logs.block import Block
from soakctl.domain.logs.block_pattern import block_pattern
from soakctl.domain.logs.needles import ignores_case, is_plain, needles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soakctl.domain.logs.block import Data

    Find = Callable[[Data, bytes, int, int], int]

Span = tuple[int, int]
# With more finds in a block calling into C for each costs more than it saves.
_MANY = 400
# Once in so many bytes it is in so many lines that the pattern itself finds them sooner.
_COMMON = 400
# Shorter texts are in too many lines.
_RARE = 3
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


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
        self._folded = bool(self._needles) and ignores_case(pattern)
        self._plain = is_plain(pattern)
        self._dense = [False] * len(self._needles)
        self._common = False
        self._on_blocks = None if self._plain else block_pattern(pattern)
        self._rare = min(map(len, self._needles), default=0) >= _RARE

    def holds(self, text: str) -> bool:
        """Whether a line matches."""
        return self.compiled.search(text) is not None

    def lines(self, block: Block) -> Iterator[Span]:
        """See `Match`."""
        if self._plain:
            return self._likely(block)
        on_blocks = self._on_blocks
        if on_blocks is not None and (not self._rare or (self._common and not self._folded)):
            return self._by_blocks(on_blocks, block)
        if self._needles:
            likely = self._in_any_case(block) if self._folded else self._likely(block)
            return (line for line in likely if self.holds(block.text(*line)))
        return self._each(block)

    def _each(self, block: Block) -> Iterator[Span]:
        data, search, start = block.data, self.compiled.search, block.start
        texts = block.text(start, block.end - 1).split("\n") if block.end > start else []
        for text in texts:
            end = data.find(b"\n", start)
            if search(text):
                yield start, end
            start = end + 1

    def _by_blocks(self, pattern: re.Pattern[bytes], block: Block) -> Iterator[Span]:
        """Where all is ASCII a match in bytes is one in text; other lines are looked at by themselves."""
        data, at = block.data, block.start
        for start, stop in _not_ascii(block):
            yield from _found(pattern, data, at, start)
            if self.holds(block.text(start, stop)):
                yield start, stop
            at = stop + 1
        yield from _found(pattern, data, at, block.end)

    def _in_any_case(self, block: Block) -> Iterator[Span]:
        """The lines that hold a needle in any case, and all that are not ASCII, in order."""
        start = block.start
        part = block.data[start : block.end]
        lowered = Block(part.lower(), 0, 0, len(part))
        found = ((first + start, stop + start) for first, stop in self._likely(lowered))
        odd = [] if part.isascii() else list(_not_ascii(block))
        return iter(sorted({*found, *odd})) if odd else found

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
        while found < _MANY and not self._dense[place]:
            hit = find(data, needle, at, end)
            if hit < 0:
                break
            found += 1
            start, stop = data.rfind(b"\n", at, hit) + 1 or at, data.find(b"\n", hit, end)
            yield start, stop
            at = stop + 1
        else:
            search, back = data.find, data.rfind
            while (hit := search(needle, at, end)) >= 0:
                found += 1
                start = back(b"\n", at, hit) + 1 or at
                at = search(b"\n", hit, end) + 1
                yield start, at - 1
        self._dense[place] = found > _MANY
        self._common = self._common or found * _COMMON > end - block.start


def find_in_python(data: Data, text: bytes, start: int, end: int) -> int:
    """Where a text stands in `data[start:end]`; -1 where it does not."""
    return data.find(text, start, end)


def _found(pattern: re.Pattern[bytes], data: Data, at: int, end: int) -> Iterator[Span]:
    """The lines from `at` to `end` in which the pattern is found."""
    while at < end:
        found = pattern.search(data, at, end - 1)
        if found is None:
            break
        start, stop = data.rfind(b"\n", at, found.start()) + 1 or at, data.find(b"\n", found.start(), end)
        yield start, stop
        at = stop + 1


def _not_ascii(block: Block) -> Iterator[Span]:
    """The lines that hold other characters."""
    data, at, end = block.data, block.start, block.end
    if data[at:end].isascii():
        return
    while (found := _NOT_ASCII.search(data, at, end)) is not None:
        start, stop = data.rfind(b"\n", at, found.start()) + 1 or at, data.find(b"\n", found.start(), end)
        yield start, stop
        at = stop + 1


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
