"""The service's working directory: what lies in it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

_MOST = 200


def look_at_directory(cwd: Path) -> dict[str, Any]:
    """The directory with its first names, sorted. Raises UnavailableError."""
    try:
        names = sorted(os.listdir(cwd))
    except OSError as error:
        message = f"the working directory cannot be read: {error.strerror or error}"
        raise UnavailableError(message, where=str(cwd)) from None
    return {
        "path": str(cwd),
        "entries": len(names),
        "listing": [_entry(cwd, name) for name in names[:_MOST]],
        "writable": os.access(cwd, os.W_OK),
    }


def _entry(cwd: Path, name: str) -> dict[str, Any]:
    try:
        status = os.lstat(cwd / name)
    except OSError:
        return {"name": name, "kind": None, "size_bytes": None}
    mode = status.st_mode
    kind = "directory" if stat.S_ISDIR(mode) else "link" if stat.S_ISLNK(mode) else "file"
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
        kind = "other"
    return {"name": name, "kind": kind, "size_bytes": status.st_size if kind == "file" else None}
