"""Takes the snapshots of a run on a thread of its own: the run does not wait for them."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from soakctl.errors import SoakctlError

if TYPE_CHECKING:
    from collections.abc import Callable

# So long the run waits at most for the look at a process that may be stopped in a moment (seconds).
_GLANCE_S = 0.5
# All questions have an end of their own; together they take no longer than this (seconds).
_LAST_S = 30.0


class _Wanted(NamedTuple):
    name: str
    moment: str
    pid: int | None
    seen: threading.Event


class Background:
    """Takes one snapshot after the other and writes each."""

    def __init__(
        self,
        take: Callable[[str, int | None, Callable[[], None]], dict[str, Any]],
        write: Callable[[str, dict[str, Any]], None],
    ) -> None:
        """`take` is given the moment, the pid, and what to call once it has seen the process."""
        self._take = take
        self._write = write
        self._queue: SimpleQueue[_Wanted | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="soakctl-snapshot", daemon=True)
        self._problems: list[str] = []
        self.fault: Exception | None = None
        self._thread.start()

    def ask(self, name: str, moment: str, pid: int | None) -> None:
        """Take one as soon as possible; wait until a process that may be about to end was looked at, but never long."""
        wanted = _Wanted(name, moment, pid, threading.Event())
        self._queue.put(wanted)
        if pid is not None and moment != "start":
            wanted.seen.wait(_GLANCE_S)

    def close(self) -> list[str]:
        """Wait for those that were asked for, and say which could not be taken."""
        self._queue.put(None)
        self._thread.join(_LAST_S)
        if self._thread.is_alive():
            self._problems.append("the last look at the environment takes too long, and was given up")
        return self._problems

    def _run(self) -> None:
        while (wanted := self._queue.get()) is not None:
            try:
                self._write(wanted.name, self._take(wanted.moment, wanted.pid, wanted.seen.set))
            except SoakctlError as error:
                self._problems.append(f"{wanted.name}: {error.message}")
            except Exception as error:  # noqa: BLE001 - a fault must reach the main thread, not end this one
                self.fault = error
            finally:
                wanted.seen.set()
