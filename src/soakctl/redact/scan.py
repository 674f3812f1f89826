"""Where in a block a rule could apply: literal gates over all of it at once, so that ordinary lines cost little."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from soakctl.redact.rules import KEY, NAMED, RUN, SHAPES, TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from soakctl.redact.rule import Finder, Rule, ShapeRule

Sighting = tuple[int, "Finder"]

_RUN = b"x" * RUN
_TO_RUN = bytes(
    ord("x") if code in b"_-" or (chr(code).isalnum() and chr(code).isascii()) else code for code in range(256)
)


def any_of(gates: Mapping[str, str], depth: int = 3) -> str:
    """Gates, and what must follow each, as an alternation by first characters: `re` skips to the first by a table."""
    by_first: dict[str, dict[str, str]] = defaultdict(dict)
    for gate, ahead in gates.items():
        by_first[gate[:1]][gate[1:]] = ahead
    if depth == 0 or "" in by_first:
        return "|".join(re.escape(gate) + ahead for gate, ahead in gates.items())
    branches = ((re.escape(first), any_of(rests, depth - 1), len(rests)) for first, rests in by_first.items())
    return "|".join(f"{first}(?:{rest})" if many > 1 else first + rest for first, rest, many in branches)


def _by_gate(rules: Iterable[Rule]) -> dict[bytes, tuple[Rule, ...]]:
    table: dict[bytes, tuple[Rule, ...]] = {}
    for rule in rules:
        for gate in rule.gates:
            table[gate.encode()] = (*table.get(gate.encode(), ()), rule)
    return table


_OTHERS = [rule for rule in NAMED if rule is not KEY]
# A name is looked at once, at the first part that is seen, however many it holds.
_TAIL = "[a-z0-9_.]{0,64}"
_PARTS = dict.fromkeys(KEY.gates, _TAIL)
_GATES = any_of({**_PARTS, **{gate: rule.ahead for rule in _OTHERS for gate in rule.gates}})

# What was hidden earlier is stepped over, with a name that it belongs to: there is nothing more to see.
_MARK = b"[REDACTED"
_FOLDED_MARK = b"[" + bytes(len(_MARK) - 1)
_EARLIER = r"\[\0{8}(?::[\w.-]{1,80})?\]"
_NOT_ENDED = rf"{_TAIL}+(?!(?:[\"']?=|[\"']:[ ]?)(?:{_EARLIER}|\"{_EARLIER}\"|'{_EARLIER}'))"
_FOLDED_RULES = _by_gate(_OTHERS)
_EXACT_RULES = _by_gate(TOKENS)


# Compiled when a line is worth a closer look: most commands show none.
@cache
def _folded() -> re.Pattern[bytes]:
    return re.compile(_GATES.encode())


@cache
def _marked() -> re.Pattern[bytes]:
    return re.compile(f"{_GATES.replace(_TAIL, _NOT_ENDED)}|{_EARLIER}".encode())


@cache
def _exact() -> re.Pattern[bytes]:
    return re.compile(any_of({gate: rule.ahead for rule in TOKENS for gate in rule.gates}).encode())


def sightings(
    data: bytes, values: Sequence[tuple[bytes, Finder]], *, shapes: Sequence[ShapeRule] = SHAPES
) -> list[Sighting]:
    """Every place at which a rule or a configured value could apply, in order; of `shapes` the first in each line."""
    found: list[Sighting] = []
    for match in _named(data):
        found.extend((match.start(), rule) for rule in _FOLDED_RULES.get(match[0], (KEY,)))
    for shape in shapes:
        seen = shape.shape.search(data)
        while seen:
            found.append((seen.start(), shape))
            seen = shape.shape.search(data, line_end(data, seen.end()))
    found += token_sightings(data)
    # A plain search for each value is 20 times as quick as one alternation of all.
    for text, value in values:
        at = data.find(text)
        while at >= 0:
            found.append((at, value))
            at = data.find(text, at + len(text))
    found.sort(key=lambda sighting: sighting[0])
    return found


def _named(data: bytes) -> Iterator[re.Match[bytes]]:
    """Every place at which a rule of any case could apply."""
    if _MARK not in data or b"\0" in data:
        yield from _folded().finditer(data.lower())
        return
    for match in _marked().finditer(data.replace(_MARK, _FOLDED_MARK).lower()):
        if not match[0].startswith(b"["):
            yield match


def token_sightings(data: bytes) -> list[tuple[int, Rule]]:
    """Every place at which a token that is known by its look could begin."""
    found: list[tuple[int, Rule]] = []
    runs = data.translate(_TO_RUN)
    at = runs.find(_RUN)
    while at >= 0:
        start, end = data.rfind(b"\n", 0, at) + 1, line_end(data, at)
        for match in _exact().finditer(data, start, end):
            found.extend((match.start(), rule) for rule in _EXACT_RULES[match[0]])
        at = runs.find(_RUN, end)
    return found


def line_end(data: bytes, at: int) -> int:
    """Where the line that holds `at` ends."""
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end
