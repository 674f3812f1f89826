"""The fold: how each kind of journal entry changes the state of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.iteration import Iteration, Window
from soakctl.domain.journal import EventKind
from soakctl.domain.reduce import Reservoir
from soakctl.domain.state import Boot, Phase, Stop
from soakctl.domain.tuning import applied, looked, proposed, skipped
from soakctl.domain.wording import died_how

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from soakctl.domain.journal import Entry
    from soakctl.domain.state import RunState

_CRITICAL_SHOWN = 20


def fold(state: RunState, entries: Iterable[Entry]) -> RunState:
    """The state after these entries; the same for the engine, a resume, the gate and every page."""
    for entry in entries:
        apply(state, entry)
    return state


def apply(state: RunState, entry: Entry) -> None:
    """Take in one entry of the journal."""
    state.seq = entry.seq
    state.elapsed_s = max(state.elapsed_s, entry.elapsed_s)
    state.unix = entry.unix
    handler = _HANDLERS.get(entry.kind)
    if handler is not None:
        handler(state, entry)


def _resumed(state: RunState, _entry: Entry) -> None:
    state.resumes += 1
    state.phase = Phase.NEW
    state.alive = False
    state.ended = None
    state.stop = None
    state.boot = None
    state.tuning.at_end = None
    if state.iterations and state.iterations[-1].partial and state.cut is not None:
        state.iterations.pop()
        state.window = state.cut
    state.cut = None


def _ended(state: RunState, entry: Entry) -> None:
    state.phase = Phase.ENDED
    state.ended = {**entry.data, "elapsed_s": entry.elapsed_s, "unix": entry.unix}


def _gap(state: RunState, entry: Entry) -> None:
    lost = float(entry.data.get("lost_s", 0.0))
    state.gaps.append(dict(entry.data))
    if state.began_s is None:
        return
    state.gap_s += lost
    if state.window is not None:
        state.window.gap_s += lost


def _starting(state: RunState, entry: Entry) -> None:
    state.life = entry.life
    state.phase = Phase.BOOTING
    state.boot = Boot(started_s=entry.elapsed_s)
    if state.first_boot is None:
        state.first_boot = state.boot
    state.restarts += bool(entry.data.get("restart"))
    state.stop = None


def _started(state: RunState, entry: Entry) -> None:
    state.alive = True
    state.service_pid = entry.data["pid"]
    state.service_started_unix = entry.data["started_unix"]


def _exited(state: RunState, entry: Entry) -> None:
    state.alive = False
    cause = entry.data.get("cause")
    if cause:
        state.keeper_ends.append({"cause": cause, "elapsed_s": entry.elapsed_s, "life": entry.life})
    if state.stop is not None:
        state.stop.kept = not cause
        state.stop.exited = True
        state.stop.exit_code = entry.data["code"]
    if state.window is not None and entry.data.get("failed_run"):
        state.window.failed_runs += 1
        how = "ran too long and was stopped" if entry.data.get("timed_out") else died_how(entry.data["code"])
        state.failed_runs.append(f"run {state.window.index}: {entry.data.get('detail') or how}")
    if entry.data["expected"]:
        return
    state.exits.append({**entry.data, "elapsed_s": entry.elapsed_s, "life": entry.life})
    if state.window is not None:
        state.window.exits += 1
    if not state.stopping:
        state.phase = Phase.WAITING


def _rung(state: RunState, entry: Entry) -> None:
    data = dict(entry.data)
    if data["rung"] == "requested":
        state.stop = Stop(data["reason"], entry.elapsed_s, data.get("signum"))
        state.stops.append(state.stop)
        if data.get("final", True):
            state.phase = Phase.STOPPING
        return
    if state.stop is None:
        return
    state.stop.rungs.append({**data, "elapsed_s": entry.elapsed_s})
    if data["rung"] == "gone":
        state.stop.left = data["left"]


def _checkpoint(state: RunState, entry: Entry) -> None:
    if state.boot is not None:
        state.boot.reached[entry.data["name"]] = dict(entry.data)


def _boot_ended(state: RunState, entry: Entry) -> None:
    if state.boot is None:
        return
    state.boot.result = dict(entry.data)
    if state.boot.passed:
        state.phase = Phase.RUNNING
        if state.began_s is None:
            state.began_s = entry.elapsed_s


def _silent(state: RunState, entry: Entry) -> None:
    state.silences.append({**entry.data, "lost_s": entry.elapsed_s, "restored_s": None})


def _heard(state: RunState, entry: Entry) -> None:
    if state.silences:
        state.silences[-1]["restored_s"] = entry.elapsed_s


def _missed(state: RunState, entry: Entry) -> None:
    slots = int(entry.data.get("slots", 1))
    state.missed += slots
    if state.window is not None:
        state.window.missed += slots


def _dropped(state: RunState, entry: Entry) -> None:
    state.dropped += entry.data["lines"]
    if state.window is not None:
        state.window.dropped += entry.data["lines"]


def _observed(state: RunState, entry: Entry) -> None:
    data = entry.data
    state.lines += data["lines"]
    state.critical += data["critical"]
    state.events += data["events"]
    room = _CRITICAL_SHOWN - len(state.critical_lines)
    state.critical_lines.extend(data.get("critical_lines", ())[:room])
    window = state.window
    if window is None:
        return
    window.events += data["events"]
    state.events_in_iterations += data["events"]
    for name, values in data.get("values", {}).items():
        kept = window.logs.setdefault(name, Reservoir())
        for value in values:
            kept.add(value)
    for name, count in data.get("counted", {}).items():
        window.counted[name] = window.counted.get(name, 0) + count


def _iteration_started(state: RunState, entry: Entry) -> None:
    state.window = Window(entry.data["iteration"], entry.elapsed_s)
    if state.began_s is None:
        state.began_s = entry.elapsed_s


def _iteration_ended(state: RunState, entry: Entry) -> None:
    state.iterations.append(Iteration.from_json(entry.data))
    state.cut = state.window if entry.data["partial"] else None
    state.window = None


def _kpi_read(state: RunState, entry: Entry) -> None:
    if state.window is not None:
        data = entry.data
        state.window.read(data["name"], entry.elapsed_s, data["value"], data["reason"], data.get("note", ""))


def _finding(state: RunState, entry: Entry) -> None:
    state.findings.append({**entry.data, "elapsed_s": entry.elapsed_s, "life": entry.life})


def _attributing(state: RunState, entry: Entry) -> None:
    """Until its end is recorded it counts as having taken as long as it may."""
    to_s = entry.elapsed_s + float(entry.data.get("at_most_s", 0.0))
    state.attributions.append({**entry.data, "from_s": entry.elapsed_s, "to_s": to_s})


def _attributed(state: RunState, entry: Entry) -> None:
    for one in state.attributions[-1:]:
        one |= {**entry.data, "to_s": entry.elapsed_s, "ended": True}


_HANDLERS: dict[EventKind, Callable[[RunState, Entry], None]] = {
    EventKind.RUN_RESUMED: _resumed,
    EventKind.RUN_ENDED: _ended,
    EventKind.GAP: _gap,
    EventKind.SERVICE_STARTING: _starting,
    EventKind.SERVICE_STARTED: _started,
    EventKind.SERVICE_EXITED: _exited,
    EventKind.STOP_RUNG: _rung,
    EventKind.CHECKPOINT: _checkpoint,
    EventKind.BOOT_ENDED: _boot_ended,
    EventKind.LIVENESS_LOST: _silent,
    EventKind.LIVENESS_RESTORED: _heard,
    EventKind.SAMPLE_MISSED: _missed,
    EventKind.LINES_DROPPED: _dropped,
    EventKind.LOG_OBSERVED: _observed,
    EventKind.ITERATION_STARTED: _iteration_started,
    EventKind.ITERATION_ENDED: _iteration_ended,
    EventKind.KPI_READ: _kpi_read,
    EventKind.OVERRIDES_READ: lambda state, entry: looked(state.tuning, entry),
    EventKind.DELTA_PROPOSED: lambda state, entry: proposed(state.tuning, entry),
    EventKind.DELTA_SKIPPED: lambda state, entry: skipped(state.tuning, entry),
    EventKind.DELTA_APPLIED: lambda state, entry: applied(state.tuning, entry, reverted=False),
    EventKind.DELTA_REVERTED: lambda state, entry: applied(state.tuning, entry, reverted=True),
    EventKind.FINDING: _finding,
    EventKind.ATTRIBUTION_STARTED: _attributing,
    EventKind.ATTRIBUTION_ENDED: _attributed,
}
