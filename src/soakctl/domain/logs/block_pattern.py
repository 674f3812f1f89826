"""A regular expression on lines as one on a block of them: in bytes, and without newlines in anything it can match."""

from __future__ import annotations

import importlib
import re
from typing import Any

try:
    _parser: Any = importlib.import_module("re._parser")
    _compiler: Any = importlib.import_module("re._compiler")
except ImportError:  # a Python that keeps them elsewhere: lines are then searched one by one
    _parser = _compiler = None

_NEWLINE = 10
# What `str` takes for a space and `bytes` not, among them.
_SPACES = tuple(b" \t\r\f\v\x1c\x1d\x1e\x1f")
_CHARACTERS = frozenset({"LITERAL", "NOT_LITERAL", "IN", "ANY"})
# Rarer than letters, digits and spaces.
_SIGNS = frozenset("!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~")
_FINE = frozenset({"ANY", "GROUPREF"})
_PLACES = frozenset({"AT_BEGINNING", "AT_END", "AT_BOUNDARY"})
_CATEGORIES = frozenset({"CATEGORY_DIGIT", "CATEGORY_WORD"})
_OPPOSITES = {"CATEGORY_NOT_DIGIT": "CATEGORY_DIGIT", "CATEGORY_NOT_WORD": "CATEGORY_WORD"}
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


class _Unlike(Exception):  # noqa: N818 - no error: the pattern is only searched in another way
    """It could find something else in a block than in its lines."""


def block_pattern(pattern: str) -> re.Pattern[bytes] | None:
    """What finds, in ASCII lines that follow one another, the same lines as `pattern` in each; None if nothing can."""
    if _parser is None or not pattern.isascii():
        return None
    try:
        tree = _parser.parse(pattern.encode(), re.MULTILINE)
        if tree.state.flags & (re.DOTALL | re.LOCALE):
            return None
        _adapt(tree)
        _begin_with_a_sign(tree)
        compiled = _compiler.compile(tree)
    except (_Unlike, re.error, RecursionError, OverflowError):
        return None
    return compiled if isinstance(compiled, re.Pattern) else None


def _adapt(tree: Any) -> None:
    for place in range(len(tree)):
        operation, argument = tree[place]
        name = str(operation)
        if name in {"LITERAL", "NOT_LITERAL", "IN"}:
            tree[place] = _characters(name, operation, argument)
        elif not (name in _FINE or (name == "AT" and str(argument) in _PLACES)):
            for inner in _inner(name, argument):
                _adapt(inner)


def _begin_with_a_sign(tree: Any) -> None:
    r"""Make `\b\d{3}:x` `:(?<=\b\d{3}:)x`, which is in the same lines: a sign is found in a part of the time."""
    for place, (operation, argument) in enumerate(tree):
        name = str(operation)
        if place and name == "LITERAL" and chr(argument) in _SIGNS:
            behind = _parser.SubPattern(tree.state, list(tree[: place + 1]))
            tree[: place + 1] = [tree[place], (_parser.ASSERT, (-1, behind))]
            return
        if not place and name == "LITERAL":
            return  # found as quickly
        if name in _REPEATS:
            least, most, inner = argument
            if least != most or len(inner) != 1 or str(inner[0][0]) not in _CHARACTERS:
                return
        elif name not in _CHARACTERS and name != "AT":
            return


def _inner(name: str, argument: Any) -> list[Any]:
    """What an operator holds."""
    if name in _REPEATS:
        return [argument[2]]
    if name == "SUBPATTERN" and not argument[1] & re.DOTALL:
        return [argument[3]]
    if name == "BRANCH":
        return list(argument[1])
    if name in {"ASSERT", "ASSERT_NOT"}:
        return [argument[1]]
    if name == "ATOMIC_GROUP":
        return [argument]
    raise _Unlike


def _characters(name: str, operation: Any, argument: Any) -> tuple[Any, Any]:
    literal, negate = _parser.LITERAL, (_parser.NEGATE, None)
    if name == "LITERAL":
        if argument == _NEWLINE:
            raise _Unlike
        return operation, argument
    if name == "NOT_LITERAL":
        return _parser.IN, [negate, (literal, argument), (literal, _NEWLINE)]
    if len(argument) == 1 and str(argument[0][0]) == "CATEGORY":
        category = str(argument[0][1])
        if category == "CATEGORY_NOT_SPACE":
            return operation, [negate, *_space(), (literal, _NEWLINE)]
        if category in _OPPOSITES:
            opposite = getattr(_parser, _OPPOSITES[category])
            return operation, [negate, (_parser.CATEGORY, opposite), (literal, _NEWLINE)]
    return operation, _members(argument)


def _members(members: list[Any]) -> list[Any]:
    """The members of a set, without the newline."""
    negated = str(members[0][0]) == "NEGATE"
    found: list[Any] = []
    for kind, value in members:
        name = str(kind)
        if name == "CATEGORY" and str(value) == "CATEGORY_SPACE":
            found += _space()
        elif (name == "CATEGORY" and str(value) not in _CATEGORIES) or (not negated and _holds_newline(name, value)):
            raise _Unlike
        else:
            found.append((kind, value))
    return [*found, (_parser.LITERAL, _NEWLINE)] if negated else found


def _holds_newline(name: str, value: Any) -> bool:
    return (name == "LITERAL" and value == _NEWLINE) or (name == "RANGE" and value[0] <= _NEWLINE <= value[1])


def _space() -> list[Any]:
    return [(_parser.LITERAL, each) for each in _SPACES]
