"""The packages that a project asks for by name, in pyproject.toml or in requirements files."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_MOST_BYTES = 1_000_000


def declared(root: Path) -> frozenset[str]:
    """Names as an index writes them; none where the project declares nothing that can be read."""
    return frozenset(normal(name) for name in (*_of_pyproject(root / "pyproject.toml"), *_of_requirements(root)))


def normal(name: str) -> str:
    """One spelling for each name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _of_pyproject(path: Path) -> Iterator[str]:
    try:
        document = tomllib.loads(_text(path))
    except ValueError:
        return
    project, tool = _table(document, "project"), _table(document, "tool")
    for requirement in project.get("dependencies") or ():
        yield from _names(requirement)
    yield from (name for name in _table(_table(tool, "poetry"), "dependencies") if name != "python")


def _table(document: Any, key: str) -> dict[str, Any]:
    found = document.get(key) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def _of_requirements(root: Path) -> Iterator[str]:
    for name in ("requirements.txt", "requirements.in"):
        for line in _text(root / name).splitlines():
            if "://" not in line.split("#", 1)[0].split("@", 1)[0]:
                yield from _names(line)


def _names(requirement: Any) -> Iterator[str]:
    match = _NAME.match(requirement) if isinstance(requirement, str) else None
    if match:
        yield match[1]


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
