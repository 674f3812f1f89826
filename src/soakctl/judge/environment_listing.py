"""What lies in the working directory, compared; what changes by itself is left aside."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from soakctl.domain.environment import Difference
from soakctl.domain.wording import counted
from soakctl.judge.environment_fields import said, sides

if TYPE_CHECKING:
    from collections.abc import Iterator

_BY_THEMSELVES = (
    "artifacts log logs tmp temp run cache nohup.out core .git .coverage* .cache .*_cache __pycache__ *.egg-info "
    "*.log *.log.* *.log-* *.pid *.sock *.tmp *.swp *~ *.pyc *.db-* *.sqlite-* *.sqlite3-* .DS_Store"
).split()
# Of these it counts that they are there, not how big they are.
_DATA = "*.db *.sqlite *.sqlite3 *.rdb *.aof *.jsonl *.csv *.dat *.out".split()
_MOST = 12
_PROGRAM, _RANK, _UNTRACKED = 25, 76, 77


def changes_by_itself(path: str) -> bool:
    """Whether a file comes, goes or grows while a service runs, whatever its code."""
    return any(fnmatchcase(part, pattern) for part in path.split("/") for pattern in _BY_THEMSELVES)


def compare_listings(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[list[Difference], list[str]]:
    """Names, kinds and sizes in the working directory; under git, files that no commit knows."""
    sections = [_section(document, "directory") for document in (first, second)]
    rows = [_rows(section) for section in sections]
    found: list[Difference] = []
    if rows[0] is not None and rows[1] is not None:
        ends = [max(each) for each, section in zip(rows, sections, strict=True) if _is_cut(section) and each]
        programs = {word.removeprefix("./") for document in (first, second) for word in _words(document)}
        found = list(_differences(rows[0], rows[1], min(ends, default=None), programs))
    known = {name for each in rows for name in each or ()}
    return [*found, *_untracked(first, second, known)], []


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name)
    return section if isinstance(section, Mapping) else {}


def _rows(section: Mapping[str, Any]) -> dict[str, Mapping[str, Any]] | None:
    listing = section.get("listing")
    if not isinstance(listing, list):
        return None
    rows = [row for row in listing if isinstance(row, Mapping) and isinstance(row.get("name"), str)]
    return {row["name"]: row for row in rows}


def _is_cut(section: Mapping[str, Any]) -> bool:
    """Whether only the first names are listed."""
    entries = section.get("entries")
    return isinstance(entries, int) and entries > len(section["listing"])


def _words(document: Mapping[str, Any]) -> list[str]:
    command = _section(document, "start").get("command")
    try:
        return shlex.split(command) if isinstance(command, str) else []
    except ValueError:
        return []


def _differences(
    first: dict[str, Mapping[str, Any]], second: dict[str, Mapping[str, Any]], end: str | None, programs: set[str]
) -> Iterator[Difference]:
    """Those up to the name `end`, beyond which one of them was not listed."""
    left_out = 0
    for place, (name, one, other) in enumerate(_changed(first, second, end)):
        if name in programs:
            yield Difference("directory", name, one, other, _PROGRAM, "the service's command names it")
        elif place < _MOST:
            yield Difference("directory", name, one, other, _RANK)
        else:
            left_out += 1
    if left_out:
        more = f"{counted(left_out, 'more name')}"
        yield Difference("directory", more, "not the same", "not the same", _RANK + 1)


def _changed(
    first: dict[str, Mapping[str, Any]], second: dict[str, Mapping[str, Any]], end: str | None
) -> Iterator[tuple[str, str, str]]:
    for name in sorted({*first, *second}):
        rows = [each.get(name, {}) for each in (first, second)]
        if (end is not None and name > end) or changes_by_itself(name) or any(row.get("own") for row in rows):
            continue
        told = [_told(name, row) for row in rows]
        if told[0] != told[1]:
            yield name, told[0], told[1]


def _told(name: str, row: Mapping[str, Any]) -> str:
    if not row:
        return "missing"
    size = row.get("size_bytes")
    kind = said(row.get("kind") or "unknown")
    if not isinstance(size, int) or any(fnmatchcase(name, pattern) for pattern in _DATA):
        return kind
    return f"{kind} of {counted(size, 'byte')}"


def _untracked(first: Mapping[str, Any], second: Mapping[str, Any], known: set[str]) -> Iterator[Difference]:
    """Names that the listings do not hold, as they lie in other directories."""
    names = [_section(document, "git").get("untracked") for document in (first, second)]
    if not isinstance(names[0], list) or not isinstance(names[1], list):
        return
    lists = [
        sorted(
            str(name) for name in each or () if str(name).rstrip("/") not in known and not changes_by_itself(str(name))
        )
        for each in names
    ]
    if lists[0] != lists[1]:
        one, other = sides(lists[0], lists[1])
        yield Difference("git", "untracked files", one, other, _UNTRACKED, "code that no commit holds")
