"""A soak told in plain lines, for CI and for pipes: what happens, and one line an iteration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from soakctl.domain.journal import EventKind
from soakctl.domain.units import died_how, show_bytes, show_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.journal import Entry
    from soakctl.domain.run import Manifest
    from soakctl.domain.sample import Sample
    from soakctl.domain.state import RunState

_QUIET = frozenset(
    {
        EventKind.RUN_STARTED,
        EventKind.ITERATION_STARTED,
        EventKind.KPI_READ,
        EventKind.LOG_OBSERVED,
        EventKind.SERVICE_STARTING,
        EventKind.VERDICT,
    }
)


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
    if entry.kind in _QUIET:
        return ""
    data, kind = entry.data, entry.kind
    if kind is EventKind.ITERATION_ENDED:
        return _iteration(state, data)
    if kind is EventKind.SERVICE_STARTED:
        return f"service started, pid {data['pid']}"
    if kind is EventKind.SERVICE_EXITED:
        return "" if data["expected"] else f"the service {data.get('detail') or died_how(data['code'])}"
    if kind is EventKind.BOOT_ENDED:
        if data["exit"] == "SUCCESS":
            return f"alive after {show_seconds(data['took_s'])}: {data['sign'] or 'no sign of life, but still up'}"
        return f"the boot failed ({data['exit']}): {data['reason']}"
    if kind is EventKind.CHECKPOINT:
        return f"checkpoint {data['name']}"
    if kind is EventKind.STOP_RUNG:
        return _rung(data)
    if kind is EventKind.GAP:
        return f"gap: {data['reason']}"
    if kind is EventKind.LIVENESS_LOST:
        return f"silent for {show_seconds(data['silence_s'])}"
    if kind is EventKind.LIVENESS_RESTORED:
        return "heard again"
    if kind is EventKind.SAMPLE_MISSED:
        return f"sample missed: {data['reason']}"
    if kind is EventKind.LINES_DROPPED:
        return f"{data['lines']} log lines came too fast and were dropped"
    if kind is EventKind.RUN_ENDED:
        return f"run ended: {data['reason']}"
    if kind is EventKind.RUN_RESUMED:
        return f"resumed after {show_seconds(data['away_s'])}"
    if kind is EventKind.FINDING:
        return f"{data['what']}: {data['reason']}"
    return ""


def _rung(data: Any) -> str:
    if data["rung"] == "requested":
        return f"stopping: {data['reason']}" if data.get("final", True) else ""
    if data["rung"] == "killed":
        return f"killed {data['targets']} processes that did not end"
    return ""


def _iteration(state: RunState, data: Any) -> str:
    total = state.plan.iterations
    figures = [f"{name} {value:.4g}" for name, value in data["values"].items() if value is not None]
    latest = state.latest
    if latest is not None and latest.rss_bytes is not None:
        figures.append(f"rss {show_bytes(latest.rss_bytes)}")
    partial = " (cut short)" if data["partial"] else ""
    return f"iteration {data['iteration']}/{total or '?'} {data['kpi_verdict']}{partial}  {', '.join(figures)}"
