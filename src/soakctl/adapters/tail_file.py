"""One log file that is followed: held open, read on from where it was, and noticed when it is not the same any more."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from soakctl.adapters.splitter import Block

OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
_READ_BYTES = 65_536
_HEAD_BYTES = 1_024
_ANCHOR_BYTES = 64

Identity = tuple[int, int]


class Feed(Protocol):
    """What takes the bytes of a file, as `LineReader` does."""

    @property
    def at_line_start(self) -> bool:
        """Whether the next byte begins a line."""
        ...

    @property
    def can_peek(self) -> bool:
        """Whether there is an open line worth a look."""
        ...

    def feed(self, block: Block, size: int, at: float) -> None:
        """Take in the first `size` bytes of the block."""
        ...

    def peek(self, at: float) -> None:
        """Look at the open line."""
        ...

    def finish(self, at: float) -> None:
        """What is open is the last line; another file's beginning may follow."""
        ...


def identity_of(status: os.stat_result) -> Identity:
    """What stays the same when a file is renamed: device and inode."""
    return status.st_dev, status.st_ino


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file holds where it has been read: its beginning, and the bytes right before the place.

    Inodes are used again and files are overwritten; together with the inode this tells whether it is the same file.
    """

    offset: int
    head: bytes = b""
    anchor: bytes = b""

    @classmethod
    def of(cls, fd: int, offset: int) -> Mark:
        """The mark of a place in an open file."""
        back = min(offset, _ANCHOR_BYTES)
        return cls(offset, os.pread(fd, min(offset, _HEAD_BYTES), 0), os.pread(fd, back, offset - back))

    @property
    def is_telling(self) -> bool:
        """Whether a file that it fits can only be a copy."""
        return len(self.head) == _HEAD_BYTES

    def fits(self, fd: int) -> bool:
        """Whether the open file holds the same there."""
        if os.pread(fd, len(self.head), 0) != self.head:
            return False
        return os.pread(fd, len(self.anchor), self.offset - len(self.anchor)) == self.anchor


class TailFile:
    """A file and the place up to which it has been read.

    Attributes:
        path: the name it was found by last.
        quiet: polls in a row that brought nothing.
        mark: where it has been read to.
        fd: the descriptor it is held open by.
        origin: the file that this one is a copy of, and is not read as long as that one is there itself.
        is_handed_over: a copy goes on where this one was read to.
    """

    def __init__(self, path: str, fd: int, mark: Mark, reader: Feed) -> None:
        """Takes the descriptor over."""
        self.path = path
        self.quiet = 0
        self.mark = mark
        self.fd = fd
        self.origin: TailFile | None = None
        self.is_handed_over = False
        self._reader = reader

    @property
    def size(self) -> int:
        """How much is in it now."""
        return os.fstat(self.fd).st_size

    def is_behind(self, listed: os.stat_result) -> bool:
        """Whether its name leads to more than the descriptor shows, as over a network or an overlay."""
        return listed.st_size > self.size

    def is_as_it_was(self) -> bool:
        """Whether it holds what was read of it. Raises OSError."""
        return self.size >= self.mark.offset and self.mark.fits(self.fd)

    def read_on(self, at: float) -> bool:
        """Read what is there; False, and nothing is read, when it is not what it had been. Raises OSError."""
        size = self.size
        start = self.mark.offset
        if not self.is_as_it_was():
            return False
        end = self._read(start, max(start, size), at)
        if end > start:
            self.mark = Mark.of(self.fd, end)
            self.quiet = 0
        else:
            self._stand_still(at)
        return True

    def read_anew(self, at: float) -> None:
        """It is another file by now: read it from its beginning. Raises OSError."""
        self._reader.finish(at)
        self.is_handed_over = False
        self.begin_anew()
        end = self._read(0, self.size, at)
        self.mark = Mark.of(self.fd, end)
        self.quiet = 0 if end else self.quiet + 1

    def begin_anew(self) -> None:
        """Nothing of it has been read."""
        self.mark = Mark(0)

    def skip(self) -> None:
        """What is in it now has been read elsewhere."""
        self.mark = Mark.of(self.fd, self.size)

    def take_over(self, origin: TailFile) -> None:
        """Go on where the file was read to that this is a copy of, in the middle of its line too."""
        self.mark, self._reader, origin._reader = origin.mark, origin._reader, self._reader
        origin.is_handed_over = True

    def reopen(self) -> None:
        """Take a fresh descriptor of the same file. Raises OSError."""
        fd = os.open(self.path, OPEN_FLAGS)
        if identity_of(os.fstat(fd)) != identity_of(os.fstat(self.fd)):
            os.close(fd)  # rotated meanwhile
            return
        os.close(self.fd)
        self.fd = fd

    def finish(self, at: float) -> None:
        """No more will come: what is left is the last line."""
        self._reader.finish(at)

    @property
    def feed(self) -> Feed:
        """What takes its bytes."""
        return self._reader

    def mark_at(self, offset: int) -> Mark:
        """The mark of an earlier place. Raises OSError."""
        return Mark.of(self.fd, offset)

    def close(self) -> None:
        """Let go of the descriptor."""
        os.close(self.fd)

    def _stand_still(self, at: float) -> None:
        self.quiet += 1
        if self._reader.can_peek:
            self._reader.peek(at)

    def _read(self, start: int, end: int, at: float) -> int:
        """Feed what lies between; how far that went."""
        reader = self._reader
        while start < end:
            if reader.at_line_start:
                start = max(start, min(end, self._next_data(start)))
            block = os.pread(self.fd, _READ_BYTES, start)
            if not block:
                break
            start += len(block)
            if reader.at_line_start:
                block = block.lstrip(b"\0")  # a writer that was not told of a truncation leaves a hole
            reader.feed(block, len(block), at)
        return start

    def _next_data(self, offset: int) -> int:
        """Past a hole in the file, where the system can tell."""
        try:
            return os.lseek(self.fd, offset, os.SEEK_DATA)
        except (AttributeError, OSError):
            return offset
