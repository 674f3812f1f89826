"""The text that every match of a regular expression contains: `in` is many times faster than the expression."""

from __future__ import annotations

import importlib
import re
from typing import Any

try:
    _parser: Any = importlib.import_module("re._parser")
except ImportError:  # a Python that keeps its parser elsewhere: every line is then searched
    _parser = None

_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


def required_literal(pattern: str) -> str:
    """The longest text that no match can do without; "" where there is none."""
    if _parser is None:
        return ""
    parsed = _parser.parse(pattern)
    if parsed.state.flags & re.IGNORECASE:
        return ""
    return max(_literals(parsed), key=len, default="")


def _literals(parsed: Any) -> list[str]:
    runs = [""]
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            runs[-1] += chr(argument)
            continue
        if name == "SUBPATTERN":
            _group, added_flags, _removed_flags, inner = argument
            runs += [] if added_flags & re.IGNORECASE else _literals(inner)
        elif name == "ATOMIC_GROUP":
            runs += _literals(argument)
        elif name in _REPEATS:
            least, _most, inner = argument
            runs += _literals(inner) if least else []
        runs.append("")
    return runs
