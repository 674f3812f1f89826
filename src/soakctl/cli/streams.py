"""stdout and stderr that may be closed, left by their reader, or full: what cannot be told does not end a run."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import sys
from typing import TYPE_CHECKING

from soakctl.errors import ExitCode

if TYPE_CHECKING:
    from typing import TextIO

    from _typeshed import ReadableBuffer

# A pipe whose reader has gone, and a terminal that was closed: nobody is there who could miss what is lost.
_LEFT = frozenset({errno.EPIPE, errno.EIO, errno.EBADF})


class PatientOutput(io.RawIOBase):
    """A descriptor that takes everything; from the first error on it is kept to itself.

    Attributes:
        trouble: the error that nothing was written after; None while all is well.
    """

    def __init__(self, fd: int, *, waits: bool = True) -> None:
        """The descriptor stays open when this is closed. What cannot be written at once may be waited for, or lost."""
        super().__init__()
        self.trouble: OSError | None = None
        self._fd = fd
        self._waits = waits

    def writable(self) -> bool:
        """Nothing else."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self._fd

    def isatty(self) -> bool:
        """Whether somebody may be looking."""
        return os.isatty(self._fd)

    def write(self, data: ReadableBuffer, /) -> int:
        """Write, or lose it."""
        size = memoryview(data).nbytes
        while self.trouble is None:
            try:
                return os.write(self._fd, data)
            except BlockingIOError:  # ours, or whoever shares the descriptor has made it so
                if not self._waits:
                    break
                select.select([], [self._fd], [])
            except OSError as error:
                self.trouble = error
        return size

    @property
    def lost(self) -> str:
        """Why something is missing that somebody waits for; "" when nothing is, or nobody does."""
        if self.trouble is None or self.trouble.errno in _LEFT:
            return ""
        return self.trouble.strerror or str(self.trouble)


def take_streams() -> PatientOutput:
    """Put patient streams in the place of stdout and stderr; gives that of stdout. For the whole process, once."""
    for fd in range(3):  # one that is closed would be taken by the next file that is opened
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    out, err = PatientOutput(1), PatientOutput(2)
    sys.stdout = _text(out, sys.stdout, by_line=out.isatty())
    sys.stderr = _text(err, sys.stderr, by_line=True)
    return out


def board_stream() -> TextIO:
    """A way to the terminal of stderr for what is drawn again anyway: while it is held (Ctrl-S) that is lost."""
    try:
        # Opened anew: a flag on the descriptor itself would hold for the shell as well.
        fd = os.open(os.ttyname(2), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except (AttributeError, OSError):  # Windows; a terminal that belongs to somebody else
        return sys.stderr
    return _text(PatientOutput(fd, waits=False), sys.stderr, by_line=True)


def _text(raw: PatientOutput, before: TextIO | None, *, by_line: bool) -> io.TextIOWrapper:
    # A terminal that cannot show a character is shown a question mark: no verdict fails for want of a letter.
    encoding = getattr(before, "encoding", None) or "utf-8"
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, errors="replace", line_buffering=by_line)


def code_after(code: int, out: PatientOutput) -> int:
    """The exit code, when what was to be written to stdout may not have got there; then that is said."""
    sys.stdout.flush()
    if not out.lost:
        return code
    with contextlib.suppress(OSError):
        sys.stderr.write(f"soakctl: cannot write to standard output: {out.lost}\n")
    return code or int(ExitCode.UNAVAILABLE)
