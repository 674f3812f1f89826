"""Reads text of another encoding, which its byte order mark names, as UTF-8."""

from __future__ import annotations

import codecs
import io

_CHUNK = 64 * 1024
# The longer ones first: the mark of UTF-32 begins like one of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def marked_encoding(path: str) -> str | None:
    """What the file begins with says; None for UTF-8 and for no mark. Raises OSError."""
    with open(path, "rb", buffering=0) as file:
        head = file.read(4)
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


class Decoded:
    """What such a file holds."""

    def __init__(self, path: str, encoding: str) -> None:
        """Raises OSError."""
        self._file = io.FileIO(path)
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._piece = memoryview(b"")

    def readinto(self, buffer: memoryview, /) -> int:
        """What comes next; 0 at the end. Raises OSError."""
        at_end = False
        while not self._piece and not at_end:
            data = self._file.read(_CHUNK)
            at_end = not data
            self._piece = memoryview(self._decoder.decode(data, final=at_end).encode("utf-8", "replace"))
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
