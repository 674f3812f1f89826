"""What one trace came to: processes, findings, tasks, threads and loops, as one document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from soakctl.awaits.diagnose import diagnose
from soakctl.awaits.finding import Confidence, Finding, Kind
from soakctl.awaits.groups import groups_of
from soakctl.awaits.scene import Scene
from soakctl.errors import ExitCode, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.awaits.groups import Group
    from soakctl.awaits.model import Look


LEAST_LOOKS = 2  # what waits and what is stuck look alike at once


class BusyError(UnavailableError):
    """The agent did not answer while the process's main thread was on the CPU."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was looked at, or why it was not.

    Attributes:
        pid, command: which one.
        how: the mechanism that saw it, "" for none.
        note: why it was not seen, or what its picture lacks.
        whole: whether its tasks were seen, not its threads alone.
        blind: it has, or should have, an agent, and was not seen often enough to call it well.
    """

    pid: int
    command: str
    how: str = ""
    note: str = ""
    whole: bool = True
    blind: bool = False


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
        """EXCEPTION with a finding; SUCCESS only when enough was seen to say that nothing is wrong."""
        if any(one.counts for one in self.findings):
            return ExitCode.EXCEPTION
        return ExitCode.UNAVAILABLE if self.doubt else ExitCode.SUCCESS

    @property
    def doubt(self) -> str:
        """Why nobody can say that nothing is wrong; "" where that can be said."""
        blind = [one.pid for one in self.processes if one.blind]
        if blind:
            return f"process {', '.join(map(str, blind))} could not be looked into"
        whole = [one.pid for one in self.processes if one.whole and one.pid in self.seen]
        if not whole:
            return "tasks could not be seen"
        if all(len(self.seen[pid]) < LEAST_LOOKS for pid in whole):
            return "one look alone does not tell what waits from what is stuck"
        return ""

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


def conclude(
    about: str,
    processes: Sequence[Process],
    seen: dict[int, tuple[Look, ...]],
    *,
    window_s: float,
    busy: Mapping[int, str] | None = None,
) -> Trace:
    """Diagnose every process that was seen. `busy`: those that never answered and burned CPU, and what was said."""
    findings = [_holds_interpreter(pid, said) for pid, said in (busy or {}).items()]
    findings += [finding for looks in seen.values() for finding in diagnose(looks)]
    known = tuple(_with_trouble(process, seen.get(process.pid, ())) for process in processes)
    return Trace(about, known, seen, tuple(findings), window_s)


def _with_trouble(process: Process, looks: tuple[Look, ...]) -> Process:
    """A look that could not see all of it does not call the process well."""
    trouble = next((look.trouble for look in looks if look.trouble), "")
    if not trouble:
        return process
    said = f"not all of it could be looked into: {trouble}"
    return replace(process, note="; ".join(filter(None, (process.note, said))), blind=True)


def _holds_interpreter(pid: int, said: str) -> Finding:
    return Finding(
        kind=Kind.BLOCKED_LOOP,
        confidence=Confidence.LIKELY,
        summary=f"nothing in the process gets its turn: {said}",
        members=("the main thread",),
        evidence=(),
        pid=pid,
        hint=f"py-spy dump --native --pid {pid} shows the call: a regular expression, say, or a sum over very much.",
    )


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
