"""The boot: checkpoints in order, failures, readiness, the deadline, and death before all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.command import Probe
from soakctl.domain.failures import builtin
from soakctl.domain.journal import Event, EventKind
from soakctl.domain.line import HitKind
from soakctl.domain.signal import Exited, Lines, Probed, Started, StartFailed
from soakctl.domain.state import Phase
from soakctl.services.engine.boot_story import STREAMS_APART_S, BootStory, ending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.command import Command
    from soakctl.domain.config.root import Config
    from soakctl.domain.line import Hit
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState

_PROBE_EVERY_S = 0.25
# A service that says it is ready and dies a moment later was not: how long it must stay up after its last sign.
_SETTLE_S = 0.3
_SETTLE_AFTER_OUTPUT_S = 2.0
# The lines that follow a failure belong to its story.
_AFTERMATH_S = 0.2


class BootPart:
    """Watches one boot from the start of the service to its proof of life or its failure."""

    def __init__(self, config: Config, *, prove_life: bool, watched: bool = False) -> None:
        """`prove_life`: without a sign of life the boot has stalled; otherwise staying up is enough, and said.

        `watched` is for a process that was already running: its checkpoints have long passed.
        """
        self._config = config
        self._checkpoints = () if watched else config.smoke.checkpoints
        self._prove_life = prove_life
        self._watched = watched
        self._deadline_s = float(config.smoke.deadline)
        self._ready = config.service.ready
        self._life = 0
        self._reset()

    def _reset(self) -> None:
        self._story = BootStory(self._config)
        self._is_ready = self._ready is None
        self._ready_how = ""
        self._sign = ""
        self._sign_s: float | None = None
        self._failure_s: float | None = None
        self._next_probe_s: float | None = None

    def due(self, state: RunState) -> float | None:
        """The nearest of probe, settling, aftermath and deadline."""
        if state.phase is not Phase.BOOTING or state.boot is None:
            return None
        times = [state.boot.started_s + self._deadline_s]
        if self._next_probe_s is not None:
            times.append(self._next_probe_s)
        if self._failure_s is not None:
            times.append(self._failure_s + _AFTERMATH_S)
        if (settled := self._settled_s()) is not None:
            times.append(settled)
        return min(times)

    def on(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event | Command]:
        """Follow the boot."""
        if self._life != state.life:
            # Not when it says that it is up: its first lines may have come before that.
            self._life = state.life
            self._reset()
        boot = state.boot
        if boot is None or boot.result is not None or state.stopping:
            return
        if isinstance(signal, Started):
            yield from self._up(now, state)
        elif isinstance(signal, Lines):
            yield from self._read(signal, now, state)
        elif isinstance(signal, Probed):
            yield from self._probed(signal, now, state)
        elif isinstance(signal, Exited | StartFailed):
            yield from self._end(now, state, died=signal)
            return
        if self._next_probe_s is not None and now.elapsed_s >= self._next_probe_s:
            self._next_probe_s = now.elapsed_s + _PROBE_EVERY_S
            yield Probe()
        yield from self._decide(now, state)

    def _up(self, now: Moment, state: RunState) -> Iterator[Event]:
        if self._watched:
            self._sign, self._sign_s = "the process is running", now.elapsed_s - _SETTLE_S
        elif not self._checkpoints:
            yield self._reached("process_up", now.elapsed_s, state, {})
        if self._probes(state):
            self._next_probe_s = now.elapsed_s

    def _probes(self, state: RunState) -> bool:
        if self._watched:
            return False
        if self._ready is not None:
            return self._ready.log is None
        return not self._checkpoints and state.boot is not None

    def _read(self, lines: Lines, now: Moment, state: RunState) -> Iterator[Event]:
        self._story.read(lines)
        if not self._checkpoints and not self._watched and lines.count:
            yield from self._first_output(lines, now, state)
        for hit in lines.hits:
            if hit.kind is HitKind.CHECKPOINT:
                yield from self._checkpoint(hit, state)
            elif hit.kind is HitKind.FAILURE:
                self._story.failed(hit)
                if builtin(hit.key) is None and self._failure_s is None:
                    self._failure_s = now.elapsed_s
            elif hit.kind is HitKind.READY and not self._is_ready:
                self._is_ready, self._ready_how = True, "ready line"
                self._proven(f"ready line: {hit.line.text.strip()[:80]}", now.elapsed_s)

    def _first_output(self, lines: Lines, now: Moment, state: RunState) -> Iterator[Event]:
        assert state.boot is not None
        if "first_output" in state.boot.reached:
            return
        sign = "first line of a log file" if lines.stream == "file" else "first output"
        yield self._reached("first_output", now.elapsed_s, state, {"stream": lines.stream})
        if self._ready is None and self._sign_s is None:
            self._sign, self._sign_s = sign, now.elapsed_s

    def _checkpoint(self, hit: Hit, state: RunState) -> Iterator[Event]:
        boot = state.boot
        if boot is None or self._watched or hit.key in boot.reached:
            return
        self._story.passed_checkpoint(hit.line)
        yield self._reached(hit.key, hit.line.at, state, dict(hit.fields), hit.line.stream)
        required = [point.name for point in self._checkpoints if point.must_come]
        if all(name in boot.reached for name in required) and self._sign_s is None:
            alive = next((point.name for point in self._checkpoints if point.liveness), hit.key)
            if alive in boot.reached:
                self._proven(f"checkpoint {alive}", hit.line.at)

    def _reached(self, name: str, at_s: float, state: RunState, fields: dict[str, str], stream: str = "") -> Event:
        assert state.boot is not None
        order = [point.name for point in self._checkpoints]
        later = order[order.index(name) + 1 :] if name in order else []
        since_s = round(max(0.0, at_s - state.boot.started_s), 6)
        before = [seen for other in later if (seen := state.boot.reached.get(other)) is not None]
        data = {
            "name": name,
            "at_s": since_s,
            "fields": fields,
            "stream": stream,
            "in_order": not any(_surely_before(seen, since_s, stream) for seen in before),
        }
        return Event(EventKind.CHECKPOINT, data)

    def _probed(self, probed: Probed, now: Moment, state: RunState) -> Iterator[Event]:
        if not probed.ready or state.boot is None:
            return
        self._next_probe_s = None
        self._is_ready, self._ready_how = True, probed.how
        if not self._checkpoints and "alive" not in state.boot.reached:
            yield self._reached("alive", now.elapsed_s, state, {"sign": probed.how})
            self._sign, self._sign_s = probed.how, now.elapsed_s

    def _proven(self, sign: str, at_s: float) -> None:
        if self._sign_s is None:
            self._sign, self._sign_s = sign, at_s

    def _settled_s(self) -> float | None:
        if self._sign_s is None or not self._is_ready:
            return None
        weak = self._sign.startswith("first ")
        return self._sign_s + (_SETTLE_AFTER_OUTPUT_S if weak else _SETTLE_S)

    def _decide(self, now: Moment, state: RunState) -> Iterator[Event]:
        boot = state.boot
        if boot is None or state.phase is not Phase.BOOTING:
            return
        deadline = boot.started_s + self._deadline_s
        settled = self._settled_s()
        if self._failure_s is not None:
            if now.elapsed_s >= self._failure_s + _AFTERMATH_S:
                yield from self._end(now, state)
        elif settled is not None and (now.elapsed_s >= settled or settled > deadline <= now.elapsed_s):
            yield self._passed(now, state)
        elif now.elapsed_s >= deadline and state.alive:
            if self._stays_up():
                yield self._passed(now, state)
            else:
                yield from self._end(now, state)

    def _stays_up(self) -> bool:
        asked = bool(self._checkpoints) or self._ready is not None
        return not asked and not self._prove_life and not self._story.serious()

    def _passed(self, now: Moment, state: RunState) -> Event:
        assert state.boot is not None
        data = {
            "exit": "SUCCESS",
            "took_s": round(now.elapsed_s - state.boot.started_s, 6),
            "first_event_s": self._first_event(state),
            "sign": self._sign,
            "ready": self._ready_how,
        }
        return Event(EventKind.BOOT_ENDED, data)

    def _first_event(self, state: RunState) -> float | None:
        if self._sign_s is None or state.boot is None:
            return None
        return round(max(0.0, self._sign_s - state.boot.started_s), 6)

    def _end(self, now: Moment, state: RunState, died: Exited | StartFailed | None = None) -> Iterator[Event]:
        assert state.boot is not None
        waiting_for_ready = None if self._is_ready else self._ready
        names = tuple(point.name for point in self._checkpoints) or tuple(state.boot.reached)
        data = ending(self._story, state, self._checkpoints, died=died, not_ready=waiting_for_ready)
        data["took_s"] = round(now.elapsed_s - state.boot.started_s, 6)
        data["deadline_s"] = self._deadline_s
        reached = state.boot.reached
        data["last"] = next((name for name in reversed(names or tuple(reached)) if name in reached), "")
        yield Event(EventKind.BOOT_ENDED, data)
        yield Event(EventKind.STOP_RUNG, {"rung": "requested", "reason": "the boot failed"})


def _surely_before(seen: dict[str, Any], at_s: float, stream: str) -> bool:
    """Two streams are read by threads of their own: what came within half a second came together."""
    return bool(seen.get("stream") == stream or seen["at_s"] < at_s - STREAMS_APART_S)
