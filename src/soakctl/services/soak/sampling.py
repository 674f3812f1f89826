"""Samples on a fixed grid, and the honest record of those that did not come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.command import TakeSample
from soakctl.domain.journal import Event, EventKind
from soakctl.domain.sample import with_totals
from soakctl.domain.signal import Sampled, SampleFailed
from soakctl.domain.state import Phase
from soakctl.services.engine.part import Keep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soakctl.domain.command import Command
    from soakctl.domain.sample import Totals
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState

# Wall clock and monotonic clock may drift apart this much between two looks before it is a gap (seconds).
_CLOCK_SLACK_S = 2.0


class SamplingPart:
    """Asks for a sample at each slot while the service lives; a slot without one is recorded."""

    def __init__(self, every_s: float, totals: Callable[[RunState], Totals]) -> None:
        """`totals` gives the log counts that go into each sample."""
        self._every_s = every_s
        self._totals = totals
        self._slot_s: float | None = None
        self._asked_s: float | None = None
        self._clock: tuple[float, float] | None = None

    def due(self, state: RunState) -> float | None:
        """The next slot, while there is something to sample."""
        if state.phase is not Phase.RUNNING or not state.alive:
            return None
        return self._slot_s if self._slot_s is not None else state.elapsed_s

    def on(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event | Command | Keep]:
        """Keep the grid."""
        yield from self._watch_clock(now)
        if isinstance(signal, Sampled):
            self._asked_s = None
            yield Keep(with_totals(signal.sample, self._totals(state)))
        elif isinstance(signal, SampleFailed):
            self._asked_s = None
            yield Event(EventKind.SAMPLE_MISSED, {"slots": 1, "reason": signal.reason})
        if state.phase is not Phase.RUNNING or not state.alive:
            self._slot_s = self._asked_s = None
            return
        if self._slot_s is None:
            self._slot_s = now.elapsed_s
        if now.elapsed_s >= self._slot_s:
            yield from self._slot(now, state)

    def _slot(self, now: Moment, state: RunState) -> Iterator[Event | Command]:
        assert self._slot_s is not None
        late = now.elapsed_s - self._slot_s
        passed = int(late // self._every_s)
        if passed >= 2 or (passed and late > _CLOCK_SLACK_S):  # noqa: PLR2004 - one late slot is jitter
            data = {"from_s": self._slot_s, "to_s": now.elapsed_s, "lost_s": late, "reason": "soakctl was held up"}
            yield Event(EventKind.GAP, data)
            yield Event(EventKind.SAMPLE_MISSED, {"slots": passed, "reason": "soakctl was held up"})
        self._slot_s += (passed + 1) * self._every_s
        if self._asked_s is None:
            self._asked_s = now.elapsed_s
            yield TakeSample()
        elif state.alive:
            reason = f"the sample asked for at {self._asked_s:.0f}s has not come back"
            yield Event(EventKind.SAMPLE_MISSED, {"slots": 1, "reason": reason})

    def _watch_clock(self, now: Moment) -> Iterator[Event]:
        before, self._clock = self._clock, (now.elapsed_s, now.unix)
        if before is None:
            return
        moved = (now.unix - before[1]) - (now.elapsed_s - before[0])
        if abs(moved) > _CLOCK_SLACK_S:
            reason = "the clock was set back" if moved < 0 else "the machine slept or the clock was set forward"
            data = {"from_s": before[0], "to_s": now.elapsed_s, "lost_s": 0.0, "moved_s": moved, "reason": reason}
            yield Event(EventKind.GAP, data)
