"""Tracing: a few looks at every process, and what they mean together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from soakctl.awaits.trace import conclude
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.awaits.model import Look
    from soakctl.awaits.trace import Process, Trace
    from soakctl.ports import TracedProcesses

LOOKS = 3


def take_trace(
    processes: TracedProcesses, *, about: str, over_s: float, wait: Callable[[float], bool], looks: int = LOOKS
) -> Trace:
    """Look several times over `over_s` seconds, and diagnose.

    `wait(seconds)` waits, and says whether to go on; a trace that is cut short is made of the looks so far.
    """
    seen: dict[int, list[Look]] = {}
    failed: dict[int, str] = {}
    found: list[Process] = []
    for number in range(looks):
        if number and not wait(over_s / (looks - 1)):
            break
        found = processes.processes()
        for process in found:
            if not process.how:
                continue
            try:
                seen.setdefault(process.pid, []).append(processes.look(process.pid))
            except UnavailableError as error:
                failed[process.pid] = error.message
    alive = {process.pid for process in found}
    kept = {pid: tuple(all_) for pid, all_ in seen.items() if all_ and pid in alive}
    told = [_told(process, failed.get(process.pid, ""), seen=process.pid in kept) for process in found]
    return conclude(about, told, kept, window_s=over_s)


def _told(process: Process, failure: str, *, seen: bool) -> Process:
    return replace(process, how=process.how if seen else "", note=failure or process.note)
