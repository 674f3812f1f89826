"""The service's working directory: what lies in it."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Any

from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MOST = 200


# What soakctl writes as JSON says so; what is bigger is looked into no further.
_OWN_MARK = re.compile(rb'"schema": ?"soakctl\.')
_MOST_READ = 1024 * 1024


def look_at_directory(cwd: Path, *, own: Iterable[Path] = ()) -> dict[str, Any]:
    """The directory with its first names, sorted. Raises UnavailableError.

    `own` are places that soakctl or the service writes to: what lies there changes by itself, and is marked so.
    """
    try:
        names = sorted(os.listdir(cwd))
    except OSError as error:
        message = f"the working directory cannot be read: {error.strerror or error}"
        raise UnavailableError(message, where=str(cwd)) from None
    written = {place.relative_to(cwd).parts[0] for place in own if place != cwd and place.is_relative_to(cwd)}
    return {
        "path": str(cwd),
        "entries": len(names),
        "listing": [_entry(cwd, name, written) for name in names[:_MOST]],
        "writable": os.access(cwd, os.W_OK),
    }


def _entry(cwd: Path, name: str, written: set[str]) -> dict[str, Any]:
    try:
        status = os.lstat(cwd / name)
    except OSError:
        return {"name": name, "kind": None, "size_bytes": None}
    mode = status.st_mode
    kind = "directory" if stat.S_ISDIR(mode) else "link" if stat.S_ISLNK(mode) else "file"
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
        kind = "other"
    entry = {"name": name, "kind": kind, "size_bytes": status.st_size if kind == "file" else None}
    is_own = name in written or (kind == "file" and (_is_output(status) or _holds_own(cwd / name, status)))
    return {**entry, "own": True} if is_own else entry


def _is_output(status: os.stat_result) -> bool:
    """Whether what this command prints goes there."""
    for descriptor in (1, 2):
        try:
            if os.path.samestat(os.fstat(descriptor), status):
                return True
        except OSError:
            continue  # closed
    return False


def _holds_own(path: Path, status: os.stat_result) -> bool:
    """Whether it is a document of soakctl's, such as an earlier snapshot."""
    if path.suffix != ".json" or status.st_size > _MOST_READ:
        return False
    try:
        return _OWN_MARK.search(path.read_bytes()) is not None
    except OSError:
        return False
