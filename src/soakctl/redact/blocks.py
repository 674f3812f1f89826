"""Redacts a block of lines: looks closely only at the lines in which something was sighted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from soakctl.redact.lines import Lines, Marks
from soakctl.redact.pem import PemLines
from soakctl.redact.rule import Hit, ShapeRule, Tier
from soakctl.redact.scan import line_end, sightings

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from soakctl.redact.rule import Finder
    from soakctl.redact.scan import Sighting

# Two are enough for all but contrived input.
_MOST_LOOKS = 4


class Extra(NamedTuple):
    """A pattern of the user's own; its group `secret` is hidden, or all of it."""

    pattern: re.Pattern[str]

    def find(self, line: str, pos: int) -> tuple[Hit, ...]:
        """Everything it matches in a line."""
        del pos
        group = "secret" if "secret" in self.pattern.groupindex else 0
        spans = (match.span(group) for match in self.pattern.finditer(line))
        return tuple(Hit(start, end, "extra", Tier.EXTRA) for start, end in spans if end > start)


class Blocks:
    """What is hidden, and how: everything that one redactor knows, applied to blocks of bytes."""

    def __init__(
        self,
        values: Sequence[tuple[str, Finder]],
        *,
        extra: Sequence[re.Pattern[str]],
        keep: Sequence[re.Pattern[str]],
        marks: Marks,
    ) -> None:
        """`values` are the configured ones, longest first, each with its finder."""
        encoded = [(text.encode("utf-8", "surrogatepass"), finder) for text, finder in values]
        self._values = [(text, finder) for text, finder in encoded if b"\n" not in text]
        self._spread = [text for text, _ in encoded if b"\n" in text]
        self._extra = tuple(map(Extra, extra))
        self._marks = marks
        self._lines = Lines(keep, marks)

    def redact(self, data: bytes, errors: str) -> bytes:
        """The block with everything secret replaced; the same object when there was nothing."""
        data = self._across_lines(data, errors)
        found = self._sightings(data, errors)
        pieces: list[bytes] = []
        first = done = 0
        while first < len(found):
            start = data.rfind(b"\n", 0, found[first][0]) + 1
            end = line_end(data, found[first][0])
            last = first + 1
            while last < len(found) and found[last][0] < end:
                last += 1
            line = self._lines.redact(data[start:end], start, found[first:last], errors)
            if line is not None:
                # An address that is replaced leaves nothing behind that was not to be seen before.
                settled = not self._extra and all(isinstance(finder, ShapeRule) for _, finder in found[first:last])
                pieces += (data[done:start], line if settled else self._settled(line, errors))
                done = end
            first = last
        return b"".join((*pieces, data[done:])) if pieces else data

    def _across_lines(self, data: bytes, errors: str) -> bytes:
        """Private keys and configured values that are spread over several lines."""
        for text in self._spread:
            if text in data:
                mark = self._marks["secret"].encode()
                data = data.replace(text, b"\n".join([mark] * (text.count(b"\n") + 1)))
        if b"-----BEGIN" not in data or b"\n" not in data:
            return data
        keys = PemLines(self._marks["private-key"])
        before = data.decode("utf-8", errors)
        after = "\n".join(map(keys.line, before.split("\n")))
        return data if after == before else after.encode("utf-8", errors)

    def _settled(self, line: bytes, errors: str) -> bytes:
        """The line once nothing more is found: what was hidden can leave something that is only now to be seen."""
        for _ in range(_MOST_LOOKS):
            again = self._lines.redact(line, 0, self._sightings(line, errors), errors)
            if again is None:
                break
            line = again
        return line

    def _sightings(self, data: bytes, errors: str) -> list[Sighting]:
        found = sightings(data, self._values)
        if not self._extra:
            return found
        at = 0
        for line in data.split(b"\n"):
            text = line.decode("utf-8", errors)
            found += ((at, extra) for extra in self._extra if extra.pattern.search(text))
            at += len(line) + 1
        return sorted(found, key=lambda sighting: sighting[0])
