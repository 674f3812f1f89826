"""Tracing: a few looks at every process, and what they mean together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from soakctl.awaits.trace import LEAST_LOOKS, BusyError, conclude
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.awaits.model import Look
    from soakctl.awaits.trace import Process, Trace
    from soakctl.ports import TracedProcesses

LOOKS = 3
_NO_LOOP = "asyncio is not used"  # as the agent says it


def take_trace(
    processes: TracedProcesses, *, about: str, over_s: float, wait: Callable[[float], bool], looks: int = LOOKS
) -> Trace:
    """Look several times over `over_s` seconds, and diagnose.

    `wait(seconds)` waits, and says whether to go on; a trace that is cut short is made of the looks so far.
    """
    looked = _Looked(processes)
    for number in range(looks):
        if number and not wait(over_s / (looks - 1)):
            break
        looked.again()
    return looked.trace(about, over_s)


class _Looked:
    """What the looks so far have shown."""

    def __init__(self, processes: TracedProcesses) -> None:
        """Nothing yet."""
        self._processes = processes
        self._found: list[Process] = []
        self._seen: dict[int, list[Look]] = {}
        self._failed: dict[int, str] = {}
        self._busy: dict[int, str] = {}
        self._fresh = True

    def again(self) -> None:
        """One more look at all that live."""
        found = self._processes.processes()
        if not found:  # all have ended: what was seen before counts
            return
        self._found, self._fresh = found, True
        for process in self._found:
            if not process.how:
                continue
            try:
                self._seen.setdefault(process.pid, []).append(self._processes.look(process.pid))
            except UnavailableError as error:
                self._fresh = False
                self._failed[process.pid] = error.message
                if isinstance(error, BusyError):
                    self._busy[process.pid] = error.message

    def trace(self, about: str, over_s: float) -> Trace:
        """All of it together. Those that have ended while they were looked at are no riddle."""
        now = self._found if self._fresh else self._processes.processes()
        alive = {process.pid for process in (now or self._found)}
        found = [process for process in self._found if process.pid in alive]
        kept = {pid: tuple(all_) for pid, all_ in self._seen.items() if all_ and pid in alive}
        told = [self._told(process, looks=len(kept.get(process.pid, ()))) for process in found]
        busy = {pid: said for pid, said in self._busy.items() if pid in alive and pid not in kept}
        return conclude(about, told, kept, window_s=over_s, busy=busy)

    def _told(self, process: Process, *, looks: int) -> Process:
        failure = self._failed.get(process.pid, "")
        blind = bool(failure) and looks < LEAST_LOOKS and _NO_LOOP not in failure
        return replace(
            process,
            how=process.how if looks else "",
            note=failure or process.note,
            blind=process.blind or blind,
        )
