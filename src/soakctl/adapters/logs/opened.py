"""Opens a log, packed or not, and finds where its last lines begin."""

from __future__ import annotations

import io
import os
import stat
from typing import TYPE_CHECKING, BinaryIO, cast

from soakctl.adapters.logs.blocks import Blocks
from soakctl.adapters.logs.decoded import Decoded, encoding_of, head_of
from soakctl.adapters.logs.unpacked import PACKED, Unpacked
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.adapters.logs.blocks import Readable
    from soakctl.domain.logs.block import Block

_STEP = 64 * 1024
# A private key that begins before the first line shown is noticed from this far away.
LEAD_BYTES = 64 * 1024


class OpenedLog:
    """A log that can be read once, from its beginning or from its last lines.

    Attributes:
        path: the name it was opened by; "-" is standard input.
        modified_unix: when it was written last.
        trouble: why its end could not be read, or "".
        is_live: whether somebody may wait for each line.
    """

    def __init__(
        self, path: str, file: Unpacked | Decoded | BinaryIO, *, size: int | None, modified_unix: float
    ) -> None:
        """Takes the file over. `size` is None where it cannot be read from any place, as of a pipe or a packed file."""
        self.path = path
        self.modified_unix = modified_unix
        self.trouble = ""
        self.is_live = path == "-"
        self._file = cast("BinaryIO", file)
        self._unpacked = file if isinstance(file, Unpacked) else None
        self._size = size

    def blocks(self, *, keep_lines: int = 0) -> Iterator[Block]:
        """All of it. What cannot be read ends it, and is said in `trouble`."""
        return self._read(Blocks(cast("Readable", self._file), keep_lines=keep_lines))

    def last(self, lines: int) -> Iterator[Block] | None:
        """The last lines; None where only reading all of it can tell which they are."""
        if self._size is None:
            return None
        try:
            start = last_lines(self._file.fileno(), self._size, lines)
            lead = line_start(self._file.fileno(), max(0, start - LEAD_BYTES), start)
            self._file.seek(lead)
            blocks = Blocks(cast("Readable", self._file))
            blocks.look_back(start - lead)
        except OSError as error:
            self.trouble = error.strerror or str(error)
            return iter(())
        return self._read(blocks)

    @property
    def can_be_sought(self) -> bool:
        """Whether it can be read from any place."""
        return self._size is not None

    def read_from(self, place: int) -> Iterator[Block]:
        """Once more, from a place on at which a line begins. What cannot be read ends it, and is said in `trouble`."""
        fd = self._file.fileno()
        lead = line_start(fd, max(0, place - LEAD_BYTES), place)
        blocks = Blocks(_At(fd, lead))
        try:
            blocks.look_back(place - lead)
        except OSError as error:
            self.trouble = error.strerror or str(error)
            return iter(())
        return self._read(blocks)

    def count(self, most: int) -> int:
        """How many lines there are, or `most` if there are more."""
        if self._size is None:
            return 0
        count = at = 0
        while at < self._size and count < most:
            data = os.pread(self._file.fileno(), _STEP, at)
            if not data:
                break
            at += len(data)
            count += data.count(b"\n")
        return min(count, most)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _read(self, blocks: Blocks) -> Iterator[Block]:
        try:
            yield from blocks.ready()
        except OSError as error:
            self.trouble = error.strerror or str(error)
        yield from blocks.rest()
        if self._unpacked is not None and self._unpacked.trouble:
            self.trouble = self._unpacked.trouble


class _At:
    """An open file from a place on, whoever else reads it."""

    def __init__(self, fd: int, place: int) -> None:
        self._fd = fd
        self._place = place

    def readinto(self, buffer: memoryview, /) -> int:
        """What comes next; 0 at the end. Raises OSError."""
        data = os.pread(self._fd, len(buffer), self._place)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)


def open_log(path: str) -> OpenedLog:
    """Open it; "-" is standard input. Raises UnavailableError, and DependencyError for what needs a library."""
    if path == "-":
        return OpenedLog(
            "-", cast("BinaryIO", open(0, "rb", buffering=0, closefd=False)), size=None, modified_unix=_now()
        )
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            message = "is a directory; name the files in it"
            raise UnavailableError(message, where=path)
        is_plain = stat.S_ISREG(status.st_mode) and not path.endswith(PACKED)
        encoding = encoding_of(head_of(path)) if is_plain else None
        if encoding is not None:
            file: Unpacked | Decoded | BinaryIO = Decoded(path, encoding)
        else:
            file = Unpacked(path) if path.endswith(PACKED) else io.FileIO(path)
    except OSError as error:
        raise UnavailableError(f"cannot be read: {error.strerror or error}", where=path) from None
    size = status.st_size if is_plain and encoding is None else None
    return OpenedLog(path, file, size=size, modified_unix=status.st_mtime)


def _now() -> float:
    import time  # noqa: PLC0415 - only of standard input

    return time.time()


def last_lines(fd: int, size: int, lines: int) -> int:
    """Where the last `lines` lines before `size` begin. Raises OSError."""
    if lines <= 0:
        return size
    end, wanted = size, lines
    if size and os.pread(fd, 1, size - 1) == b"\n":
        wanted += 1
    while end > 0:
        start = max(0, end - _STEP)
        data = os.pread(fd, end - start, start)
        count = data.count(b"\n")
        if count >= wanted:
            place = len(data)
            for _ in range(wanted):
                place = data.rfind(b"\n", 0, place)
            return start + place + 1
        wanted -= count
        end = start
    return 0


def line_start(fd: int, start: int, end: int) -> int:
    """Where the first line begins at or after `start`; `end`, which begins one, if there is none before."""
    while 0 < start < end:
        data = os.pread(fd, min(_STEP, end - start + 1), start - 1)
        place = data.find(b"\n")
        if place >= 0:
            return min(start + place, end)
        start += max(len(data), 1)
    return min(start, end)
