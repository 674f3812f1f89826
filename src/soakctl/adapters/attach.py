"""Watching a process that soakctl did not start: it is never stopped, and its death is noticed at once."""

from __future__ import annotations

import os
import select
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.adapters.identity import identity_of, started_unix
from soakctl.domain.signal import Exited, Gone, Started, StartFailed
from soakctl.errors import UnavailableError
from soakctl.keeper.system import LINUX

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.adapters.identity import Identity
    from soakctl.domain.signal import Signal

# Where the system cannot say when a process ends, it is looked for this often (seconds).
_LOOK_EVERY_S = 0.25


class AttachedProcess:
    """A running process, in the place of a service that was started. Its children are looked at, not kept."""

    def __init__(self, pid: int, emit: Callable[[Signal], None]) -> None:
        """Find it. Raises UnavailableError when there is no such process or it may not be read."""
        self._emit = emit
        self.identity = _find(pid)
        self._watch = _watch(self.identity)
        self._thread = threading.Thread(target=self._wait, name="attached", daemon=True)

    @property
    def root_pid(self) -> int:
        """The process itself, unlike that of a service which soakctl started."""
        return self.identity.pid

    def start(self) -> None:
        """Begin to watch. Answered by Started, or StartFailed when it has ended since it was found."""
        if not self.identity.alive:
            self._emit(StartFailed("gone", f"process {self.identity.pid} has ended"))
            return
        self._emit(Started(self.identity.pid, started_unix(self.identity)))
        self._thread.start()

    def stop(self, grace_s: float) -> None:  # noqa: ARG002 - as a service that was started
        """Stop watching, nothing else. Answered by Gone."""
        self._end()
        self._emit(Gone(0))

    def close(self) -> None:
        """Stop watching."""
        self._end()
        self._watch.close()

    def _end(self) -> None:
        self._watch.cancel()
        if self._thread.is_alive():
            self._thread.join()

    def _wait(self) -> None:
        if self._watch.wait():
            self._emit(Exited(None))


class _PidfdWatch:
    """The kernel says when the process ends."""

    def __init__(self, handle: int, identity: Identity) -> None:
        self._handle = handle
        self._identity = identity
        self._cancel = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def wait(self) -> bool:
        """Until the process has ended (True) or the watch is cancelled (False)."""
        if not self._identity.alive:  # the handle may be that of a later process
            return True
        poll = select.poll()
        poll.register(self._handle, select.POLLIN)
        poll.register(self._cancel, select.POLLIN)
        ready = [fd for fd, _event in poll.poll()]
        return self._cancel not in ready

    def cancel(self) -> None:
        """End the wait; may be called again, and after `close`."""
        if self._cancel >= 0:
            os.eventfd_write(self._cancel, 1)

    def close(self) -> None:
        """Give back the descriptors."""
        for fd in (self._handle, self._cancel):
            if fd >= 0:
                os.close(fd)
        self._handle = self._cancel = -1


class _PollingWatch:
    """For systems that cannot say when a process ends."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._cancelled = threading.Event()

    def wait(self) -> bool:
        """Until the process has ended (True) or the watch is cancelled (False)."""
        while not self._cancelled.wait(_LOOK_EVERY_S):
            if not self._identity.alive:
                return True
        return False

    def cancel(self) -> None:
        """End the wait."""
        self._cancelled.set()

    def close(self) -> None:
        """Nothing to give back."""


def _watch(identity: Identity) -> _PidfdWatch | _PollingWatch:
    try:
        return _PidfdWatch(os.pidfd_open(identity.pid), identity) if LINUX else _PollingWatch(identity)
    except (AttributeError, OSError):  # an old Python or kernel, or a sandbox that forbids it
        return _PollingWatch(identity)


def _find(pid: int) -> Identity:
    """The process. Raises UnavailableError with the reason when it cannot be watched."""
    identity = identity_of(pid)
    if identity is None:
        if _exists(pid):
            raise _unreadable(pid)
        raise UnavailableError(f"there is no process {pid}", hint="look for it with: ps -e")
    if LINUX:
        try:
            _refuse_thread(pid)
            next(Path(f"/proc/{pid}/fd").iterdir(), None)
        except PermissionError:
            raise _unreadable(pid) from None
        except OSError:
            raise UnavailableError(f"process {pid} has just ended") from None
    return identity


def _exists(pid: int) -> bool:
    """Whether there is one that is not shown: /proc can be mounted so that others' processes are hidden."""
    if pid <= 0 or os.name == "nt":  # where signal 0 ends the process
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _unreadable(pid: int) -> UnavailableError:
    return UnavailableError(
        f"process {pid} belongs to another user and cannot be read", hint="run soakctl as that user or as root"
    )


def _refuse_thread(pid: int) -> None:
    """/proc has a directory for each thread too, though it does not list them."""
    lines = Path(f"/proc/{pid}/status").read_bytes().splitlines()
    leader = next(int(line.split()[1]) for line in lines if line.startswith(b"Tgid:"))
    if leader != pid:
        raise UnavailableError(f"{pid} is a thread of process {leader}", hint=f"use --pid {leader}")
