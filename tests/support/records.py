"""Records of runs, built piece by piece without running anything."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from soakctl.domain.config.kpi import Kpi
from soakctl.domain.fold import fold
from soakctl.domain.iteration import Iteration
from soakctl.domain.journal import Entry, EventKind
from soakctl.domain.plan import Plan
from soakctl.domain.record import KEPT, Record, Series
from soakctl.domain.sample import Sample
from soakctl.domain.state import RunState
from tests.support.scripted import START_UNIX, config_of, manifest_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.domain.config.root import Config

HOUR = 3600.0
# What a healthy run of eight hours in eight iterations begins and ends with.
BOOTED: tuple[tuple[float, str, Mapping[str, Any]], ...] = (
    (0.0, "service_starting", {"life": 1, "restart": False}),
    (0.0, "service_started", {"pid": 100, "started_unix": 1.0}),
    (1.0, "boot_ended", {"exit": "SUCCESS", "took_s": 1.0, "sign": "port 8000", "reason": ""}),
)
STOPPED: tuple[tuple[float, str, Mapping[str, Any]], ...] = (
    (8 * HOUR + 1, "stop_rung", {"rung": "requested", "reason": "planned end"}),
    (8 * HOUR + 1, "stop_rung", {"rung": "asked", "signal": "SIGTERM", "targets": 1}),
    (8 * HOUR + 2, "service_exited", {"code": 0, "expected": True}),
    (8 * HOUR + 2, "stop_rung", {"rung": "gone", "left": 0}),
    (8 * HOUR + 2, "run_ended", {"reason": "planned end", "signum": None}),
)


def kpi_of(name: str = "quality", **fields: Any) -> Kpi:
    """A KPI that needs no reading."""
    return Kpi.model_validate({"name": name, "source": {"log": "quality=(.*)"}, **fields})


def iteration_of(index: int, values: Mapping[str, float | None] | float | None = None, **fields: Any) -> Iteration:
    """A whole hour of a healthy service; a bare value is that of the KPI `quality`."""
    named = {"quality": values} if values is None or isinstance(values, float) else dict(values)
    given: dict[str, Any] = {
        "index": index,
        "started_s": (index - 1) * HOUR + 1,
        "ended_s": index * HOUR + 1,
        "partial": False,
        "values": named,
        "reasons": {},
        "notes": {},
        "verdict": "PASS",
        "failed": (),
        "samples": 60,
        "missed": 0,
        "exits": 0,
        "failed_runs": 0,
        "ended_utc": f"2026-01-01T{index % 24:02d}:00:01Z",
    }
    return Iteration(**{**given, **fields})


def entries_of(*events: tuple[float, str, Mapping[str, Any]]) -> list[Entry]:
    """Journal entries of (elapsed, kind, data); the life is that of the last start."""
    entries, life = [], 0
    for seq, (at_s, kind, data) in enumerate(events, start=1):
        life = data.get("life", life)
        rest = {key: value for key, value in data.items() if key != "life"}
        entries.append(Entry(seq, at_s, START_UNIX + at_s, EventKind(kind), life, rest))
    return entries


def state_of(*events: tuple[float, str, Mapping[str, Any]], plan: Plan | None = None, **fields: Any) -> RunState:
    """The state after these events."""
    return fold(RunState(plan=plan or Plan(8 * HOUR, HOUR, 60.0, 8), **fields), entries_of(*events))


def ended(iteration: Iteration) -> tuple[float, str, Mapping[str, Any]]:
    """The event that closes an iteration."""
    return iteration.ended_s, "iteration_ended", iteration.to_json()


def series_of(columns: Mapping[str, Sequence[float | None]], *, every_s: float = 60.0, life: int = 1) -> Series:
    """Samples of these columns on a grid; the others are missing."""
    series = Series()
    length = max((len(values) for values in columns.values()), default=0)
    for place in range(length):
        row: dict[str, Any] = {name: values[place] for name, values in columns.items()}
        series.add(Sample(place * every_s, START_UNIX + place * every_s, "", life, **row))
    return series


def healthy_series(count: int = 7) -> Series:
    """Fewer samples than a trend needs, of a process that does not grow; growth of it is an open question."""
    columns: dict[str, list[float | None]] = {name: [1.0] * count for name in KEPT}
    columns["zombies"] = [0.0] * count
    columns["cpu_seconds_total"] = [float(place) for place in range(count)]
    return series_of(columns)


def record_of(
    iterations: Sequence[Iteration],
    *,
    config: Config | None = None,
    events: Sequence[tuple[float, str, Mapping[str, Any]]] = (),
    series: Series | None = None,
    hours: float | None = None,
    problems: tuple[str, ...] = (),
    tail: Sequence[tuple[float, str, Mapping[str, Any]]] = STOPPED,
) -> Record:
    """The record of a run that booted, had these iterations and events, and was stopped cleanly (or by `tail`)."""
    series = healthy_series() if series is None else series
    planned_s = 8 * HOUR if hours is None else hours * HOUR
    every_s = planned_s / max(1, len(series))  # as many samples as were planned
    plan = Plan(8 * HOUR, HOUR, every_s, 8)
    if hours is not None:
        plan = Plan(planned_s, planned_s / 8, every_s, 8)
        last = math.nextafter(hours * HOUR + 1, math.inf)
        tail = [(min(at_s, last), kind, data) for at_s, kind, data in tail]
    middle = sorted([*events, *map(ended, iterations)], key=lambda event: event[0])
    state = state_of(*BOOTED, *middle, *tail, plan=plan)
    manifest = manifest_of(config or config_of(), plan)
    return Record(manifest, state, series, problems)
