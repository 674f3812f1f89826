"""Log lines for a pipe or a file: as they are. Imports little, because the first line should be there at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from soakctl.cli.output import reader_has_left

if TYPE_CHECKING:
    from soakctl.services.logs.stamps import Stamps

APART = "--"


class PlainSink:
    """Lines as they are, behind the names of their logs where there are several."""

    def __init__(self, *, labels: bool, stamps: Stamps | None = None) -> None:
        """Writes to stdout. `stamps` know what soakctl put before the lines of a run."""
        self._labels = labels
        self._stamps = stamps

    def lines(self, log: str, data: bytes, *, matches: bool) -> None:
        """See `Sink`."""
        del matches
        data = data if self._stamps is None else self._stamps.shown(data)
        write(labelled(data, log) if self._labels else data)

    def begin(self) -> None:
        """Before all lines."""

    def end(self, logs: list[str], unread: list[str], lacking: int) -> None:
        """After all lines: the names of the logs, what could not be read, and how many neighbours are missing."""

    def apart(self) -> None:
        """See `Sink`."""
        write(f"{APART}\n".encode())

    def flush(self) -> None:
        """See `Sink`."""
        sys.stdout.flush()

    @property
    def is_left(self) -> bool:
        """See `Sink`."""
        return reader_has_left()


def labelled(data: bytes, label: str) -> bytes:
    """Lines behind the name of their log."""
    before = f"{label} | ".encode()
    return before + data[:-1].replace(b"\n", b"\n" + before) + b"\n"


def write(data: bytes) -> None:
    """Put bytes on stdout; on a terminal nothing among them turns the order of letters around."""
    if not data.isascii() and sys.stdout.isatty():
        from soakctl.domain.ansi import without_turns

        data = without_turns(data.decode("utf-8", "replace")).encode()
    sys.stdout.buffer.write(data)
