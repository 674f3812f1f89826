"""Repeating a command instead of keeping a service: one run to its end an iteration, then a pause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.command import StartService, StopService
from soakctl.domain.journal import Event, EventKind
from soakctl.domain.signal import Exited, Gone, Interrupted, Started, StartFailed, StopRung
from soakctl.domain.state import Phase
from soakctl.services.engine.boot_story import START_EXITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.command import Command
    from soakctl.domain.config.soak import Repeat
    from soakctl.domain.plan import Plan
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState
    from soakctl.services.engine.part import Document
    from soakctl.services.soak.closing import Closer

_PATIENCE_S = 20.0


class RepeatPart:
    """Starts the command, waits for its end or its timeout, closes the iteration, pauses, and starts it again."""

    def __init__(self, repeat: Repeat, plan: Plan, closer: Closer, *, grace_s: float) -> None:
        """`grace_s` is how long a run that took too long may take to stop."""
        self._repeat = repeat
        self._plan = plan
        self._closer = closer
        self._grace_s = grace_s
        self._next_start_s: float | None = None
        self._timeout_s: float | None = None
        self._stop_by_s: float | None = None
        self._timed_out = False

    def due(self, state: RunState) -> float | None:
        """The next start, the timeout of the run under way, the end of patience with a stop, or a reading."""
        if state.phase is Phase.NEW:
            return state.elapsed_s
        if self._closer.closing:
            return self._closer.due(state)
        times = (self._next_start_s, self._timeout_s, self._stop_by_s)
        soonest = min((time for time in times if time is not None), default=None)
        return state.elapsed_s if soonest is None and state.phase is Phase.STOPPING else soonest

    def on(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event | Command | Document]:
        """Follow the runs."""
        yield from self._closer.take(signal)
        if isinstance(signal, Interrupted) and not state.stopping:
            yield _rung("requested", reason="interrupted", signum=signal.signum)
        yield from self._heard(signal, now, state)
        if state.stopping:
            yield from self._wind_down(now, state)
        elif self._closer.closing:
            if self._closer.ready(now):
                yield from self._closed(now, state)
        elif state.phase is Phase.NEW or (self._next_start_s is not None and now.elapsed_s >= self._next_start_s):
            yield from self._start(now, state)
        elif self._timeout_s is not None and now.elapsed_s >= self._timeout_s:
            self._timed_out, self._timeout_s = True, None
            yield _rung("requested", reason="the run took too long", final=False)
            yield self._stop(now)
        elif self._stop_by_s is not None and now.elapsed_s >= self._stop_by_s:
            yield from self._gone(now, left=1)

    def _start(self, now: Moment, state: RunState) -> Iterator[Event | Command]:
        self._next_start_s = None
        self._timed_out = False
        self._timeout_s = now.elapsed_s + float(self._repeat.timeout)
        index = state.iterations[-1].index + 1 if state.iterations else 1
        yield Event(EventKind.SERVICE_STARTING, {"life": state.life + 1, "restart": False})
        if state.window is None:
            yield from self._closer.open(index)
        yield StartService(state.life)

    def _heard(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event | Command]:
        if isinstance(signal, Started):
            yield Event(EventKind.SERVICE_STARTED, {"pid": signal.pid, "started_unix": signal.started_unix})
            data = {"exit": "SUCCESS", "took_s": 0.0, "first_event_s": None, "sign": "the command was started"}
            yield Event(EventKind.BOOT_ENDED, data)
        elif isinstance(signal, StartFailed):
            yield from self._not_started(signal)
        elif isinstance(signal, Exited) and state.alive:
            failed = signal.code != 0 or self._timed_out
            data = {"code": signal.code, "expected": True, "failed_run": failed and not state.stopping}
            if signal.cause:
                data |= {"cause": signal.cause, "detail": signal.cause}
            yield Event(EventKind.SERVICE_EXITED, {**data, "timed_out": self._timed_out})
            self._timeout_s = None
            if self._stop_by_s is None:
                yield _rung("requested", reason="the run ended", final=False)
                yield self._stop(now)
        elif isinstance(signal, StopRung):
            yield _rung(signal.rung, signal=signal.signal, targets=signal.targets)
        elif isinstance(signal, Gone) and self._stop_by_s is not None:
            yield from self._gone(now, left=signal.left)

    def _not_started(self, signal: StartFailed) -> Iterator[Event]:
        code, hint = START_EXITS[signal.reason]
        data = {"code": None, "expected": True, "start_failed": signal.reason, "detail": signal.detail}
        data["failed_run"] = True
        yield Event(EventKind.SERVICE_EXITED, data)
        result = {"exit": code.name, "reason": signal.detail, "hints": [hint] if hint else [], "evidence": []}
        yield Event(EventKind.BOOT_ENDED, {**result, "missing": [], "took_s": 0.0, "died": True, "failure": ""})
        self._timeout_s = None
        yield _rung("requested", reason="the boot failed")

    def _stop(self, now: Moment) -> Command:
        self._stop_by_s = now.elapsed_s + self._grace_s + _PATIENCE_S
        return StopService(self._grace_s)

    def _gone(self, now: Moment, *, left: int) -> Iterator[Event | Command]:
        self._stop_by_s = None
        yield _rung("gone", left=left)
        yield from self._closer.begin(now)

    def _closed(self, now: Moment, state: RunState) -> Iterator[Event | Document]:
        yield from self._closer.close(now, state)
        enough = self._plan.iterations is not None and len(state.iterations) >= self._plan.iterations
        over = state.end_s is not None and now.elapsed_s + float(self._repeat.heartbeat) >= state.end_s
        if enough or over:
            yield _rung("requested", reason="planned end")
            yield Event(EventKind.RUN_ENDED, {"reason": "planned end", "signum": None})
        else:
            self._next_start_s = now.elapsed_s + float(self._repeat.heartbeat)

    def _wind_down(self, now: Moment, state: RunState) -> Iterator[Event | Command | Document]:
        if state.phase is Phase.ENDED:
            return
        if state.window is not None and (self._closer.closing or not state.alive):
            yield from self._closer.close(now, state)
        if state.alive and self._stop_by_s is None:
            yield self._stop(now)
            return
        waited_out = self._stop_by_s is not None and now.elapsed_s >= self._stop_by_s
        if waited_out:
            yield _rung("gone", left=1, detail="the stop was not confirmed")
        if self._stop_by_s is None or waited_out:
            if state.window is not None:
                yield from self._closer.close(now, state)
            reason, signum = (state.stop.reason, state.stop.signum) if state.stop else ("planned end", None)
            yield Event(EventKind.RUN_ENDED, {"reason": reason, "signum": signum})


def _rung(rung: str, **data: object) -> Event:
    return Event(EventKind.STOP_RUNG, {"rung": rung, **data})
