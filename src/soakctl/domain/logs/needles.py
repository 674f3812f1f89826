"""The texts of which every match of a regular expression holds one: finding those first makes searching quick."""

from __future__ import annotations

import importlib
import re
from typing import Any

try:
    _parser: Any = importlib.import_module("re._parser")
except ImportError:  # a Python that keeps its parser elsewhere: every line is then searched
    _parser = None

_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
# Looking for each costs a pass over the bytes.
_MOST = 8
# From here on a longer text is not much rarer.
_LONG = 8


def needles(pattern: str) -> tuple[str, ...]:
    """Texts of which each match of the pattern holds one at least; () where there are none that are worth it.

    Of a pattern that ignores case they are in lower case, and stand so in what matches once that is ASCII in lower
    case too.
    """
    if _parser is None:
        return ()
    parsed = _parser.parse(pattern)
    if ignores_case(pattern) and not pattern.isascii():
        return ()
    choices = sorted(_choices(parsed), key=_worth)
    texts = choices[-1] if choices else frozenset()
    return tuple(sorted({text.lower() for text in texts} if ignores_case(pattern) else texts))


def ignores_case(pattern: str) -> bool:
    """Whether all of it does."""
    return bool(re.compile(pattern).flags & re.IGNORECASE)


def is_plain(pattern: str) -> bool:
    """Whether the pattern is a text without any operator: where its needle stands it matches."""
    return bool(pattern) and re.escape(pattern).replace("\\ ", " ").replace("\\-", "-") == pattern


def _worth(choice: frozenset[str]) -> tuple[int, int, int]:
    shortest = min(map(len, choice))
    return min(shortest, _LONG), -len(choice), shortest


def _choices(parsed: Any) -> list[frozenset[str]]:
    """Each a set of texts, one of which every match holds."""
    found: list[frozenset[str]] = []
    run = ""
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            run += chr(argument)
            continue
        if run:
            found.append(frozenset({run}))
        run = ""
        found += _inner(name, argument)
    return [*found, frozenset({run})] if run else found


def _inner(name: str, argument: Any) -> list[frozenset[str]]:
    if name == "SUBPATTERN":
        _group, added_flags, _removed_flags, inner = argument
        return [] if added_flags & re.IGNORECASE else _choices(inner)
    if name == "ATOMIC_GROUP":
        return _choices(argument)
    if name in _REPEATS:
        least, _most, inner = argument
        return _choices(inner) if least else []
    if name == "BRANCH":
        best = [sorted(_choices(branch), key=_worth)[-1:] for branch in argument[1]]
        union = frozenset(text for found in best for choice in found for text in choice)
        return [union] if all(best) and len(union) <= _MOST else []
    return []
