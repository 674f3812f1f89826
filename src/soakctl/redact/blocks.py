"""Redacts a block of lines: looks closely only at the lines in which something was sighted."""

from __future__ import annotations

from bisect import insort
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from soakctl.redact.glance import MARKS, Glance, Worth
from soakctl.redact.lines import Lines, Marks
from soakctl.redact.many import hide_ipv4
from soakctl.redact.pem import PemLines
from soakctl.redact.rule import Hit, ShapeRule, Tier
from soakctl.redact.rules import IPV4, SHAPES
from soakctl.redact.scan import sightings

if TYPE_CHECKING:
    import re
    from collections.abc import Container, Iterator, Sequence

    from soakctl.redact.rule import Finder
    from soakctl.redact.scan import Sighting

# Three are enough for all but contrived input.
_MOST_LOOKS = 5
_OTHER_SHAPES = tuple(shape for shape in SHAPES if shape is not IPV4)


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
        closely, addresses = self._worth_a_look(data, lines, errors)
        changed = self._looked_at([lines[at] for at in closely], errors) if closely else {}
        for number, line in changed.items():
            lines[closely[number]] = line
        done = False
        if len(addresses) == len(lines):
            whole = self._hidden(data, errors)
            return data if whole == data else whole
        if addresses:
            before = b"\n".join([lines[at] for at in addresses])
            after = self._hidden(before, errors)
            done = after != before
            for at, line in zip(addresses, after.split(b"\n") if done else (), strict=done):
                lines[at] = line
        return b"\n".join(lines) if changed or done else data

    def _worth_a_look(self, data: bytes, lines: Sequence[bytes], errors: str) -> Worth:
        closely, addresses = self._glance.worth_a_look(data, lines)
        mine: set[int] = set()
        if self._extra:
            texts = data.decode("utf-8", errors).split("\n")
            mine = {at for extra in self._extra for at, text in enumerate(texts) if extra.pattern.search(text)}
        if addresses and (self._extra or self._lines.keeps):
            mine, addresses = mine.union(addresses), []
        return Worth(sorted(mine.union(closely)) if mine else closely, addresses)

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
        sighted = self._by_line(lines, errors)
        for number, here in sighted.items():
            look = self._lines.redact_bytes(lines[number], here, errors)
            if look is not None:
                # An address that is replaced leaves nothing behind that was not to be seen before.
                settled = not self._extra and all(isinstance(finder, ShapeRule) for _, finder in here)
                yield number, look.encode("utf-8", errors), settled
        for number, line in self._without_addresses(lines, sighted, errors):
            yield number, line, True

    def _by_line(self, lines: Sequence[bytes], errors: str) -> dict[int, list[Sighting]]:
        """What was sighted in lines that have more than addresses of IPv4, by their number."""
        data = b"\n".join(lines)
        found = self._sightings(data, errors)
        alone = self._lines.keeps or any(mark in data for mark in MARKS)
        sighted: dict[int, list[Sighting]] = {}
        start = first = 0
        for number, line in enumerate(lines if found or alone else ()):
            last = first
            while last < len(found) and found[last][0] <= start + len(line):
                last += 1
            if last > first or alone:
                here = [(at - start, finder) for at, finder in found[first:last]]
                address = IPV4.shape.search(line)
                if address is not None:
                    insort(here, (address.start(), IPV4), key=itemgetter(0))
                if here:
                    sighted[number] = here
            first, start = last, start + len(line) + 1
        return sighted

    def _without_addresses(
        self, lines: Sequence[bytes], besides: Container[int], errors: str
    ) -> Iterator[tuple[int, bytes]]:
        """The other lines that hold addresses, which are hidden in all of them at once."""
        numbers = [number for number in range(len(lines)) if number not in besides]
        before = b"\n".join([lines[number] for number in numbers])
        if IPV4.shape.search(before) is None:
            return
        after = self._hidden(before, errors)
        if after != before:
            for number, line in zip(numbers, after.split(b"\n"), strict=True):
                if line != lines[number]:
                    yield number, line

    def _hidden(self, data: bytes, errors: str) -> bytes:
        """Lines without their addresses, in which nothing else is to be hidden."""
        return hide_ipv4(data.decode("utf-8", errors), self._marks[IPV4.id]).encode("utf-8", errors)

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
        found = sightings(data, self._values, shapes=_OTHER_SHAPES)
        if not self._extra:
            return found
        at = 0
        for line in data.split(b"\n"):
            text = line.decode("utf-8", errors)
            found += ((at, extra) for extra in self._extra if extra.pattern.search(text))
            at += len(line) + 1
        return sorted(found, key=lambda sighting: sighting[0])
