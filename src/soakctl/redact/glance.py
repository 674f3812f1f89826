"""Tells at a glance which lines of a block are worth a closer look: ordinary ones differ in little but their numbers.

A line without its digits is its outline. One in which no gate literal stands has none in any line of that outline,
so an outline once found harmless is remembered, and a program's usual lines cost one look-up each.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.redact.rules import NAMED, TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DIGITS = b"0123456789"
# Not more memory than these allow: two megabytes.
_MOST = 4096
_LONGEST = 512
# Fewer letters stand in ordinary lines too; then the value itself is searched for.
_FEWEST_LETTERS = 4

# What a public address leaves of itself: the dots of IPv4, and a whole IPv6 address without `::`.
_ADDRESSES = rb"\.\.\.|:[A-Fa-f]{0,4}(?::[A-Fa-f]{0,4}){6}"
# With digits around it, and so nothing that an outline could show.
_COMPRESSED = re.compile(rb"::(?<=[0-9A-Fa-f]::)")
_ENCODED_AT = b"%40"


def _outline(text: bytes) -> bytes:
    return text.translate(None, _DIGITS)


def _any_of(gates: Iterable[str]) -> bytes:
    """Gates without digits as an alternation by first character: `re` skips to those by a table."""
    by_first: dict[bytes, set[bytes]] = {}
    for gate in gates:
        text = _outline(gate.encode())
        by_first.setdefault(text[:1], set()).add(re.escape(text[1:]))
    return b"|".join(re.escape(first) + b"(?:" + b"|".join(sorted(rests)) + b")" for first, rests in by_first.items())


_FOLDED = re.compile(_any_of(gate for rule in NAMED for gate in rule.gates if gate.encode() != _ENCODED_AT))
_EXACT = re.compile(_any_of(gate for rule in TOKENS for gate in rule.gates) + b"|" + _ADDRESSES)


class Glance:
    """Remembers harmless outlines. Safe to share between threads: what is lost or done twice is only time."""

    def __init__(self, values: Iterable[bytes]) -> None:
        """`values` are those of configured secrets, in all their forms."""
        outlines = {value: _outline(value) for value in values}
        self._letters = {outline for outline in outlines.values() if len(outline) >= _FEWEST_LETTERS}
        self._plain = [value for value, outline in outlines.items() if len(outline) < _FEWEST_LETTERS]
        self._harmless: set[bytes] = set()

    def worth_a_look(self, data: bytes, lines: Sequence[bytes]) -> list[int]:
        """The numbers of the lines, from 0 and in order, in which something to hide could stand.

        Args:
            data: the block.
            lines: its lines.
        """
        outlines = _outline(data).split(b"\n")
        if len(outlines) == 1 and outlines[0] in self._harmless:
            return self._with_digits(data, lines)
        new = set(outlines) - self._harmless
        worth = self._suspicious(new) if new else new
        found = [at for at, outline in enumerate(outlines) if outline in worth] if worth else []
        numbers = self._with_digits(data, lines)
        return sorted({*found, *numbers}) if numbers else found

    def _suspicious(self, outlines: set[bytes]) -> set[bytes]:
        """Those in which a gate literal or a configured value could stand; the others are remembered."""
        harmless = list(outlines)
        for pattern, fold in ((_FOLDED, True), (_EXACT, False)):
            block = b"\n".join(harmless)
            seen = _lines_with(pattern, block.lower() if fold else block)
            if seen:
                harmless = [outline for at, outline in enumerate(harmless) if at not in seen]
        block = b"\n".join(harmless)
        for value in self._letters:
            if value in block:
                harmless = [outline for outline in harmless if value not in outline]
        self._remember(harmless)
        return outlines.difference(harmless)

    def _remember(self, outlines: Sequence[bytes]) -> None:
        short = [outline for outline in outlines if len(outline) <= _LONGEST]
        if len(self._harmless) + len(short) > _MOST:
            self._harmless = set()
        if len(short) <= _MOST:
            self._harmless.update(short)

    def _with_digits(self, data: bytes, lines: Sequence[bytes]) -> list[int]:
        """The lines in which something stands that shows only beside its digits."""
        found: list[int] = []
        if _COMPRESSED.search(data):
            found += (at for at, line in enumerate(lines) if _COMPRESSED.search(line))
        for text in (_ENCODED_AT, *self._plain):
            if text in data:
                found += (at for at, line in enumerate(lines) if text in line)
        return found


def _lines_with(what: re.Pattern[bytes], block: bytes) -> set[int]:
    """The numbers of the lines in which a pattern matches."""
    found: set[int] = set()
    number = done = 0
    seen = what.search(block)
    while seen:
        number += block.count(b"\n", done, seen.start())
        found.add(number)
        done = block.find(b"\n", seen.start())
        seen = what.search(block, done) if done >= 0 else None
    return found
