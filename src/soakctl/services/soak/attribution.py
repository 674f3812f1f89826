"""From leak to line: when growth is told while the run goes on, where it comes from is looked for, once each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.attribution import ATTRIBUTED
from soakctl.domain.command import Attribute, TakeInventory
from soakctl.domain.journal import Event, EventKind
from soakctl.domain.signal import Attributed, Sampled
from soakctl.domain.state import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.command import Command
    from soakctl.domain.plan import Plan
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState

# A window is long enough for the leak to show (bytes), within bounds (seconds), and short beside the run.
_VISIBLE_BYTES = 256 * 1024
_WINDOW_BOUNDS_S = (5.0, 300.0)
_SHARE_OF_RUN = 0.05
_WINDOWS = 3  # one without tracing to compare with, and two with
_LEAST_WINDOW_S = 1.0
_PATIENCE_S = 60.0


class AttributionPart:
    """Remembers what each life has at its beginning, and asks for an attribution at each alarm, one at a time."""

    def __init__(self, plan: Plan) -> None:
        """Nothing has been asked."""
        self._plan = plan
        self._life = 0
        self._asked: set[str] = set()
        self._seen: int | None = None
        self._waiting: list[tuple[str, float]] = []
        self._until_s: float | None = None

    def due(self, _state: RunState) -> float | None:
        """The end of patience."""
        return self._until_s

    def on(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event | Command]:
        """Follow the alarms of the journal. Those from before a resume were of another life; they are told again."""
        if self._seen is None:
            self._seen = len(state.findings)
            self._asked = {str(one["resource"]) for one in state.attributions if one.get("ended")}
        if isinstance(signal, Sampled) and state.phase is Phase.RUNNING and state.life != self._life:
            self._life = state.life
            yield TakeInventory()
        self._take_alarms(state)
        if self._until_s is not None:
            yield from self._answered(signal, now, state)
        if self._until_s is None and self._waiting and state.alive and state.phase is Phase.RUNNING:
            yield from self._ask(*self._waiting.pop(0), now, state)

    def _take_alarms(self, state: RunState) -> None:
        for finding in state.findings[self._seen or 0 :]:
            name = str(finding["id"]).removeprefix("alarm.")
            if name in ATTRIBUTED and name != finding["id"] and name not in self._asked:
                self._asked.add(name)
                self._waiting.append((name, float(finding.get("slope_per_hour", 0.0))))
        self._seen = len(state.findings)

    def _ask(self, resource: str, slope_per_hour: float, now: Moment, state: RunState) -> Iterator[Event | Command]:
        window_s = self._window_s(slope_per_hour, now, state)
        if window_s < _LEAST_WINDOW_S:
            return
        windows = _WINDOWS if resource == "rss" else 0
        at_most_s = windows * window_s + _PATIENCE_S
        self._until_s = now.elapsed_s + at_most_s
        yield Event(EventKind.ATTRIBUTION_STARTED, {"resource": resource, "at_most_s": at_most_s})
        yield Attribute(resource, slope_per_hour, window_s)

    def _window_s(self, slope_per_hour: float, now: Moment, state: RunState) -> float:
        """Long enough to show the leak, and over before the run is."""
        low, high = _WINDOW_BOUNDS_S
        wanted = min(high, max(low, _VISIBLE_BYTES * 3600.0 / max(slope_per_hour, 1.0)))
        left = 0.0 if state.end_s is None else state.end_s - now.elapsed_s
        return round(min(wanted, max(low, _SHARE_OF_RUN * self._plan.duration_s), left / (_WINDOWS + 1)), 3)

    def _answered(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event]:
        assert self._until_s is not None
        if isinstance(signal, Attributed):
            data = signal.found.to_json()
        elif not state.alive or state.phase is Phase.ENDED:
            data = {"reason": "the service ended meanwhile"}
        elif now.elapsed_s >= self._until_s:
            data = {"reason": "soakctl got no answer in time"}
        else:
            return
        self._until_s = None
        yield Event(EventKind.ATTRIBUTION_ENDED, data)
