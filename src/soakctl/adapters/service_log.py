"""Writes `logs/service.log`: every line that was looked at, redacted, in files that are rotated by size."""

from __future__ import annotations

import os
import re
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BUFFER_BYTES = 65_536
_FLUSH_S = 1.0
# What can be the inside of a private key whose beginning was dropped.
_KEY_BODY = re.compile(r"\s*[A-Za-z0-9+/=]{16,}\s*")
_HIDDEN = "[REDACTED:after-gap]"


class ServiceLog:
    """The log of all streams of a service. Any thread may write.

    Lines are in the file within a second if `flush` is called that often, and after `close`. An error of writing is
    never raised: `failed` says the last one and `lost` counts the lines it cost.
    """

    def __init__(
        self,
        path: Path,
        redact: Callable[[], Callable[[str], str]],
        clock: Callable[[], float],
        *,
        max_bytes: int = 50_000_000,
        keep: int = 3,
    ) -> None:
        """`redact` makes a redactor for one stream, which may remember its lines. `clock` gives unix seconds.

        Above `max_bytes` the file becomes `<name>.1` and so on; `keep` of them are kept.
        """
        self._path = path
        self._redact = redact
        self._clock = clock
        self._max_bytes = max_bytes
        self._keep = keep
        self._lock = threading.Lock()
        self._fd: int | None = None
        self._size = 0
        self._buffer: list[bytes] = []
        self._buffered = 0
        self._flushed_at = time.monotonic()
        self._second = -1
        self._stamped = ""
        self.failed = ""
        self.lost = 0

    def stream(self, name: str) -> StreamLog:
        """A way in for one flow of lines, under the name it has in the file: out, err or file."""
        return StreamLog(self, name, self._redact())

    def flush(self) -> None:
        """Put what is buffered into the file."""
        with self._lock:
            self._flush()

    def close(self) -> None:
        """Flush, and close the file. Writing again opens it again."""
        with self._lock:
            self._flush()
            self._close()

    def put(self, name: str, text: str) -> None:
        """Add a line that is redacted already."""
        with self._lock:
            line = f"{self._stamp()} {name} {text}\n".encode("utf-8", "backslashreplace")
            self._buffer.append(line)
            self._buffered += len(line)
            if self._buffered >= _BUFFER_BYTES or time.monotonic() - self._flushed_at >= _FLUSH_S:
                self._flush()

    def _stamp(self) -> str:
        unix = self._clock()
        second = int(unix)
        if second != self._second:
            self._second = second
            self._stamped = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._stamped}.{int((unix - second) * 1000):03d}Z"

    def _flush(self) -> None:
        self._flushed_at = time.monotonic()
        if not self._buffer:
            return
        lines, self._buffer, self._buffered = self._buffer, [], 0
        try:
            self._write(b"".join(lines))
        except OSError as error:
            self.lost += len(lines)
            self.failed = f"{self._path}: {error.strerror or error}"
            self._close()  # opened again, it sees whether its last line was torn

    def _write(self, data: bytes) -> None:
        if self._fd is None:
            self._open()
        elif self._size and self._size + len(data) > self._max_bytes:
            self._rotate()
        fd = self._fd
        assert fd is not None
        rest = memoryview(data)
        while rest:
            written = os.write(fd, rest)
            self._size += written
            rest = rest[written:]

    def _open(self) -> None:
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
        try:
            self._size = os.fstat(fd).st_size
            if self._size and os.pread(fd, 1, self._size - 1) != b"\n":  # torn by a kill or a full disk
                self._size += os.write(fd, b"\n")
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd

    def _close(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    def _rotate(self) -> None:
        self._close()
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{n}") for n in range(1, self._keep + 1))]
        if self._keep == 0:
            self._path.unlink(missing_ok=True)
        for newer, older in reversed(list(pairwise(names))):
            if newer.exists():
                newer.replace(older)
        self._open()


class StreamLog:
    """One flow of lines on its way into the log. For one thread at a time."""

    def __init__(self, log: ServiceLog, name: str, redact: Callable[[str], str]) -> None:
        """Made by `ServiceLog.stream`."""
        self._log = log
        self._name = name
        self._redact = redact
        self._after_gap = False

    def write(self, text: str) -> None:
        """A whole line."""
        self._log.put(self._name, self._redacted(text))

    def write_long(self, text: str, cut: int, unsure: int, total: int) -> None:
        """A line longer than `cut` bytes: redacted first, then cut. `total` is its length in bytes.

        `text` is its beginning; of what is left of it after redaction the last `unsure` bytes are not shown, because
        a secret may have been cut off there.
        """
        data = self._redacted(text).encode("utf-8", "backslashreplace")
        shown = min(cut, len(data) - unsure)
        if shown < len(data):
            kept = data[: max(0, shown)].decode("utf-8", "ignore")
            self._log.put(self._name, f"{kept} … [cut: {total - cut} bytes]")
        else:
            self._log.put(self._name, data.decode("utf-8"))

    def gap(self, lines: int) -> None:
        """Lines were dropped here."""
        self._after_gap = True
        self._log.put(self._name, f"… [dropped: {lines} lines that came too fast]")

    def flush(self) -> None:
        """Put what is buffered, of all streams, into the file."""
        self._log.flush()

    def _redacted(self, text: str) -> str:
        if self._after_gap:
            if _KEY_BODY.fullmatch(text):
                return _HIDDEN
            self._after_gap = False
        return self._redact(text)
