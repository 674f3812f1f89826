"""What soakctl puts before each line of a run's log: taken away where the line tells its time by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.logs.records import Record

if TYPE_CHECKING:
    from soakctl.domain.logs.times import Times

_STAMP = re.compile(rb"([12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (out|err|file) ")
# How most lines with a time of their own begin.
_OWN = re.compile(rb"\W{0,3}[12]\d{3}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d")


class Stamps:
    """Shows the lines of a run as the service wrote them."""

    def __init__(self, times: Times, *, whole: bool) -> None:
        """With `whole`, what follows a line is what came behind it: a traceback needs no time of its own then."""
        self._times = times
        self._whole = whole
        self._record = Record()

    def stream(self, line: bytes) -> str | None:
        """Where it came from: out, err or file; None where there is no stamp."""
        found = _STAMP.match(line)
        return None if found is None else found[2].decode()

    def bare(self, line: bytes) -> bytes:
        """The line as it was written."""
        found = _STAMP.match(line)
        return line if found is None else line[found.end() :]

    def shown(self, data: bytes) -> bytes:
        """Whole lines for people: the time that a line lacks before it, and `err` where it came from there."""
        return b"".join(map(self._line, data.splitlines(keepends=True)))

    def _line(self, line: bytes) -> bytes:
        found = _STAMP.match(line)
        if found is None:
            return line
        body = line[found.end() :]
        text = body[:4_000].decode("utf-8", "replace")
        goes_on = self._whole and self._record.takes(text.rstrip("\n"))
        if not goes_on:
            self._record.begin(text)
        if goes_on or _OWN.match(body) or self._times.unix(text) is not None:
            return body
        mark = b" err " if found[2] == b"err" else b" "
        return found[1] + mark + body
