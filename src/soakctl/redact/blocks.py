"""Redacts a block of lines: looks closely only at the lines in which something was sighted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from soakctl.redact.pem import PemLines
from soakctl.redact.rule import Hit, Tier
from soakctl.redact.rules import KEY
from soakctl.redact.scan import line_end, sightings
from soakctl.redact.values import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from soakctl.redact.rule import Finder
    from soakctl.redact.scan import Sighting

# Two are enough for all but contrived input.
_MOST_LOOKS = 4


class Marks(dict[str, str]):
    """What replaces each kind: `[REDACTED:kind]`, or less where that itself would show a configured value."""

    def __init__(self, values: Iterable[str]) -> None:
        """`values` are those that no replacement may hold."""
        super().__init__()
        self._values = tuple(values)

    def __missing__(self, kind: str) -> str:
        """Make the replacement of a kind seen for the first time."""
        name = re.sub(r"[^\w.-]", "_", kind, flags=re.ASCII)[:64]
        choices = (f"[REDACTED:{name}]", "[REDACTED]", "[***]")
        mark = next((mark for mark in choices if not any(value in mark for value in self._values)), choices[-1])
        return self.setdefault(kind, mark)


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
        self._keep = keep
        self._marks = marks

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
            line = self._line(data[start:end], start, found[first:last], errors)
            if line is not None:
                pieces += (data[done:start], self._settled(line, errors))
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
            again = self._line(line, 0, self._sightings(line, errors), errors)
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

    def _line(self, data: bytes, start: int, found: Sequence[Sighting], errors: str) -> bytes | None:
        """One line redacted; None when it stays as it is. Sightings count bytes of the block it starts in."""
        line = data.decode("utf-8", errors)
        same = len(line) == len(data)
        shields = [match.span() for match in MARK.finditer(line)] if "[REDACTED" in line or "[***]" in line else []
        hits: list[Hit] = []
        hidden_to = 0
        for at, finder in found:
            pos = at - start if same else len(data[: at - start].decode("utf-8", errors))
            named = finder is KEY
            if named and (pos < hidden_to or any(begin <= pos < end for begin, end in shields)):
                continue
            for hit in finder.find(line, pos):
                hits.append(hit)
                hidden_to = max(hidden_to, hit.end) if named else hidden_to
        spans = self._merged(line, hits, shields) if hits else []
        return self._replaced(line, spans).encode("utf-8", errors) if spans else None

    def _merged(self, line: str, hits: Iterable[Hit], shields: Sequence[tuple[int, int]]) -> list[Hit]:
        """What is to be replaced, in order and apart."""
        kept = [match.span() for pattern in self._keep for match in pattern.finditer(line)]
        merged: list[Hit] = []
        for hit in sorted(_beside_marks(line, hits, shields)):
            if hit.tier > Tier.EXTRA and any(begin <= hit.start and hit.end <= end for begin, end in kept):
                continue
            if merged and hit.start < merged[-1].end:
                last = merged.pop()
                surer = min(last, hit, key=lambda one: (one.tier, one.start - one.end))
                merged.append(Hit(last.start, max(last.end, hit.end), surer.kind, surer.tier))
            else:
                merged.append(hit)
        return merged

    def _replaced(self, line: str, spans: Iterable[Hit]) -> str:
        pieces: list[str] = []
        done = 0
        for hit in spans:
            pieces += (line[done : hit.start], self._marks[hit.kind])
            done = hit.end
        return "".join((*pieces, line[done:]))


def _beside_marks(line: str, hits: Iterable[Hit], shields: Sequence[tuple[int, int]]) -> Iterator[Hit]:
    """The hits that hide more than earlier replacements, which they never cut; a configured value may be one itself."""
    for hit in hits:
        start, end = hit.start, hit.end
        if hit.tier is not Tier.CONFIGURED:
            for begin, stop in shields:
                if start < stop and begin < end:
                    start, end = min(start, begin), max(end, stop)
            if shields and not MARK.sub("", line[start:end]).strip():
                continue
        yield hit._replace(start=start, end=end)
