"""A soak told in plain lines, for CI and for pipes: what happens, and one line an iteration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from soakctl.domain.iteration import Iteration
from soakctl.domain.journal import EventKind
from soakctl.domain.wording import counted, died_how, show_bytes, show_count, show_number, show_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.journal import Entry
    from soakctl.domain.run import Manifest
    from soakctl.domain.sample import Sample
    from soakctl.domain.state import RunState


class ProgressLines:
    """An observer that writes a line for what a person would want to know."""

    def __init__(self, manifest: Manifest, write: Callable[[str], None], *, as_json: bool) -> None:
        """`write` takes one line; with `as_json` each is a JSON object."""
        self._write = write
        self._as_json = as_json
        run = f"run {manifest.run_id}, {show_seconds(manifest.planned_s)} planned"
        self._tell("run", run, {"run_id": manifest.run_id, "planned_s": manifest.planned_s})

    def seen(self, state: RunState, entry: Entry) -> None:
        """Tell what matters of an entry."""
        text = told(state, entry)
        if text:
            self._tell(str(entry.kind), f"{show_seconds(entry.elapsed_s):>8}  {text}", entry.to_json())

    def sampled(self, _state: RunState, _sample: Sample) -> None:
        """Samples are in the file; the iteration's line sums them up."""

    def _tell(self, kind: str, text: str, data: dict[str, Any]) -> None:
        self._write(json.dumps({"event": kind, **data}, sort_keys=True, ensure_ascii=False) if self._as_json else text)


def told(state: RunState, entry: Entry) -> str:
    """The entry in a few words, or "" for what nobody needs to be told."""
    if entry.kind is EventKind.ITERATION_ENDED:
        return _iteration(state, entry.data)
    teller = _TELLERS.get(entry.kind)
    return "" if teller is None else teller(entry.data)


def _exited(data: Any) -> str:
    if data["expected"] or data.get("start_failed"):  # the end of the boot tells why nothing was started
        return ""
    if data.get("cause"):
        return f"{data['cause']}, and the service with it"
    return f"the service {died_how(data['code'])}"


def _boot_ended(data: Any) -> str:
    if data["exit"] == "SUCCESS":
        return f"alive after {show_seconds(data['took_s'])}: {data['sign'] or 'no sign of life, but still up'}"
    return f"the boot failed ({data['exit']}): {data['reason']}"


def _rung(data: Any) -> str:
    if data["rung"] == "requested":
        return f"stopping: {data['reason']}" if data.get("final", True) else ""
    if data["rung"] == "killed":
        return f"killed {counted(data['targets'], 'process', 'processes')} that did not end"
    return ""


def _iteration(state: RunState, data: Any) -> str:
    total = state.plan.iterations
    figures = [f"{name} {show_number(value)}" for name, value in data["values"].items() if value is not None]
    latest = state.latest
    if latest is not None and latest.rss_bytes is not None:
        figures.append(f"rss {show_bytes(latest.rss_bytes)}")
    partial = " (cut short)" if data["partial"] else ""
    outcome = Iteration.from_json(data).outcome
    return f"iteration {data['iteration']}/{total or '?'} {outcome}{partial}  {', '.join(figures)}"


def _written(data: Any) -> str:
    changes = [f"{key} {value['before']} -> {value['found']}" for key, value in data["values"].items()]
    return ", ".join(changes)


def _proposed(data: Any) -> str:
    """What a person would not guess from what comes of it: a conflict, and why a change is taken back."""
    told = data["conflicts"] if data["revert_of"] is None else data["rationale"][:1]
    return "; ".join(told)


_TELLERS: dict[EventKind, Callable[[Any], str]] = {
    EventKind.SERVICE_STARTED: lambda data: f"service started, pid {data['pid']}",
    EventKind.SERVICE_EXITED: _exited,
    EventKind.BOOT_ENDED: _boot_ended,
    EventKind.CHECKPOINT: lambda data: f"checkpoint {data['name']}",
    EventKind.STOP_RUNG: _rung,
    EventKind.GAP: lambda data: f"gap: {data['reason']}",
    EventKind.LIVENESS_LOST: lambda data: f"silent for {show_seconds(data['silence_s'])}",
    EventKind.LIVENESS_RESTORED: lambda _data: "heard again",
    EventKind.SAMPLE_MISSED: lambda data: f"sample missed: {data['reason']}",
    EventKind.LINES_DROPPED: lambda data: f"{show_count(data['lines'])} log lines came too fast and were dropped",
    EventKind.RUN_ENDED: lambda data: f"run ended: {data['reason']}",
    EventKind.RUN_RESUMED: lambda data: f"resumed after {show_seconds(data['away_s'])}",
    EventKind.DELTA_PROPOSED: _proposed,
    EventKind.DELTA_APPLIED: lambda data: f"changed {_written(data)}",
    EventKind.DELTA_REVERTED: lambda data: f"taken back {_written(data)}",
    EventKind.DELTA_SKIPPED: lambda data: f"held back {data['reason']}" if data["skipped"] else "",
    EventKind.FINDING: lambda data: f"{data['what']}: {data['reason']}",
}
