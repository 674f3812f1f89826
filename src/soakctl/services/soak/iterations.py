"""Iterations: windows of the running service on a fixed grid, and the planned end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.journal import Event, EventKind
from soakctl.domain.state import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.command import Command
    from soakctl.domain.plan import Plan
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState
    from soakctl.services.engine.part import Document
    from soakctl.services.soak.closing import Closer

_JITTER_S = 1e-6


class IterationsPart:
    """Opens and closes iterations, and asks for the stop when the planned time is over."""

    def __init__(self, plan: Plan, closer: Closer) -> None:
        """`closer` does the reading and the sums."""
        self._plan = plan
        self._closer = closer

    def due(self, state: RunState) -> float | None:
        """The end of the open iteration, or what the readings want."""
        if state.window is None:
            return state.elapsed_s if state.phase is Phase.RUNNING else None
        wanted = self._closer.due(state)
        if self._closer.closing:
            return wanted
        end = self._window_end(state)
        return end if wanted is None else min(end, wanted)

    def on(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event | Command | Document]:
        """Follow the grid."""
        yield from self._closer.take(signal)
        if state.stopping:
            if state.window is not None:
                yield from self._closer.close(now, state)
            return
        if state.window is None:
            if state.phase is Phase.RUNNING:
                yield from self._next(now, state)
            return
        if self._closer.closing:
            if self._closer.ready(now):
                yield from self._closer.close(now, state)
                yield from self._next(now, state)
        elif now.elapsed_s >= self._window_end(state) - _JITTER_S:
            yield from self._closer.begin(now)
            if self._closer.ready(now):
                yield from self._closer.close(now, state)
                yield from self._next(now, state)
        else:
            yield from self._closer.periodic(now)

    def _window_end(self, state: RunState) -> float:
        assert state.window is not None
        assert state.began_s is not None
        end = state.began_s + state.gap_s + state.window.index * self._plan.iteration_s
        return min(end, state.end_s or end)

    def _next(self, now: Moment, state: RunState) -> Iterator[Event]:
        done = state.iterations[-1].index if state.iterations else 0
        over = state.end_s is not None and now.elapsed_s >= state.end_s - _JITTER_S
        if over or (self._plan.iterations is not None and done >= self._plan.iterations):
            yield Event(EventKind.STOP_RUNG, {"rung": "requested", "reason": "planned end"})
        else:
            yield from self._closer.open(done + 1)
