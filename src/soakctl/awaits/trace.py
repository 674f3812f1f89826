"""What one trace came to: processes, findings, tasks, threads and loops, as one document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soakctl.awaits.diagnose import diagnose
from soakctl.awaits.groups import groups_of
from soakctl.awaits.scene import Scene
from soakctl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.awaits.finding import Finding
    from soakctl.awaits.groups import Group
    from soakctl.awaits.model import Look


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was looked at, or why it was not.

    Attributes:
        pid, command: which one.
        how: the mechanism that saw it, "" for none.
        note: why it was not seen, or what its picture lacks.
        whole: whether its tasks were seen, not its threads alone.
    """

    pid: int
    command: str
    how: str = ""
    note: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Trace:
    """The outcome of one trace. `seen` has the looks at each process that answered, in the order of time."""

    about: str
    processes: tuple[Process, ...]
    seen: dict[int, tuple[Look, ...]]
    findings: tuple[Finding, ...]
    window_s: float

    @property
    def exit_code(self) -> ExitCode:
        """EXCEPTION with a finding; UNAVAILABLE when no process could be looked into."""
        if any(one.counts for one in self.findings):
            return ExitCode.EXCEPTION
        seen = any(one.whole for one in self.processes if one.pid in self.seen)
        return ExitCode.SUCCESS if seen else ExitCode.UNAVAILABLE

    def groups(self) -> list[Group]:
        """The tasks of all processes by where they stand."""
        return [group for looks in self.seen.values() for group in groups_of(Scene(looks))]

    def to_json(self) -> dict[str, Any]:
        """As `trace --json` prints it."""
        return {
            "schema": "soakctl.trace/1",
            "about": self.about,
            "exit_code": int(self.exit_code),
            "window_s": round(self.window_s, 3),
            "processes": [self._process(one) for one in self.processes],
            "findings": [one.to_json() for one in self.findings],
            "loops": [_loop(look.pid, loop) for look in self._last() for loop in look.loops],
            "tasks": [group.to_json() for group in self.groups()],
            "threads": [row for look in self._last() for row in _threads(look)],
        }

    def _last(self) -> list[Look]:
        return [looks[-1] for looks in self.seen.values()]

    def _process(self, process: Process) -> dict[str, Any]:
        looks = self.seen.get(process.pid, ())
        last = looks[-1] if looks else None
        return {
            "pid": process.pid,
            "command": process.command,
            "how": process.how or None,
            "note": process.note,
            "python": None if last is None else last.python,
            "looks": len(looks),
            "num_tasks": None if last is None else len(last.tasks),
            "pause_ms": max((look.pause_ms for look in looks), default=None),
            "took_ms": max((look.took_ms for look in looks), default=None),
            "hooks": [] if last is None else list(last.hooks),
        }


def conclude(about: str, processes: Sequence[Process], seen: dict[int, tuple[Look, ...]], *, window_s: float) -> Trace:
    """Diagnose every process that was seen."""
    findings = [finding for looks in seen.values() for finding in diagnose(looks)]
    return Trace(about, tuple(processes), seen, tuple(findings), window_s)


def _loop(pid: int, loop: Any) -> dict[str, Any]:
    return {"pid": pid, **loop.model_dump()}


def _threads(look: Look) -> list[dict[str, Any]]:
    return [
        {
            "pid": look.pid,
            "id": thread.id,
            "name": thread.name,
            "daemon": thread.daemon,
            "loop": thread.loop,
            "waits_for": None if thread.wait is None else thread.wait.kind,
            "stack": [{"at": f"{file}:{line}", "function": name} for file, line, name in look.stack(thread.stack)],
        }
        for thread in look.threads
    ]
