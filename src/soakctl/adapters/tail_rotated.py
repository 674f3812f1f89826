"""Log files that were born and rotated away between two looks: found beside the name that is followed."""

from __future__ import annotations

import os
import re
import stat
import time
from functools import lru_cache
from typing import TYPE_CHECKING

from soakctl.adapters.tail_file import OPEN_FLAGS, Mark, identity_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.adapters.tail_file import Identity

# What rotation puts behind a name, or before its last suffix: a number or a date.
_TURN = r"[._-]\d[\d._T:-]*"
# Times of files come from a clock that ticks a hundred times a second at least.
_TICK_S = 0.02


class Rotated:
    """What lies beside followed files under the names of their rotation."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[Identity, Mark] = {}
        self._listed_ns: dict[str, int] = {}
        self._looked_at = 0.0
        self._looking_since = 0.0

    def began(self, path: str) -> None:
        """What was rotated before the service was started is none of this run's."""
        for beside, status in _beside(path):
            self._remember(beside, identity_of(status))

    def look(self) -> None:
        """Another look begins: what it finds was written since the last one."""
        self._looked_at, self._looking_since = self._looking_since, time.time()

    def has_changed(self, path: str) -> bool:
        """Whether anything has come or gone in the directory of a file since this was asked last."""
        try:
            changed = os.stat(os.path.dirname(path)).st_mtime_ns
        except OSError:
            return False
        before = self._listed_ns.get(path)
        self._listed_ns[path] = changed
        return before != changed or time.time() - changed / 1e9 < _TICK_S

    def fresh(self, path: str) -> Iterator[tuple[str, os.stat_result]]:
        """The files beside, oldest first, that were written since the last look and were never followed."""
        found = [item for item in _beside(path) if item[1].st_mtime >= self._looked_at - _TICK_S]
        for beside, status in sorted(found, key=lambda item: (item[1].st_mtime_ns, item[0])):
            mark = self._known.get(identity_of(status))
            if mark is None or not _fits(beside, mark):
                yield beside, status

    def let_go(self, identity: Identity, mark: Mark) -> None:
        """A file is not followed any more; its rotation goes on without this being news."""
        self._known[identity] = mark

    def _remember(self, path: str, identity: Identity) -> None:
        try:
            fd = os.open(path, OPEN_FLAGS)
        except OSError:
            return
        try:
            self._known[identity] = Mark.of(fd, os.fstat(fd).st_size)
        finally:
            os.close(fd)


def is_turn(path: str, live: str) -> bool:
    """Whether rotation may have made the path out of the name of a log."""
    directory, name = os.path.split(live)
    return os.path.dirname(path) == directory and _turns(name).fullmatch(os.path.basename(path)) is not None


@lru_cache(maxsize=256)
def _turns(name: str) -> re.Pattern[str]:
    stem, suffix = os.path.splitext(name)
    return re.compile(f"{re.escape(name)}{_TURN}|{re.escape(stem)}{_TURN}{re.escape(suffix)}")


def _beside(path: str) -> Iterator[tuple[str, os.stat_result]]:
    """Regular files whose names are that of the file and a number or a date: app.log.1, app-2026-11-21.log."""
    directory, name = os.path.split(path)
    pattern = _turns(name)
    try:
        names = [each for each in os.listdir(directory) if pattern.fullmatch(each)]
    except OSError:
        return
    for each in names:
        beside = os.path.join(directory, each)
        try:
            status = os.stat(beside, follow_symlinks=False)
        except OSError:  # rotated on
            continue
        if stat.S_ISREG(status.st_mode):
            yield beside, status


def _fits(path: str, mark: Mark) -> bool:
    """Whether the file holds what was known of its inode, which may have been used again."""
    try:
        fd = os.open(path, OPEN_FLAGS)
    except OSError:
        return True
    try:
        return os.fstat(fd).st_size >= mark.offset and mark.fits(fd)
    finally:
        os.close(fd)
