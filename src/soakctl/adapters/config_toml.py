"""[tool.soakctl] of a pyproject.toml -> a Document. tomllib keeps no lines, so they are looked up, best effort."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from soakctl.adapters.config_document import Document, KeyPath, Problem, syntax_error
from soakctl.errors import ConfigError

_TABLE = ("tool", "soakctl")
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_KEY})\s*\]\]?\s*(?:#.*)?")
_ASSIGNMENT = re.compile(rf"\s*({_KEY})\s*=")
_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")


def read_toml(text: str, name: str) -> Document | None:
    """The table [tool.soakctl] with its lines, None if there is none. Raises ConfigError for what is not TOML."""
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(text, name, str(error)) from None
    except RecursionError:
        message = f"{name}: nested too deeply"
        raise ConfigError(message, where=name) from None
    data: Any = whole
    for step in _TABLE:
        if not isinstance(data, dict) or step not in data:
            return None
        data = data[step]
    lines = {path[len(_TABLE) :]: line for path, line in _lines(text).items() if path[: len(_TABLE)] == _TABLE}
    document = Document(name, lines=lines)
    if isinstance(data, dict):
        document.data = data
    else:
        document.problems.append(Problem((), "tool.soakctl must be a table"))
    return document


def _not_toml(text: str, name: str, said: str) -> ConfigError:
    found = _AT.search(said)
    rows = text.splitlines() or [""]
    line, column = (int(found[1]), int(found[2])) if found and found[1] else (len(rows), len(rows[-1]) + 1)
    return syntax_error(name, text, (line, column), f"not TOML: {_AT.sub('', said)}")


def _lines(text: str) -> dict[KeyPath, int]:
    """Where each table and key stands; keys inside of inline tables and long strings may be missed."""
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, row in enumerate(text.splitlines(), start=1):
        if (header := _HEADER.fullmatch(row)) is not None:
            table = _entry(_parts(header[2]), counts, new=header[1] == "[[")
            lines.setdefault(table, number)
        elif (assignment := _ASSIGNMENT.match(row)) is not None:
            lines.setdefault((*table, *_parts(assignment[1])), number)
    return lines


def _entry(parts: tuple[str, ...], counts: dict[KeyPath, int], *, new: bool) -> KeyPath:
    """The path of a header, with the place of the entry after each list of tables; `new` begins another entry."""
    path: KeyPath = ()
    for place, part in enumerate(parts):
        path = (*path, part)
        if new and place == len(parts) - 1:
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _parts(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, key))
