"""A log together with what it was rotated into: one flow of lines, oldest first."""

from __future__ import annotations

import glob
import os
import re
from typing import TYPE_CHECKING

from soakctl.adapters.logs.opened import open_log
from soakctl.errors import SoakctlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soakctl.adapters.logs.opened import OpenedLog
    from soakctl.domain.logs.block import Block

# app.log.1, app.log.2.gz, app.log-20261121, app.log.2026-11-21_00-00-00
_ROTATED = re.compile(r"[.-](?P<number>\d{1,4}|\d{4}-?\d\d-?\d\d[\d_T.:-]*)(?:\.(?:gz|zst|bz2|xz))?")


def rotated(path: str) -> list[str]:
    """What a log was rotated into, oldest first."""
    found: list[tuple[float, int, str]] = []
    for each in glob.glob(glob.escape(path) + "[.-]*"):
        match = _ROTATED.fullmatch(each[len(path) :])
        if match is None:
            continue
        try:
            written = os.stat(each).st_mtime
        except OSError:
            continue  # gone in this moment
        number = match["number"]
        found.append((written, -int(number) if number.isdigit() else 0, each))
    return [each for *_, each in sorted(found)]


class LogGroup:
    """Files that are read one after the other as one log.

    Attributes:
        name: how the log is called where there are several.
        paths: its files, oldest first.
    """

    def __init__(self, name: str, paths: list[str], *, trouble: Callable[[str, SoakctlError | str], None]) -> None:
        """`trouble` is told, with the path, why a file could not be read or not to its end."""
        self.name = name
        self.paths = paths
        self._trouble = trouble

    @property
    def can_be_read_again(self) -> bool:
        """Whether all of it is there a second time, as it is not in a pipe."""
        return all(path != "-" and (os.path.isfile(path) or not os.path.exists(path)) for path in self.paths)

    def blocks(self, *, keep_lines: int = 0) -> Iterator[tuple[OpenedLog, Block]]:
        """All lines. A file that cannot be read is told and left out."""
        for path in self.paths:
            log = self._open(path)
            if log is not None:
                yield from self._read(log, log.blocks(keep_lines=keep_lines))

    def last(self, lines: int) -> Iterator[tuple[OpenedLog, Block]]:
        """The last lines, or somewhat more."""
        chosen: list[tuple[OpenedLog, Iterator[Block]]] = []
        for path in reversed(self.paths):
            log = self._open(path)
            if log is None:
                continue
            last = log.last(lines)
            chosen.append((log, log.blocks() if last is None else last))
            if last is not None:
                lines -= log.count(lines)
            if lines <= 0:
                break
        for log, blocks in reversed(chosen):
            yield from self._read(log, blocks)

    def _open(self, path: str) -> OpenedLog | None:
        try:
            return open_log(path)
        except SoakctlError as error:
            self._trouble(path, error)
            return None

    def _read(self, log: OpenedLog, blocks: Iterator[Block]) -> Iterator[tuple[OpenedLog, Block]]:
        try:
            for block in blocks:
                yield log, block
        finally:
            log.close()
        if log.trouble:
            self._trouble(log.path, log.trouble)
