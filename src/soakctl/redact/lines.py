"""Redacts one line: judges what was sighted in it, and replaces what is left after overlaps are settled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.redact.rule import Hit, Tier
from soakctl.redact.rules import KEY
from soakctl.redact.spans import Spans
from soakctl.redact.values import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from soakctl.redact.scan import Sighting


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


class Lines:
    """Redacts lines in which something was sighted."""

    def __init__(self, keep: Sequence[re.Pattern[str]], marks: Marks) -> None:
        """`keep` are patterns within which built-in rules hide nothing."""
        self._keep = keep
        self._marks = marks

    @property
    def keeps(self) -> bool:
        """Whether anything is kept that built-in rules would hide."""
        return bool(self._keep)

    def redact_bytes(self, data: bytes, found: Sequence[Sighting], errors: str) -> str | None:
        """A line of bytes redacted; None when it stays. Sightings are in order and count bytes."""
        line = data.decode("utf-8", errors)
        places = _positions(data, line, found, errors)
        return self.redact(line, [(pos, finder) for pos, (_, finder) in zip(places, found, strict=True)])

    def redact(self, line: str, found: Iterable[Sighting]) -> str | None:
        """The line redacted; None when it stays. Sightings are in order and count characters."""
        marks = Spans(MARK, line) if "[REDACTED" in line or "[***]" in line else None
        hits: list[Hit] = []
        named_to = 0
        for pos, finder in found:
            if finder is not KEY:
                hits += finder.find(line, pos)
            # A name within a value that goes anyway, or within an earlier replacement, is none.
            elif pos >= named_to and not (marks and marks.hold(pos, pos + 1)):
                here = finder.find(line, pos)
                if here:
                    hits += here
                    named_to = max(named_to, *(hit.end for hit in here))
        merged = self._merged(line, hits, marks) if hits else []
        return self._replaced(line, merged) if merged else None

    def _merged(self, line: str, hits: list[Hit], marks: Spans | None) -> list[Hit]:
        """What is to be replaced, in order and apart."""
        if len(hits) == 1 and not marks and not self._keep:
            return hits
        kept = [Spans(pattern, line) for pattern in self._keep]
        merged: list[Hit] = []
        for hit in sorted(_beside_marks(line, hits, marks) if marks else hits):
            if hit.tier > Tier.EXTRA and any(spans.hold(hit.start, hit.end) for spans in kept):
                continue
            if merged and hit.start < merged[-1].end:
                last = merged.pop()
                surer = min(last, hit, key=lambda one: (one.tier, one.start - one.end))
                merged.append(Hit(last.start, max(last.end, hit.end), surer.kind, surer.tier))
            else:
                merged.append(hit)
        return merged

    def _replaced(self, line: str, hits: Iterable[Hit]) -> str:
        pieces: list[str] = []
        done = 0
        for hit in hits:
            pieces += (line[done : hit.start], self._marks[hit.kind])
            done = hit.end
        return "".join((*pieces, line[done:]))


def _positions(data: bytes, line: str, found: Iterable[Sighting], errors: str) -> Iterator[int]:
    """Where in the text the sightings are that were made in its bytes."""
    if len(line) == len(data):
        yield from (at for at, _ in found)
        return
    byte = char = 0
    for at, _ in found:
        char += len(data[byte:at].decode("utf-8", errors))
        byte = at
        yield char


def _beside_marks(line: str, hits: Iterable[Hit], marks: Spans) -> Iterator[Hit]:
    """The hits that hide more than earlier replacements, which they never cut; a configured value may be one itself."""
    for hit in hits:
        if hit.tier is Tier.CONFIGURED:
            yield hit
            continue
        start, end = marks.widen(hit.start, hit.end)
        if MARK.sub("", line[start:end]).strip():
            yield hit._replace(start=start, end=end)
