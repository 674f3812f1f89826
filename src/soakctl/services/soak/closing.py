"""Closing an iteration: the last readings, the values, the verdict of the iteration, its summary."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from soakctl.domain.command import ReadKpi
from soakctl.domain.iteration import Iteration
from soakctl.domain.journal import Event, EventKind
from soakctl.domain.signal import KpiRead
from soakctl.judge.kpi import judge_iteration
from soakctl.services.engine.part import Document
from soakctl.services.soak.kpi_values import is_read, kpi_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soakctl.domain.command import Command
    from soakctl.domain.config.kpi import Kpi
    from soakctl.domain.plan import Plan
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState
    from soakctl.services.soak.logs import LogPart

# Sources answer within their own timeout; beyond this the iteration is closed without them (seconds).
_LONGEST_READ_S = 30.0
# An iteration shorter than this share of the planned length is partial.
_WHOLE = 0.9


class Closer:
    """Reads the KPIs of the open iteration, on demand and at its end, and closes it."""

    def __init__(self, kpis: Sequence[Kpi], plan: Plan, logs: LogPart, *, mock: bool, counts_events: bool) -> None:
        """`counts_events`: a liveness is configured, so `events` and `events_per_second` are KPIs by themselves."""
        self._kpis = kpis
        self._asked = [kpi for kpi in kpis if is_read(kpi)]
        self._plan = plan
        self._logs = logs
        self._mock = mock
        self._counts_events = counts_events
        self._token = 0
        self._open: dict[int, str] = {}
        self._final: set[int] = set()
        self._close_by_s: float | None = None
        self._next_s: dict[str, float] = {}

    @property
    def closing(self) -> bool:
        """Whether the last readings are under way."""
        return self._close_by_s is not None

    def due(self, _state: RunState) -> float | None:
        """The end of patience, or the next reading of a KPI that is read more than once."""
        if self._close_by_s is not None:
            return self._close_by_s
        return min(self._next_s.values(), default=None)

    def take(self, signal: Signal | None) -> Iterator[Event]:
        """Record an answer to a question of ours."""
        if isinstance(signal, KpiRead) and self._open.pop(signal.token, None) == signal.name:
            self._final.discard(signal.token)
            data = {"name": signal.name, "value": signal.value, "reason": signal.reason}
            yield Event(EventKind.KPI_READ, {**data, "note": signal.note} if signal.note else data)

    def periodic(self, now: Moment) -> Iterator[Command]:
        """Ask those whose time has come."""
        for kpi in self._asked:
            every = self._every(kpi)
            if every is None:
                continue
            if now.elapsed_s >= self._next_s.get(kpi.name, now.elapsed_s):
                self._next_s[kpi.name] = now.elapsed_s + every
                yield self._ask(kpi)

    def _every(self, kpi: Kpi) -> float | None:
        if kpi.every is not None:
            return float(kpi.every)
        return self._plan.sample_every_s if kpi.abort else None

    def _ask(self, kpi: Kpi) -> Command:
        self._token += 1
        self._open[self._token] = kpi.name
        return ReadKpi(kpi.name, self._token)

    def begin(self, now: Moment) -> Iterator[Command]:
        """Ask every source for the last reading of the iteration."""
        self._close_by_s = now.elapsed_s + _LONGEST_READ_S
        for kpi in self._asked:
            question = self._ask(kpi)
            self._final.add(self._token)
            yield question

    def ready(self, now: Moment) -> bool:
        """Whether all have answered, or none is waited for any longer."""
        return self._close_by_s is not None and (not self._final or now.elapsed_s >= self._close_by_s)

    def open(self, index: int) -> Iterator[Event]:
        """Open an iteration; what was logged before it is not its own."""
        yield from self._logs.flush()
        yield Event(EventKind.ITERATION_STARTED, {"iteration": index})

    def close(self, now: Moment, state: RunState) -> Iterator[Event | Document]:
        """Record the iteration and write its summary."""
        yield from self._logs.flush()
        window = state.window
        assert window is not None
        seconds = max(0.0, now.elapsed_s - window.started_s - window.gap_s)
        values, reasons = kpi_values(self._kpis, window, seconds)
        verdict, failed = judge_iteration(self._kpis, values, mock=self._mock)
        if window.exits or window.failed_runs:
            verdict = "FAIL"
        elif verdict == "PASS" and not window.samples and not self._plan.repeated:
            verdict = "NO_DATA"
        if self._counts_events:
            values.setdefault("events", float(window.events))
            values.setdefault("events_per_second", window.events / seconds if seconds > 0 else None)
        iteration = Iteration(
            index=window.index,
            started_s=round(window.started_s, 6),
            ended_s=round(now.elapsed_s, 6),
            partial=self._is_partial(state, seconds),
            values=values,
            reasons=reasons,
            notes=window.notes,
            verdict=verdict,
            failed=failed,
            samples=window.samples,
            missed=window.missed,
            exits=window.exits,
            failed_runs=window.failed_runs,
            ended_utc=datetime.fromtimestamp(now.unix, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        self._close_by_s = None
        self._final.clear()
        yield Event(EventKind.ITERATION_ENDED, iteration.to_json())
        yield Document(f"ITER_SUMMARY_{iteration.index}.json", iteration.to_summary())

    def _is_partial(self, state: RunState, seconds: float) -> bool:
        if self._plan.repeated:
            return state.stopping
        return seconds < _WHOLE * self._plan.iteration_s
