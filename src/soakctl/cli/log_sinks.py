"""Log lines for a terminal, and for programs that read JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from soakctl.cli.log_plain import PlainSink, write
from soakctl.domain.logs.heads import Heads
from soakctl.report.logs import styled

if TYPE_CHECKING:
    import re

    from soakctl.domain.logs.levels import Level
    from soakctl.domain.logs.times import Times
    from soakctl.services.logs.stamps import Stamps


class ColourSink(PlainSink):
    """Lines in the colour of their level, and what was looked for made bold."""

    def __init__(self, *, labels: bool, found: re.Pattern[str] | None, stamps: Stamps | None = None) -> None:
        """Writes to stdout."""
        super().__init__(labels=labels, stamps=stamps)
        self._found = found
        self._heads = Heads()
        self._level: Level | None = None

    def lines(self, log: str, data: bytes, *, matches: bool) -> None:
        """See `Sink`."""
        at, shown = 0, []
        data = data if self._stamps is None else self._stamps.shown(data)
        label = log if self._labels else ""
        while at < len(data):
            stop = data.find(b"\n", at)
            level = self._heads.level(data, at, stop)
            line = data[at:stop].decode("utf-8", "replace")
            shown.append(styled(line, level, label=label, found=self._found if matches else None) + "\n")
            at = stop + 1
        write("".join(shown).encode())


class JsonSink(PlainSink):
    """One JSON document with all lines; or, when following, one a line."""

    def __init__(self, *, by_line: bool, times: Times, stamps: Stamps | None = None) -> None:
        """`times` reads when lines were logged."""
        super().__init__(labels=False, stamps=stamps)
        self._by_line = by_line
        self._heads = Heads()
        self._times = times
        self._count = 0

    def begin(self) -> None:
        """Before all lines."""
        if not self._by_line:
            write(b'{"lines": [')

    def end(self, logs: list[str], unread: list[str], lacking: int) -> None:
        """See `PlainSink`."""
        if not self._by_line:
            told = {
                "schema": "soakctl.logs/1",
                "shown": self._count,
                "logs": logs,
                "unread": unread,
                "lacking": lacking,
            }
            rest = json.dumps(told, sort_keys=True)
            write(b"\n], " + rest[1:].encode() + b"\n")

    def lines(self, log: str, data: bytes, *, matches: bool) -> None:
        """See `Sink`."""
        at = 0
        while at < len(data):
            stop = data.find(b"\n", at)
            level = self._heads.level(data, at, stop)
            line, stamps = data[at:stop], self._stamps
            unix = self._times.unix(line.decode("utf-8", "replace"))
            text = (line if stamps is None else stamps.bare(line)).decode("utf-8", "replace")
            row: dict[str, Any] = {
                "level": None if level is None else level.name,
                "log": log,
                "matches": matches,
                "stream": None if stamps is None else stamps.stream(line),
                "text": text,
                "time_unix": unix,
            }
            if self._by_line:
                row["schema"] = "soakctl.log-line/1"
            self._row(json.dumps(row, sort_keys=True))
            at = stop + 1

    def _row(self, text: str) -> None:
        before = "" if self._by_line else ("\n" if self._count == 0 else ",\n")
        write(f"{before}{text}{chr(10) if self._by_line else ''}".encode())
        self._count += 1

    def apart(self) -> None:
        """See `Sink`: neighbours are told by `matches`."""
