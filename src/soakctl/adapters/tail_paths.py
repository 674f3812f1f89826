"""Which files a list of paths and patterns means at the moment."""

from __future__ import annotations

import glob
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# A pattern like `app.log*` also finds what rotation has packed.
_PACKED = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".zip", ".Z")


class TailPaths:
    """Paths and glob patterns, relative to `base`."""

    def __init__(self, paths: Sequence[str], base: Path) -> None:
        """`~` stands for the home directory."""
        self._base = os.path.join(base, "")
        full = [os.path.join(base, os.path.expanduser(path)) for path in paths]
        # A name that exists with its brackets is no pattern.
        self._plain = [path for path in full if not glob.has_magic(path) or os.path.lexists(path)]
        self._patterns = [path for path in full if path not in self._plain]

    @property
    def plain(self) -> tuple[str, ...]:
        """The paths that are no patterns."""
        return tuple(self._plain)

    def shown(self, path: str) -> str:
        """The path as people know it: relative to the base where it lies below."""
        return path.removeprefix(self._base)

    def listed(self) -> Iterator[tuple[str, os.stat_result | OSError]]:
        """What is there now, each name once: its status, or why it cannot be looked at. Missing files are left out."""
        found: set[str] = set()
        for pattern in self._patterns:
            found.update(path for path in glob.glob(pattern, recursive=True) if not path.endswith(_PACKED))
        for path in [*self._plain, *sorted(found.difference(self._plain))]:
            try:
                status = os.stat(path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                yield path, error
                continue
            if stat.S_ISREG(status.st_mode):
                yield path, status
            elif path in self._plain:
                yield path, OSError(0, "it is not a regular file")
