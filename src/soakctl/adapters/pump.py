"""Reads a pipe of the service in a thread: fast enough not to hold the service up, whatever it writes."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import termios
import threading
import time
from typing import TYPE_CHECKING

from soakctl.adapters.line_batch import LineBatch
from soakctl.adapters.line_budget import LineBudget
from soakctl.adapters.line_reader import BYTES_PER_S, LineReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.adapters.service_log import ServiceLog
    from soakctl.domain.signal import Signal
    from soakctl.domain.watch import LineWatch

# Read at once, always into the same place: a quarter of the pipe, and it stays in the processor's cache.
_READ_BYTES = 262_144
_IDLE_S = 0.25
# A line that is not ended is looked at after this long without another byte.
_SILENCE_S = 0.2
# How long a stopped pump goes on reading from a writer that does not pause.
_STOP_S = 0.5
# Reads closer together than this are made fewer by a pause, in which about this share of the pipe fills.
_SOON_S = 0.01
_PAUSE_S = 0.004
_FILLED = 0.22
_PIPE_BYTES = 65_536


class StreamPump:
    """A daemon thread that reads one pipe until its end.

    The descriptor stays the caller's, who closes it after `join` has said that the pump is done.

    Attributes:
        fault: an error of soakctl's own that ended the matching; the pipe is still emptied then. None otherwise.
    """

    def __init__(
        self,
        fd: int,
        stream: str,
        *,
        watch: LineWatch,
        emit: Callable[[Signal], None],
        now: Callable[[], float],
        sink: ServiceLog | None,
        budget_bytes_per_s: float = BYTES_PER_S,
    ) -> None:
        """`emit` is called from the thread and must not block; `now` gives elapsed seconds of the run."""
        self.fault: Exception | None = None
        self._fd = fd
        self._block = bytearray(_READ_BYTES)
        self._pipe_bytes = _pipe_bytes(fd)
        self._stream = stream
        self._now = now
        self._sink = sink
        self._batch = LineBatch(stream, emit)
        log = None if sink is None else sink.stream(stream)
        self._reader = LineReader(watch, self._batch, LineBudget(budget_bytes_per_s), log)
        self._thread = threading.Thread(target=self._run, name=f"pump-{stream}", daemon=True)
        self._stop_by: float | None = None
        self._read_at = float("-inf")

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the pipe for this many seconds. Whether everything was read and told."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Read what is there, then end, though somebody may still hold the other end of the pipe."""
        self._stop_by = time.monotonic() + _STOP_S

    def _run(self) -> None:
        try:
            self._pump(self._take)
            self._reader.finish(self._now())
        except Exception as error:  # noqa: BLE001 - kept for the caller: a pipe nobody empties would stop the service
            self.fault = error
            self._batch.note(f"soakctl failed to read std{self._stream}, whose lines are dropped from here: {error!r}")
            self._pump(lambda size: self._batch.drop(self._block.count(b"\n", 0, size)))
        self._tell(now=True)

    def _pump(self, take: Callable[[int], None]) -> None:
        poller = select.poll()
        poller.register(self._fd, select.POLLIN | select.POLLHUP)
        while not self._stop_is_over():
            if poller.poll(self._wait_ms()):
                size = self._read()
                if not size:
                    return
                take(size)
                self._breathe(size)
            elif self._stop_by is not None:
                return
            elif self._reader.can_peek and time.monotonic() - self._read_at >= _SILENCE_S and self.fault is None:
                self._reader.peek(self._now())
            self._tell()

    def _take(self, size: int) -> None:
        self._reader.feed(self._block, size, self._now(), behind=self._is_behind(size))

    def _is_behind(self, size: int) -> bool:
        """Whether the pipe is half full still."""
        if size < min(self._pipe_bytes, _READ_BYTES) / 2:
            return False
        try:
            (waiting,) = struct.unpack("i", fcntl.ioctl(self._fd, termios.FIONREAD, bytes(4)))
        except OSError:  # not a pipe
            return False
        return bool(waiting > self._pipe_bytes / 2)

    def _read(self) -> int:
        """How much was read into the block; 0 at the end."""
        try:
            return os.readv(self._fd, [self._block])
        except OSError as error:
            self._batch.note(f"std{self._stream} could not be read any more: {error.strerror}")
            return 0

    def _breathe(self, size: int) -> None:
        """Let writes gather when they come often: each wake-up costs as much as reading 20 KB."""
        last, self._read_at = self._read_at, time.monotonic()
        apart = self._read_at - last
        if size < _READ_BYTES and apart < _SOON_S and self._stop_by is None:
            time.sleep(min(_PAUSE_S, self._pipe_bytes * _FILLED * apart / size))

    def _wait_ms(self) -> int:
        if self._stop_by is not None:
            return 0
        due = self._batch.due()
        wait = _SILENCE_S if self._reader.can_peek else _IDLE_S
        if due is not None:
            wait = min(wait, max(0.0, due - self._now()))
        return int(wait * 1000) + 1

    def _stop_is_over(self) -> bool:
        return self._stop_by is not None and time.monotonic() >= self._stop_by

    def _tell(self, *, now: bool = False) -> None:
        told = self._batch.tell(self._now(), now=now)
        if self._sink is not None and (told or now):
            self._sink.flush()


def _pipe_bytes(fd: int) -> int:
    try:
        return fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ)
    except (AttributeError, OSError):  # not on macOS, whose pipes hold this much once they are used
        return _PIPE_BYTES
