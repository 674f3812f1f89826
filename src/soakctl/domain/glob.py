"""Patterns of file paths, as .gitignore has them: `*` within a folder, `**` over folders, a folder means all in it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|[^*?\[]+|\[")


@lru_cache(maxsize=1024)
def glob_pattern(glob: str) -> re.Pattern[str]:
    """The pattern that matches the whole of a path with `/` between its parts."""
    text = glob.replace("\\", "/").removeprefix("./")
    tail = "(?:/.*)?" if not text.endswith("/") else ".*"
    return re.compile("".join(map(_part, _PARTS.findall(text))) + tail + r"\Z", re.DOTALL)


def _part(part: str) -> str:
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "[": r"\["}
    if part in known:
        return known[part]
    if part.startswith("["):
        inner = re.escape(part[1:-1].lstrip("!")).replace(r"\-", "-")
        return f"[{'^/' if part.startswith('[!') else ''}{inner}]"
    return re.escape(part)


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether one of the patterns matches the path, or a folder that it lies in."""
    return any(glob_pattern(glob).match(path) for glob in globs)
