"""Where following ended, kept in a file: which files by device, inode and content, and how far each was shown."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from soakctl.adapters.tail_file import Identity, Mark
from soakctl.adapters.text_file import replace_text
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

SCHEMA = "soakctl.log-cursor/1"


class Cursor:
    """A place in each of several files."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self._path = path
        self._rows: dict[Identity, dict[str, Any]] = {}
        self.is_new = True

    def load(self) -> None:
        """Read what was kept; nothing if there is no such file yet. Raises UnavailableError."""
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            rows: Any = document["files"] if document["schema"] == SCHEMA else None
            self._rows = {(int(row["device"]), int(row["inode"])): row for row in rows}
        except FileNotFoundError:
            return
        except OSError as error:
            message = f"cannot be read: {error.strerror or error}"
            raise UnavailableError(message, where=str(self._path)) from None
        except (ValueError, KeyError, TypeError):
            message = f"{self._path} is no cursor of soakctl's"
            hint = "Name another file, or remove this one to begin anew."
            raise UnavailableError(message, hint=hint, where=str(self._path)) from None
        self.is_new = False

    def check(self) -> None:
        """Raise UnavailableError where no cursor can be kept."""
        probe = self._path.with_name(f".{self._path.name}.{os.getpid()}.new")
        try:
            if self._path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if self._path.exists() and not self._path.is_file():
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()
        except OSError as error:
            message = f"the cursor cannot be kept: {error.strerror or error}"
            raise UnavailableError(message, where=str(self._path)) from None

    def missing(self, found: set[Identity]) -> list[str]:
        """The names of files that are not there any more."""
        return [str(row["path"]) for identity, row in self._rows.items() if identity not in found]

    def is_of(self, names: Collection[str]) -> bool:
        """Whether it is about any of these logs, or what they were rotated into."""
        paths = [os.path.basename(str(row["path"])) for row in self._rows.values()]
        return not any(paths) or any(path.startswith(os.path.basename(name)) for path in paths for name in names)

    def mark(self, identity: Identity, fd: int) -> tuple[Mark, bool] | None:
        """Where to go on in a file, and whether it was overwritten: then that is its beginning. None if it is new."""
        row = self._rows.get(identity)
        if row is None:
            return None
        mark = Mark.of(fd, int(row["offset"]))
        fits = os.fstat(fd).st_size >= mark.offset and row["hash"] in {"", _hash(mark)}
        return (mark, False) if fits else (Mark(0), True)

    def copied(self, fd: int) -> tuple[Identity, Mark] | None:
        """Where to go on in a file that is not known, but is a copy of one that is; and of which."""
        for identity, row in self._rows.items():
            offset = int(row["offset"])
            if offset and row["hash"] and os.fstat(fd).st_size >= offset:
                mark = Mark.of(fd, offset)
                if _hash(mark) == row["hash"]:
                    return identity, mark
        return None

    def save(self, places: Mapping[Identity, tuple[str, Mark]]) -> None:
        """Keep where each file is now. Raises UnavailableError."""
        rows = [
            {"device": device, "inode": inode, "path": path, "offset": mark.offset, "hash": _hash(mark)}
            for (device, inode), (path, mark) in places.items()
        ]
        replace_text(self._path, json.dumps({"schema": SCHEMA, "files": rows}, indent=1, sort_keys=True) + "\n")


def _hash(mark: Mark) -> str:
    """What the file holds there: a hash, because a log may hold anything. "" where nobody has looked."""
    if mark.offset and not mark.head:
        return ""
    return hashlib.sha256(b"%d:%b:%b" % (len(mark.head), mark.head, mark.anchor)).hexdigest()
