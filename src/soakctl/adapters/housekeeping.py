"""Keeps the logs of validations from filling the disk. Removes nothing but those, and follows no link."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soakctl.adapters.disk_usage import DiskUsage

if TYPE_CHECKING:
    from pathlib import Path

_LOG = re.compile(r"(?P<section>[A-Za-z_][A-Za-z0-9_.-]{0,79})\.(?P<stamp>\d{8}T\d{6}Z)(?:-(?P<n>\d{1,4}))?\.log")
_KEPT_WHEN_FULL = 1
_ALL_AT_ONCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was removed, or would be.

    Attributes:
        removed: files, relative to the artifacts, oldest first within a section.
        freed_bytes: their sizes together.
        artifacts_bytes: the size of the artifacts before.
        aggressive: the artifacts had passed their limit.
        problems: what could not be removed.
    """

    removed: tuple[str, ...] = ()
    freed_bytes: int = 0
    artifacts_bytes: int = 0
    aggressive: bool = False
    problems: tuple[str, ...] = ()


def clean_up(artifacts: Path, logs: Path, *, keep: int, limit_bytes: float, dry_run: bool = False) -> Cleaned:
    """Remove all but the newest `keep` logs of each section; all but one where the artifacts are over the limit."""
    if not _is_real_below(logs, artifacts):
        return Cleaned()
    total = DiskUsage([artifacts], slice_s=_ALL_AT_ONCE_S).look(0.0) or 0
    aggressive = total > limit_bytes
    removed: list[str] = []
    problems: list[str] = []
    freed = 0
    for path in _superfluous(logs, _KEPT_WHEN_FULL if aggressive else keep):
        name = path.relative_to(artifacts).as_posix()
        try:
            size = path.lstat().st_size
            if not dry_run:
                path.unlink()
        except OSError as error:
            problems.append(f"{name}: {error.strerror}")
        else:
            removed.append(name)
            freed += size
    return Cleaned(tuple(removed), freed, total, aggressive, tuple(problems))


def _is_real_below(folder: Path, above: Path) -> bool:
    """Whether the folder lies in the other one by its true path: a link on the way leads elsewhere."""
    if not folder.is_dir():
        return False
    relative = folder.relative_to(above)
    steps = [above.joinpath(*relative.parts[: count + 1]) for count in range(len(relative.parts))]
    return not any(step.is_symlink() for step in steps)


def _superfluous(logs: Path, keep: int) -> list[Path]:
    by_section: dict[str, list[tuple[str, int, Path]]] = {}
    with os.scandir(logs) as entries:
        for entry in entries:
            found = _LOG.fullmatch(entry.name)
            with suppress(OSError):  # gone in the meantime
                if found is not None and stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                    key = (found["stamp"], int(found["n"] or 1), logs / entry.name)
                    by_section.setdefault(found["section"], []).append(key)
    superfluous: list[Path] = []
    for section in sorted(by_section):
        superfluous += [path for *_, path in sorted(by_section[section])[:-keep]]
    return superfluous
