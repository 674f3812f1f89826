"""How many bytes directories hold, found in small slices so that a sample never waits for a large tree."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

from soakctl.adapters.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_SLICE_S = 0.05
_PAUSE_EVERY = 256  # entries between two looks at the clock
_NOT_THE_SERVICES = "lost+found"  # of the file system, and for root's eyes alone


class DiskUsage:
    """Sizes of some directories (or files) together.

    A scan starts at most once in max(60 s, 100 x the cost of the last one) and may take several looks. What is counted
    is a file's length, or what is allocated for it where that is less (sparse files); a file with several names and a
    directory within another one count once. Symbolic links are not followed and vanished files are ignored. A path
    that does not exist holds nothing.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        skip: Sequence[Path] = (),
        clock: Callable[[], float] = time.perf_counter,
        slice_s: float = _SLICE_S,
    ) -> None:
        """`skip` are directories below `paths` that are not counted."""
        self._paths = paths
        self._skip = skip
        self._clock = clock
        self._slice_s = slice_s
        self._throttle = Throttle()
        self._scan: _Scan | None = None
        self._cost_s = 0.0

    def look(self, elapsed_s: float) -> int | None:
        """The size, when a scan was completed by this look and could read everything; None in between.

        Nothing to watch is 0; None too when not one of the paths exists.
        """
        if not self._paths:
            return 0
        if self._scan is None:
            if not self._throttle.due(elapsed_s):
                return None
            self._scan, self._cost_s = _Scan(self._paths, self._skip), 0.0
        began = self._clock()
        finished = self._scan.advance(until=began + self._slice_s, clock=self._clock)
        self._cost_s += self._clock() - began
        if not finished:
            return None
        size = self._scan.result()
        self._scan = None
        self._throttle.spent(elapsed_s, self._cost_s)
        return size


class _Scan:
    """One walk over the paths, which can be left and taken up again."""

    def __init__(self, paths: Sequence[Path], skip: Sequence[Path]) -> None:
        roots = {os.path.realpath(path) for path in paths}
        self._roots = sorted(root for root in roots if not any(_above(other, root) for other in roots))
        self._skip = {os.path.realpath(path) for path in skip}
        self._size = 0
        self._exists = False
        self._readable = True
        self._linked: set[tuple[int, int]] = set()
        self._steps = self._walk()

    def advance(self, *, until: float, clock: Callable[[], float]) -> bool:
        """Walk on until that time; say whether the walk is over."""
        return all(clock() < until for _ in self._steps)

    def result(self) -> int | None:
        return self._size if self._exists and self._readable else None

    def _walk(self) -> Iterator[None]:
        todo: list[str] = []
        for root in self._roots:
            try:
                info = os.stat(root)
            except OSError as error:
                self._failed(error)
                continue
            self._exists = True
            if stat.S_ISDIR(info.st_mode):
                todo.append(root)
            else:
                self._count(info)
        while todo:
            try:
                with os.scandir(todo.pop()) as entries:
                    for number, entry in enumerate(entries, start=1):
                        self._enter(entry, todo)
                        if number % _PAUSE_EVERY == 0:
                            yield
            except OSError as error:
                self._failed(error)
            yield

    def _enter(self, entry: os.DirEntry[str], todo: list[str]) -> None:
        try:
            if not entry.is_dir(follow_symlinks=False):
                self._count(entry.stat(follow_symlinks=False))
            elif entry.name != _NOT_THE_SERVICES and entry.path not in self._skip and not _is_junction(entry):
                todo.append(entry.path)
        except OSError as error:
            self._failed(error)

    def _count(self, info: os.stat_result) -> None:
        if info.st_nlink > 1:
            if (info.st_dev, info.st_ino) in self._linked:
                return
            self._linked.add((info.st_dev, info.st_ino))
        self._size += min(info.st_size, getattr(info, "st_blocks", info.st_size) * 512)

    def _failed(self, error: OSError) -> None:
        """What vanished meanwhile is ignored; what cannot be read makes the sum incomplete."""
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            self._readable = False


def _above(outer: str, inner: str) -> bool:
    return inner.startswith(os.path.join(outer, ""))


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """A Windows link to a directory, which does not call itself a symbolic link."""
    if os.name != "nt":
        return False
    attributes: int = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0)
    return bool(attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT)
