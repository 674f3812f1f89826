"""Lines on their way out: cut where they are too long, without control characters, and redacted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soakctl.redact import Redactor

# A longer line is cut; what is kept beyond the cut lets a secret that lies across it be recognised.
CUT_BYTES = 100_000
OVERLAP_BYTES = 8_192
_MARK = re.compile(rb"\[REDACTED[\w:. -]*\]")
_CONTROL = bytes({*range(0x20), 0x7F} - {*b"\t\n"})
_BY_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Cleaner:
    """Makes whole lines fit to be shown. Their number stays."""

    def __init__(self, redactor: Redactor) -> None:
        """`redactor` hides what is secret."""
        self._redactor = redactor

    def lines(self, data: bytes, *, beyond: int = 0) -> bytes:
        """The lines as UTF-8, each ended. `beyond` bytes of the last one were left out already."""
        if beyond or (len(data) > CUT_BYTES and _has_long(data)):
            lines = data[:-1].split(b"\n")
            last = len(lines) - 1
            return b"".join(self._one(line, beyond if n == last else 0) for n, line in enumerate(lines))
        return self._redactor.block(_plain(data))

    def text(self, text: str) -> str:
        """A text of one line or several, cleaned."""
        return self.lines(text.encode("utf-8", "replace") + b"\n")[:-1].decode("utf-8")

    def _one(self, line: bytes, beyond: int) -> bytes:
        if len(line) <= CUT_BYTES and not beyond:
            return self._redactor.block(_plain(line)) + b"\n"
        kept = line[: CUT_BYTES + OVERLAP_BYTES]
        shown = self._redactor.block(_plain(kept))
        # A secret may have been cut off at the end of what was kept: that much is not shown.
        unsure = OVERLAP_BYTES if beyond or len(kept) < len(line) else 0
        end = max(0, min(CUT_BYTES, len(shown) - unsure))
        text = shown[:end].decode("utf-8", "ignore")
        mark = _MARK.search(shown, end) if unsure else None
        text += mark[0].decode() if mark is not None else ""
        return f"{text} … [cut: {len(line) + beyond - CUT_BYTES} bytes]\n".encode()


def _has_long(data: bytes) -> bool:
    at = 0
    while len(data) - at > CUT_BYTES:
        end = data.rfind(b"\n", at, at + CUT_BYTES + 1)
        if end < 0:
            return True
        at = end + 1
    return False


def _plain(data: bytes) -> bytes:
    """Valid UTF-8 without what would make a terminal do something else than show it."""
    if data.isascii():
        return data.translate(None, _CONTROL)
    text = data.decode("utf-8", "replace")
    return _BY_CONTROL.sub("", text).encode("utf-8")
