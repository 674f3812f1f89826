"""The lock of a run: held by soakctl and by the keeper until nothing of the service is left."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Self

from soakctl.adapters.identity import Identity, identity_of, started_unix
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCHEMA = "soakctl.lock/1"
_POLL_S = 0.05
# Between taking the lock and writing down who did, a holder is nameless for a moment.
_NAMELESS_S = 1.0


class RunLock:
    """A lock on an open file. A process that inherits `fd` holds it too; it is free once all of them are gone."""

    def __init__(self, path: Path) -> None:
        """The file is created when the lock is acquired, and stays."""
        self._path = path
        self._fd: int | None = None

    @property
    def fd(self) -> int:
        """The descriptor to pass on. Raises RuntimeError while the lock is not held."""
        if self._fd is None:
            message = "the run lock is not held"
            raise RuntimeError(message)
        return self._fd

    def acquire(self, timeout_s: float = 0.0, on_wait: Callable[[str], None] | None = None) -> None:
        """Take the lock, waiting up to `timeout_s` seconds for the keeper of a dead soakctl.

        `on_wait` is told why, once. A living soakctl is not waited for. Raises UnavailableError naming the holder.
        """
        fd = self._open()
        try:
            self._wait_for(fd, time.monotonic() + timeout_s, on_wait)
            _write(fd)
        except OSError as error:
            os.close(fd)
            raise UnavailableError(f"the run cannot be locked: {error.strerror}", where=str(self._path)) from error
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd

    def release(self) -> None:
        """Let go; the lock stays held while a keeper has it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        """Take the lock at once or not at all."""
        self.acquire()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Let go."""
        self.release()

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
        except OSError as error:
            message = f"the run directory cannot be written to: {error.strerror}"
            raise UnavailableError(message, where=str(self._path)) from error

    def _wait_for(self, fd: int, deadline: float, on_wait: Callable[[str], None] | None) -> None:
        nameless_until = time.monotonic() + _NAMELESS_S
        told = False
        while not _try_lock(fd):
            holder = read_holder(self._path)
            if holder is not None and holder.alive:
                message = f"the run is in use by another soakctl (pid {holder.pid})"
                raise UnavailableError(message, hint="wait for it, or stop it", where=str(self._path))
            now = time.monotonic()
            if holder is not None or now >= nameless_until:
                who = "an earlier soakctl" if holder is None else f"soakctl pid {holder.pid}, which has ended,"
                if now >= deadline:
                    message = f"the service started by {who} is still being stopped by its keeper"
                    raise UnavailableError(message, hint="try again in a moment", where=str(self._path))
                if on_wait is not None and not told:
                    told = True
                    on_wait(f"waiting for the service started by {who} to be stopped by its keeper")
            time.sleep(_POLL_S)


def read_holder(path: Path) -> Identity | None:
    """Who took the lock last; None when that cannot be read. Whether it is still held is another question."""
    try:
        found = json.loads(path.read_bytes())
        return Identity(str(found["boot_id"]), int(found["pid"]), int(found["start_ticks"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(fd: int) -> None:
    me = identity_of(os.getpid())
    if me is None:
        message = "this process is not in the process table"
        raise UnavailableError(message, hint="is /proc mounted?")
    document = {
        "boot_id": me.boot_id,
        "pid": me.pid,
        "schema": SCHEMA,
        "start_ticks": me.start,
        "started_unix": round(started_unix(me), 2),
    }
    # In place: a file that was renamed over would be another file, and so another lock.
    os.ftruncate(fd, 0)
    os.lseek(fd, 0, os.SEEK_SET)
    os.write(fd, json.dumps(document, sort_keys=True).encode() + b"\n")


if sys.platform == "win32":
    import msvcrt

    def _try_lock(fd: int) -> bool:
        # Far beyond the text: a locked byte cannot be read by others.
        os.lseek(fd, 1 << 30, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
