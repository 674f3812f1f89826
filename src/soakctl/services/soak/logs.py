"""What the service logs: counts, KPI values and CRITICAL lines, recorded in bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.journal import Event, EventKind
from soakctl.domain.line import HitKind
from soakctl.domain.sample import Totals
from soakctl.domain.signal import Lines
from soakctl.domain.state import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.line import Hit
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState

# Counts are recorded at least this often while lines come (seconds); a CRITICAL line at once, up to this many.
_FLUSH_S = 60.0
# A flood drops lines many times a second: the first loss is told at once, what follows this often (seconds).
_DROPS_S = 60.0
_CRITICAL_AT_ONCE = 20
_VALUES_A_BUNDLE = 1000


class LogPart:
    """Bundles what was seen in the log into `log_observed` entries, and tells the samples the running totals."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self._dropped: dict[str, int] = {}
        self._drops_told_s: float | None = None
        self._clear()

    def _clear(self) -> None:
        self._since_s: float | None = None
        self._lines = self._critical = self._events = 0
        self._critical_lines: list[str] = []
        self._values: dict[str, list[float]] = {}
        self._counted: dict[str, int] = {}
        self._pending_values = 0

    def totals(self, state: RunState) -> Totals:
        """Counts since the run began, for a sample."""
        return Totals(
            events_total=state.events + self._events,
            log_lines_total=state.lines + self._lines,
            log_critical_total=state.critical + self._critical,
            log_dropped_total=state.dropped + sum(self._dropped.values()),
        )

    def due(self, _state: RunState) -> float | None:
        """When the bundle has waited long enough, or what was dropped has."""
        times = [] if self._since_s is None else [self._since_s + _FLUSH_S]
        if self._dropped and self._drops_told_s is not None:
            times.append(self._drops_told_s + _DROPS_S)
        return min(times, default=None)

    def on(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event]:
        """Count, and record when it is time."""
        if isinstance(signal, Lines):
            self._count(signal, now)
            if signal.dropped:
                self._dropped[signal.stream] = self._dropped.get(signal.stream, 0) + signal.dropped
            if signal.note:
                yield Event(EventKind.FINDING, _note(signal))
        yield from self._tell_dropped(now, state)
        if self._ripe(signal, now, state):
            yield from self._record()

    def flush(self) -> Iterator[Event]:
        """Record what is in hand: before an iteration opens or closes, so that it has its own lines and no others."""
        yield from self._record_dropped()
        self._drops_told_s = None  # the next iteration hears of its first loss at once
        yield from self._record()

    def _tell_dropped(self, now: Moment, state: RunState) -> Iterator[Event]:
        told_s = self._drops_told_s
        waits = told_s is not None and now.elapsed_s < told_s + _DROPS_S and state.phase is not Phase.STOPPING
        if self._dropped and not waits:
            self._drops_told_s = now.elapsed_s
            yield from self._record_dropped()

    def _record_dropped(self) -> Iterator[Event]:
        dropped, self._dropped = self._dropped, {}
        for stream, lines in dropped.items():
            yield Event(EventKind.LINES_DROPPED, {"stream": stream, "lines": lines})

    def _record(self) -> Iterator[Event]:
        if self._since_s is None:
            return
        data: dict[str, Any] = {"lines": self._lines, "critical": self._critical, "events": self._events}
        if self._critical_lines:
            data["critical_lines"] = self._critical_lines
        if self._values:
            data["values"] = self._values
        if self._counted:
            data["counted"] = self._counted
        self._clear()
        yield Event(EventKind.LOG_OBSERVED, data)

    def _count(self, lines: Lines, now: Moment) -> None:
        self._since_s = now.elapsed_s if self._since_s is None else self._since_s
        self._lines += lines.count
        self._critical += lines.critical
        for hit in lines.hits:
            self._take(hit)

    def _take(self, hit: Hit) -> None:
        if hit.kind is HitKind.LIVENESS:
            self._events += hit.count
        elif hit.kind is HitKind.CRITICAL:
            self._critical_lines.append(hit.line.text.strip())
        elif hit.kind is HitKind.KPI:
            self._counted[hit.key] = self._counted.get(hit.key, 0) + hit.count
            if hit.value is not None:
                self._values.setdefault(hit.key, []).append(hit.value)
                self._pending_values += 1

    def _ripe(self, signal: Signal | None, now: Moment, state: RunState) -> bool:
        if self._since_s is None:
            return False
        if isinstance(signal, Lines) and signal.critical and state.critical < _CRITICAL_AT_ONCE:
            return True
        if self._pending_values >= _VALUES_A_BUNDLE or state.phase is Phase.STOPPING:
            return True
        return now.elapsed_s >= self._since_s + _FLUSH_S


def _note(lines: Lines) -> dict[str, Any]:
    return {"id": "log.note", "severity": "info", "what": "Log", "reason": lines.note}
