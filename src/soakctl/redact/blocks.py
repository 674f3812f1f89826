"""Redacts a block of lines: looks closely only at the lines in which something was sighted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from soakctl.redact.glance import Glance
from soakctl.redact.lines import Lines, Marks
from soakctl.redact.pem import PemLines
from soakctl.redact.rule import Hit, ShapeRule, Tier
from soakctl.redact.scan import sightings

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from soakctl.redact.rule import Finder
    from soakctl.redact.scan import Sighting

# Three are enough for all but contrived input.
_MOST_LOOKS = 5


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
        self._glance = Glance(text for text, _ in self._values)
        self._extra = tuple(map(Extra, extra))
        self._marks = marks
        self._lines = Lines(keep, marks)

    def redact(self, data: bytes, errors: str) -> bytes:
        """The block with everything secret replaced; the same object when there was nothing."""
        data = self._across_lines(data, errors)
        lines = data.split(b"\n")
        worth = self._worth_a_look(data, lines, errors)
        changed = self._looked_at([lines[at] for at in worth], errors) if worth else {}
        for number, line in changed.items():
            lines[worth[number]] = line
        return b"\n".join(lines) if changed else data

    def _worth_a_look(self, data: bytes, lines: Sequence[bytes], errors: str) -> list[int]:
        worth = self._glance.worth_a_look(data, lines)
        if not self._extra:
            return worth
        texts = data.decode("utf-8", errors).split("\n")
        mine = (at for extra in self._extra for at, text in enumerate(texts) if extra.pattern.search(text))
        return sorted({*worth, *mine})

    def _looked_at(self, lines: Sequence[bytes], errors: str) -> dict[int, bytes]:
        """The lines that change, by number, once nothing more is found.

        What was hidden can leave something that is only now to be seen; so those that changed are looked at again.
        """
        changed: dict[int, bytes] = {}
        numbers: Sequence[int] = range(len(lines))
        for _ in range(_MOST_LOOKS):
            again: dict[int, bytes] = {}
            for at, line, settled in self._redacted(lines, errors):
                changed[numbers[at]] = line
                if not settled:
                    again[numbers[at]] = line
            if not again:
                break
            numbers, lines = list(again), list(again.values())
        return changed

    def _redacted(self, lines: Sequence[bytes], errors: str) -> Iterator[tuple[int, bytes, bool]]:
        """The lines that change in one look, with their numbers from 0, and whether that was all there can be."""
        data = b"\n".join(lines)
        found = self._sightings(data, errors)
        texts = data.decode("ascii").split("\n") if data.isascii() else None
        number, start, first = 0, 0, 0
        while first < len(found):
            end = start + len(lines[number])
            last = first
            while last < len(found) and found[last][0] < end:
                last += 1
            if last > first:
                here = [(at - start, finder) for at, finder in found[first:last]]
                look = (
                    self._lines.redact_bytes(lines[number], here, errors)
                    if texts is None
                    else self._lines.redact(texts[number], here)
                )
                if look is not None:
                    # An address that is replaced leaves nothing behind that was not to be seen before.
                    settled = not self._extra and all(isinstance(finder, ShapeRule) for _, finder in here)
                    yield number, look.encode("utf-8", errors), settled
                first = last
            number, start = number + 1, end + 1

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
