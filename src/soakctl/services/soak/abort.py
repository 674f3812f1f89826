"""Ending a run early when a KPI that may do so has failed for long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.config.kpi import LogSource, ResourceSource
from soakctl.domain.journal import Event, EventKind
from soakctl.domain.line import HitKind
from soakctl.domain.signal import KpiRead, Lines, Sampled
from soakctl.domain.state import Phase
from soakctl.domain.wording import show_number
from soakctl.judge.kpi import show_bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soakctl.domain.config.kpi import Kpi
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState


class AbortPart:
    """Watches the KPIs marked `abort: true` between the ends of iterations."""

    def __init__(self, kpis: Sequence[Kpi], *, mock: bool) -> None:
        """Others are left to the gate."""
        self._kpis = {kpi.name: kpi for kpi in kpis if kpi.abort}
        self._mock = mock
        self._failing_since_s: dict[str, float] = {}

    def due(self, _state: RunState) -> float | None:
        """It decides when a value comes."""
        return None

    def on(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event]:
        """Look at each value as it comes."""
        if state.phase is not Phase.RUNNING or not self._kpis:
            return
        for kpi, value in self._values(signal):
            if not kpi.valid.holds(value):
                continue
            bounds = kpi.fail_bounds(mock=self._mock)
            if bounds.holds(value):
                self._failing_since_s.pop(kpi.name, None)
                continue
            since = self._failing_since_s.setdefault(kpi.name, now.elapsed_s)
            if now.elapsed_s - since >= float(kpi.delay or 0.0):
                yield from self._abort(kpi, value, now.elapsed_s - since)
                return

    def _values(self, signal: Signal | None) -> Iterator[tuple[Kpi, float]]:
        if isinstance(signal, KpiRead):
            if signal.value is not None and signal.name in self._kpis:
                yield self._kpis[signal.name], signal.value
        elif isinstance(signal, Sampled):
            for kpi in self._kpis.values():
                if isinstance(kpi.source, ResourceSource):
                    value = getattr(signal.sample, kpi.source.resource)
                    if value is not None:
                        yield kpi, float(value)
        elif isinstance(signal, Lines):
            for hit in signal.hits:
                kpi_of = self._kpis.get(hit.key) if hit.kind is HitKind.KPI else None
                if kpi_of is not None and isinstance(kpi_of.source, LogSource) and hit.value is not None:
                    yield kpi_of, hit.value

    def _abort(self, kpi: Kpi, value: float, seconds: float) -> Iterator[Event]:
        limit = show_bounds(kpi.fail_bounds(mock=self._mock), kpi.unit)
        data = {
            "id": f"abort.{kpi.name}",
            "severity": "fail",
            "what": kpi.name,
            "value": show_number(value),
            "limit": limit,
            "reason": f"broke its limit for {seconds:.0f}s, and may end the run",
        }
        yield Event(EventKind.FINDING, data)
        yield Event(EventKind.STOP_RUNG, {"rung": "requested", "reason": f"{kpi.name} broke its limit"})
