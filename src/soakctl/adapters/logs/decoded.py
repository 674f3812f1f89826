"""Reads text of another encoding, which its byte order mark names, as UTF-8."""

from __future__ import annotations

import codecs
import io
import os
from collections import deque

_CHUNK = 64 * 1024
# The longer ones first: the mark of UTF-32 begins like one of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
HEAD_BYTES = 4
_MARK = "\ufeff"


def encoding_of(head: bytes) -> str | None:
    """What the first bytes of a file say; None for UTF-8 and for no mark."""
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def may_begin_mark(head: bytes) -> bool:
    """Whether more bytes are needed to tell."""
    return len(head) < HEAD_BYTES and any(mark.startswith(head) for mark, _ in _MARKS)


def head_of(path: str) -> bytes:
    """The first bytes. Raises OSError."""
    with open(path, "rb", buffering=0) as file:
        return file.read(HEAD_BYTES)


class Decoder:
    """Text of such an encoding, piece by piece, as UTF-8.

    Attributes:
        open_bytes: how much was read of a line that is not ended yet.
    """

    def __init__(self, encoding: str) -> None:
        """From the beginning of a line on."""
        self.open_bytes = 0
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._open = 0
        self._fresh = True

    def decode(self, data: bytes, *, final: bool = False) -> bytes:
        """What comes next, without the mark at the beginning."""
        text = self._decoder.decode(data, final=final)
        tail = text.rpartition("\n")[2]
        self._open = len(tail.encode(self._encoding)) + (self._open if len(tail) == len(text) else 0)
        self.open_bytes = self._open + len(self._decoder.getstate()[0])
        if self._fresh and text:
            self._fresh, text = False, text.removeprefix(_MARK)
        return text.encode("utf-8", "replace")


class Decoded:
    """What such a file holds."""

    def __init__(self, path: str, encoding: str) -> None:
        """Raises OSError."""
        self._file = io.FileIO(path)
        self._decoder = Decoder(encoding)
        self._piece = memoryview(b"")

    def readinto(self, buffer: memoryview, /) -> int:
        """What comes next; 0 at the end. Raises OSError."""
        at_end = False
        while not self._piece and not at_end:
            data = self._file.read(_CHUNK)
            at_end = not data
            self._piece = memoryview(self._decoder.decode(data, final=at_end))
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def last_decoded(fd: int, size: int, lines: int, encoding: str) -> int:
    """Where the last lines before `size` begin; with 0 the line that is not ended yet. Raises OSError."""
    newline = "\n".encode(encoding)
    starts = deque([0], maxlen=lines + 1)
    for chunk in range(0, size, _CHUNK):
        data = os.pread(fd, min(_CHUNK, size - chunk), chunk)
        place = data.find(newline)
        while place >= 0:
            if place % len(newline) == 0:
                starts.append(chunk + place + len(newline))
            place = data.find(newline, place + 1)
    if lines and starts[-1] == size and size:
        starts.pop()
    return starts[-lines] if 0 < lines <= len(starts) else starts[-1 if not lines else 0]


def lead_before(fd: int, start: int, most: int, encoding: str) -> tuple[int, int]:
    """Where the first whole line begins up to `most` bytes before a line, and how much UTF-8 lies between."""
    newline = "\n".encode(encoding)
    begin = max(0, start - most) // HEAD_BYTES * HEAD_BYTES
    data = os.pread(fd, start - begin, begin)
    place = -len(newline) if begin == 0 else data.find(newline)
    while place >= 0 and place % len(newline):
        place = data.find(newline, place + 1)
    if begin and place < 0:
        return start, 0
    place += len(newline)
    return begin + place, len(Decoder(encoding).decode(data[place:]))
