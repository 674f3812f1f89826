"""Progress, not only presence: the longest silence a service may keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.command import ReadKpi
from soakctl.domain.journal import Event, EventKind
from soakctl.domain.line import HitKind
from soakctl.domain.signal import KpiRead, Lines
from soakctl.domain.state import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.command import Command
    from soakctl.domain.config.service import Liveness
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState

# The name under which the world reads `service.liveness.metric`.
LIVENESS_METRIC = "liveness.metric"
_READS_A_SILENCE = 4.0
_LONGEST_BETWEEN_READS_S = 60.0


class LivenessPart:
    """Notices that the service has stopped doing its work, and that it does it again."""

    def __init__(self, liveness: Liveness) -> None:
        """`liveness` is the configuration; without `silence` only a metric is followed."""
        self._liveness = liveness
        self._silence_s = float(liveness.silence) if liveness.silence is not None else None
        every = _LONGEST_BETWEEN_READS_S if self._silence_s is None else self._silence_s / _READS_A_SILENCE
        self._every_s = min(every, _LONGEST_BETWEEN_READS_S)
        self._heard_s: float | None = None
        self._life = 0
        self._count: float | None = None
        self._next_read_s: float | None = None
        self._token = 0
        self._silent = False

    def due(self, state: RunState) -> float | None:
        """The end of the allowed silence, or the next look at the metric."""
        if state.phase is not Phase.RUNNING or self._heard_s is None:
            return None
        times = [] if self._next_read_s is None else [self._next_read_s]
        if self._silence_s is not None and not self._silent:
            times.append(self._heard_s + self._silence_s)
        return min(times, default=None)

    def on(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event | Command]:
        """Follow the signs of progress."""
        if state.phase is not Phase.RUNNING:
            return
        if self._life != state.life or self._heard_s is None:
            self._begin(now, state)
        if self._progressed(signal):
            self._heard_s = now.elapsed_s
            if self._silent:
                self._silent = False
                yield Event(EventKind.LIVENESS_RESTORED, {})
        if self._next_read_s is not None and now.elapsed_s >= self._next_read_s:
            self._next_read_s = now.elapsed_s + self._every_s
            self._token += 1
            yield ReadKpi(LIVENESS_METRIC, self._token)
        yield from self._check(now)

    def _begin(self, now: Moment, state: RunState) -> None:
        self._life, self._heard_s, self._silent, self._count = state.life, now.elapsed_s, False, None
        self._next_read_s = now.elapsed_s if self._liveness.metric is not None else None

    def _progressed(self, signal: Signal | None) -> bool:
        if isinstance(signal, Lines):
            return any(hit.kind is HitKind.LIVENESS for hit in signal.hits)
        if isinstance(signal, KpiRead) and signal.name == LIVENESS_METRIC and signal.value is not None:
            before, self._count = self._count, signal.value
            return before is None or signal.value > before or signal.value < before  # a reset counter moved too
        return False

    def _check(self, now: Moment) -> Iterator[Event]:
        if self._silence_s is None or self._silent or self._heard_s is None:
            return
        if now.elapsed_s < self._heard_s + self._silence_s:
            return
        self._silent = True
        data = {"silence_s": round(now.elapsed_s - self._heard_s, 3), "allowed_s": self._silence_s}
        yield Event(EventKind.LIVENESS_LOST, data)
        if self._liveness.then == "stop":
            yield Event(EventKind.STOP_RUNG, {"rung": "requested", "reason": "the service went silent"})
