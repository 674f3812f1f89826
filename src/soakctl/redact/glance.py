"""Tells at a glance which lines of a block are worth a closer look: ordinary ones differ in little but their numbers.

A line without its digits is its outline. One in which no gate literal stands has none in any line of that outline,
so an outline once found harmless is remembered, and a program's usual lines cost one look-up each. So is one in which
nothing but an address of IPv4 can stand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

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
_DOTS = b"..."
_IPV6 = rb":[A-Fa-f]{0,4}(?::[A-Fa-f]{0,4}){6}"
# Of earlier replacements, which nothing that is hidden may cut.
MARKS = (b"[REDACTED", b"[***]")
# With digits around it, and so nothing that an outline could show.
_COLONS = b"::"
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
_EXACT = re.compile(_any_of(gate for rule in TOKENS for gate in rule.gates) + b"|" + _IPV6)


class Worth(NamedTuple):
    """The numbers of the lines in which something to hide could stand, from 0 and in order.

    Attributes:
        closely: in which anything could.
        addresses: in which only addresses of IPv4 could.
    """

    closely: list[int]
    addresses: list[int]


class Glance:
    """Remembers harmless outlines. Safe to share between threads: what is lost or done twice is only time."""

    def __init__(self, values: Iterable[bytes]) -> None:
        """`values` are those of configured secrets, in all their forms."""
        outlines = {value: _outline(value) for value in values}
        self._letters = {outline for outline in outlines.values() if len(outline) >= _FEWEST_LETTERS}
        self._plain = [value for value, outline in outlines.items() if len(outline) < _FEWEST_LETTERS]
        self._harmless: set[bytes] = set()
        self._addressed: set[bytes] = set()

    def worth_a_look(self, data: bytes, lines: Sequence[bytes]) -> Worth:
        """The lines in which something to hide could stand.

        Args:
            data: the block.
            lines: its lines.
        """
        outlines = _outline(data).split(b"\n")
        if len(outlines) == 1 and outlines[0] in self._harmless:
            return Worth(self._with_digits(data, lines), [])
        worth = set(outlines) - self._harmless
        addressed = worth & self._addressed
        worth -= addressed
        if worth:
            worth, new = self._suspicious(worth)
            addressed |= new
        found = [at for at, outline in enumerate(outlines) if outline in worth] if worth else []
        numbers = self._with_digits(data, lines)
        if numbers:
            found = sorted({*found, *numbers})
        others = [at for at, outline in enumerate(outlines) if outline in addressed] if addressed else []
        return Worth(found, sorted({*others}.difference(numbers)) if numbers else others)

    def _suspicious(self, outlines: set[bytes]) -> tuple[set[bytes], set[bytes]]:
        """Those in which a gate literal or a configured value could stand, and with addresses alone.

        These and the others are remembered.
        """
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
        dotted = [outline for outline in harmless if _DOTS in outline] if _DOTS in block else []
        if not dotted:
            self._harmless = _with(self._harmless, harmless)
            return outlines.difference(harmless), set()
        self._harmless = _with(self._harmless, [outline for outline in harmless if _DOTS not in outline])
        addressed = [outline for outline in dotted if not any(mark in outline for mark in MARKS)]
        self._addressed = _with(self._addressed, addressed)
        return outlines.difference(harmless).union(dotted).difference(addressed), set(addressed)

    def _with_digits(self, data: bytes, lines: Sequence[bytes]) -> list[int]:
        """The lines in which something stands that shows only beside its digits."""
        found: list[int] = []
        if _COLONS in data and _COMPRESSED.search(data):
            found += (at for at, line in enumerate(lines) if _COMPRESSED.search(line))
        for text in (_ENCODED_AT, *self._plain):
            if text in data:
                found += (at for at, line in enumerate(lines) if text in line)
        return found


def _with(known: set[bytes], outlines: Sequence[bytes]) -> set[bytes]:
    """Those that are remembered, and these."""
    short = [outline for outline in outlines if len(outline) <= _LONGEST]
    if len(known) + len(short) > _MOST:
        known = set()
    if len(short) <= _MOST:
        known.update(short)
    return known


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
