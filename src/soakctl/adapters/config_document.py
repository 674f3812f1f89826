"""A configuration file as read: its values, the line of each, and the problems found on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

KeyPath = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[\w.$/-]{1,80}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,79}")
_SHOWN_COLUMNS = 100
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a key. `path` is () for the file as a whole."""

    path: KeyPath
    text: str


@dataclass(slots=True)
class Document:
    """The values of a file.

    Attributes:
        name: the file as users know it.
        data: keys and values.
        lines: for each path, the line (from 1) it stands on.
        problems: what the format allows and a configuration does not, such as a key that stands twice.
    """

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: KeyPath) -> int | None:
        """The line of the path, or of the nearest section around it that has one."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None

    def key(self, path: KeyPath) -> str:
        """The path as people read it, entries of a list by their names: `kpis[p95_latency_ms].max`."""
        shown, here = "", self.data
        for step in path:
            if isinstance(step, int):
                shown += f"[{_entry_name(here, step)}]"
            else:
                key = step if _PLAIN_KEY.fullmatch(step) else repr(step[:80])
                shown += f".{key}" if shown else key
            here = _child(here, step)
        return shown

    def show(self, path: KeyPath, text: str) -> str:
        """`file:line: key: text`."""
        line, key = self.line(path), self.key(path)
        return ": ".join(part for part in (f"{self.name}:{line}" if line else self.name, key, text) if part)

    def error(self, problems: Iterable[Problem]) -> ConfigError:
        """All the problems as one error, a line each, in the order of the file."""
        rows = {(self.line(one.path) or 0, self.key(one.path), self.show(one.path, one.text)) for one in problems}
        lines = [row[-1] for row in sorted(rows)]
        if len(lines) > 1:
            more = [f"... and {len(lines) - _MOST_SHOWN} more"] if len(lines) > _MOST_SHOWN else []
            lines = [f"{len(lines)} errors in {self.name}", *lines[:_MOST_SHOWN], *more]
        return ConfigError("\n".join(lines), where=self.name)


def syntax_error(name: str, text: str, at: tuple[int, int], what: str) -> ConfigError:
    """The file cannot be read as what it should be; `at` is line and column from 1. The line is shown."""
    line, column = at
    rows = text.splitlines()
    message = f"{name}:{line}:{column}: {what}"
    if 0 < line <= len(rows):
        start = max(0, column - _SHOWN_COLUMNS // 2)
        part = rows[line - 1][start : start + _SHOWN_COLUMNS]
        shown = "".join(mark if mark.isprintable() else " " if mark == "\t" else "?" for mark in part)
        message += f"\n    {shown}\n    {' ' * (column - 1 - start)}^"
    return ConfigError(message, where=name)


def _child(here: Any, step: str | int) -> Any:
    if isinstance(here, dict):
        return here.get(step)
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return here[step]
    return None


def _entry_name(entries: Any, place: int) -> str:
    names = [one.get("name") if isinstance(one, dict) else None for one in entries] if isinstance(entries, list) else []
    name = names[place] if place < len(names) else None
    if isinstance(name, str) and _NAME.fullmatch(name) and names.count(name) == 1:
        return name
    return str(place)
