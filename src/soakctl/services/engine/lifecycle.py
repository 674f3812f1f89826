"""Starting the service, noticing its death, restarting it, and stopping it at the end."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from soakctl.domain.command import StartService, StopService, Verify
from soakctl.domain.journal import Event, EventKind
from soakctl.domain.line import HitKind
from soakctl.domain.signal import Exited, Gone, Interrupted, Lines, Started, StartFailed, StopRung, Verified
from soakctl.domain.state import Phase
from soakctl.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soakctl.domain.command import Command
    from soakctl.domain.config.service import Service
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState

# How long after the whole ladder the keeper may take to answer before the run ends without it (seconds).
_PATIENCE_S = 20.0
_LAST_LINES = 10


class Lifecycle:
    """Owns the service: one start a life, restarts by policy, one stop at the end, and the end of the run itself."""

    def __init__(self, service: Service, *, restarts: bool, held: Callable[[], bool] = lambda: False) -> None:
        """`restarts` is False for smoke, where a death is the answer. While `held` the final stop waits."""
        self._held = held
        self._service = service
        self._grace_s = float(service.stop.grace)
        self._may_restart = restarts and service.restart.policy == "on_failure"
        self._stop_sent_s: float | None = None
        self._restart_at: float | None = None
        self._verifying = False
        self._interrupts = 0
        self._logged: set[str] = set()
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)

    def due(self, state: RunState) -> float | None:
        """A start, a restart, or the end of patience with a stop."""
        if state.phase is Phase.NEW:
            return state.elapsed_s
        if self._stop_sent_s is not None:
            return self._patience_ends()
        if state.phase is Phase.STOPPING:
            return None if self._held() else state.elapsed_s
        return self._restart_at

    def on(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event | Command]:
        """Follow the service through its life."""
        if isinstance(signal, Lines):
            self._last_lines.extend(line.text for line in signal.tail)
        if isinstance(signal, Interrupted):
            yield from self._interrupted(signal, state)
        elif signal is not None:
            yield from self._heard(signal, now, state)
        if state.phase is Phase.NEW:
            yield from self._start(state.life + 1, restart=False)
        elif self._restart_at is not None and now.elapsed_s >= self._restart_at and not state.stopping:
            self._restart_at = None
            yield from self._start(state.life + 1, restart=True)
        elif self._may_stop(state):
            yield self._stop(now, self._grace_s)
        if self._stop_sent_s is not None and now.elapsed_s >= self._patience_ends():
            yield _rung("gone", left=1, detail="the stop was not confirmed")
            yield from self._after_stop(state)

    def _may_stop(self, state: RunState) -> bool:
        stopping = state.phase is Phase.STOPPING and self._stop_sent_s is None
        return stopping and not self._verifying and not self._held()

    def _patience_ends(self) -> float:
        assert self._stop_sent_s is not None
        grace = self._grace_s if self._interrupts <= 1 else 0.0
        verify = self._service.stop.verify
        extra = float(verify.timeout) if self._verifying and verify is not None else 0.0
        return self._stop_sent_s + grace + _PATIENCE_S + extra

    def _start(self, life: int, *, restart: bool) -> Iterator[Event | Command]:
        self._stop_sent_s = None
        yield Event(EventKind.SERVICE_STARTING, {"life": life, "restart": restart})
        yield StartService(life)

    def _stop(self, now: Moment, grace_s: float) -> Command:
        self._stop_sent_s = now.elapsed_s
        return StopService(grace_s)

    def _interrupted(self, signal: Interrupted, state: RunState) -> Iterator[Event | Command]:
        self._interrupts += 1
        if not state.stopping:
            yield _rung("requested", reason="interrupted", signum=signal.signum)
        elif self._interrupts > 1:
            yield StopService(0.0)

    def _heard(self, signal: Signal, now: Moment, state: RunState) -> Iterator[Event | Command]:
        if isinstance(signal, Started):
            yield Event(EventKind.SERVICE_STARTED, {"pid": signal.pid, "started_unix": signal.started_unix})
        elif isinstance(signal, StartFailed):
            data = {"code": None, "expected": False, "start_failed": signal.reason, "detail": signal.detail}
            yield Event(EventKind.SERVICE_EXITED, data)
        elif isinstance(signal, Exited):
            yield from self._exited(signal, now, state)
        elif isinstance(signal, StopRung):
            yield _rung(signal.rung, signal=signal.signal, targets=signal.targets)
        elif isinstance(signal, Gone) and self._stop_sent_s is not None:
            yield _rung("gone", left=signal.left)
            yield from self._gone(state)
        elif isinstance(signal, Lines) and state.phase is Phase.STOPPING:
            self._logged.update(hit.key for hit in signal.hits if hit.kind is HitKind.MUST_LOG)
        elif isinstance(signal, Verified) and self._verifying:
            yield _rung("verified" if signal.ok else "not_verified", detail=signal.detail)
            yield from self._after_stop(state)

    def _exited(self, signal: Exited, now: Moment, state: RunState) -> Iterator[Event | Command]:
        asked = self._stop_sent_s is not None or state.stopping
        data: dict[str, object] = {"code": signal.code, "expected": asked}
        if signal.cause:
            data["cause"] = signal.cause
        if not asked:
            hide = Redactor().stream()  # a private key is hidden while its lines still stand together
            data["last_lines"] = [hide.line(text) for text in self._last_lines]
        yield Event(EventKind.SERVICE_EXITED, data)
        if not asked:
            # What the dead main process left behind is stopped before anything else happens.
            yield _rung("requested", reason="service ended", final=False)
            yield self._stop(now, self._grace_s)

    def _gone(self, state: RunState) -> Iterator[Event | Command]:
        if self._service.stop.verify is not None and state.phase is Phase.STOPPING:
            self._verifying = True
            yield Verify()
            return
        yield from self._after_stop(state)

    def _after_stop(self, state: RunState) -> Iterator[Event]:
        self._stop_sent_s = None
        self._verifying = False
        if state.phase is Phase.STOPPING:
            stop = state.stop
            unsaid = [text for at, text in enumerate(self._service.stop.must_log) if str(at) not in self._logged]
            if unsaid and stop is not None and stop.asked:
                yield _rung("not_logged", patterns=unsaid)
            reason, signum = (stop.reason, stop.signum) if stop is not None else ("unknown", None)
            yield Event(EventKind.RUN_ENDED, {"reason": reason, "signum": signum})
        elif state.phase is Phase.WAITING:
            yield from self._after_death(state)

    def _after_death(self, state: RunState) -> Iterator[Event]:
        restart = self._service.restart
        if self._may_restart and state.restarts < restart.max:
            wait = min(float(restart.backoff.first) * 2**state.restarts, float(restart.backoff.longest))
            self._restart_at = state.elapsed_s + wait
            return
        cause = state.exits[-1].get("cause") if state.exits else None
        yield _rung("requested", reason=cause or "the service ended by itself")


def _rung(rung: str, **data: object) -> Event:
    return Event(EventKind.STOP_RUNG, {"rung": rung, **data})
