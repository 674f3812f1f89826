"""A world in virtual time: a heap of what will happen, advanced only when the engine waits."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Protocol

from soakctl.domain.attribution import Attribution
from soakctl.domain.command import (
    Attribute,
    Probe,
    ReadKpi,
    ReadOverrides,
    StartService,
    StopService,
    TakeSample,
    TakeTrace,
    Verify,
    WriteOverrides,
)
from soakctl.domain.signal import (
    Attributed,
    Exited,
    Gone,
    KpiRead,
    Lines,
    Moment,
    Probed,
    Sampled,
    SampleFailed,
    Started,
    StartFailed,
    StopRung,
    Traced,
    Verified,
)

if TYPE_CHECKING:
    from soakctl.domain.command import Command
    from soakctl.domain.sample import Sample
    from soakctl.domain.signal import Signal
    from soakctl.ports import Overrides

Happening = Callable[[], "Signal | None"]
_STARTS_AFTER_S = 0.05
_ANSWERS_AFTER_S = 0.01


class SimService(Protocol):
    """A simulated service. Times are elapsed seconds of the run; it is asked in the order of time."""

    def start(self, life: int, at_s: float) -> StartFailed | int:
        """Begin a life: its pid, or why it cannot be executed."""
        ...

    def speaks(self, at_s: float) -> tuple[float, Lines] | None:
        """The next thing it logs at or after a time, and when; None for nothing more in this life."""
        ...

    def dies(self) -> tuple[float, int] | None:
        """When this life ends by itself and with which code; None for never."""
        ...

    def stops(self, at_s: float, grace_s: float) -> tuple[float, int, bool]:
        """Seconds it takes to end when asked, its exit code, and whether it had to be killed."""
        ...

    def sample(self, moment: Moment, life: int) -> Sample | None:
        """What a sample shows; None when it cannot be taken."""
        ...

    def kpi(self, name: str, at_s: float) -> tuple[float | None, str, str]:
        """Value, reason for having none, and note."""
        ...

    def ready(self, at_s: float) -> bool:
        """Whether it answers."""
        ...


class SimWorld:
    """`World` without waiting: `wait` jumps to whatever comes first."""

    def __init__(
        self, service: SimService, *, start_unix: float, elapsed_s: float = 0.0, overrides: Overrides | None = None
    ) -> None:
        """`elapsed_s` is where a resumed run goes on; `overrides` is needed where it tunes."""
        self._service = service
        self._overrides = overrides
        self._now_s = elapsed_s
        self._offset = start_unix
        self._heap: list[tuple[float, int, Happening]] = []
        self._seq = count()
        self._life = 0
        self._alive = False

    def now(self) -> Moment:
        """The virtual present."""
        return Moment(self._now_s, self._offset + self._now_s)

    def step_clock(self, seconds: float) -> None:
        """Set the wall clock, as an administrator or a time server would."""
        self._offset += seconds

    def hold_up(self, seconds: float) -> None:
        """Let time pass without the engine getting a look, as a stopped process would."""
        self._now_s += seconds

    def at(self, when_s: float, happening: Happening) -> None:
        """Let something happen at a time; what it returns is the signal, if any."""
        heapq.heappush(self._heap, (max(when_s, self._now_s), next(self._seq), happening))

    def wait(self, until: float) -> Signal | None:
        """Jump to the next happening that makes a signal, or to `until`."""
        while self._heap and self._heap[0][0] <= until:
            when, _, happening = heapq.heappop(self._heap)
            self._now_s = max(self._now_s, when)
            signal = happening()
            if signal is not None:
                return signal
        self._now_s = max(self._now_s, until)
        return None

    def do(self, command: Command) -> None:
        """Schedule the answer."""
        if isinstance(command, TakeSample):
            self._later(_ANSWERS_AFTER_S, self._sample)
        elif isinstance(command, StartService):
            self._start(command.life)
        elif isinstance(command, StopService):
            self._stop(command.grace_s)
        elif isinstance(command, ReadKpi):
            self._later(_ANSWERS_AFTER_S, lambda: self._kpi(command))
        elif isinstance(command, Probe):
            self._later(_ANSWERS_AFTER_S, lambda: Probed(self._alive and self._service.ready(self._now_s), "port 8000"))
        elif isinstance(command, Verify):
            self._later(_ANSWERS_AFTER_S, lambda: Verified(ok=True, detail="exit 0"))
        elif isinstance(command, ReadOverrides | WriteOverrides):
            self._override(command)
        elif isinstance(command, TakeTrace):  # there is no program to look into
            self._later(_ANSWERS_AFTER_S, lambda: Traced(None))
        elif isinstance(command, Attribute):
            found = Attribution(command.resource, reason="the service is simulated")
            self._later(_ANSWERS_AFTER_S, lambda: Attributed(found))

    def _override(self, command: ReadOverrides | WriteOverrides) -> None:
        assert self._overrides is not None
        if isinstance(command, ReadOverrides):
            answer = self._overrides.read(command.token)
        else:
            answer = self._overrides.write(command)
        self._later(_ANSWERS_AFTER_S, lambda: answer)

    def _later(self, seconds: float, happening: Happening) -> None:
        self.at(self._now_s + seconds, happening)

    def _start(self, life: int) -> None:
        self._life = life
        began = self._service.start(life, self._now_s)
        if isinstance(began, StartFailed):
            self._later(_STARTS_AFTER_S, lambda: began)
            return
        self._alive = True
        started_unix = round(self.now().unix + _STARTS_AFTER_S, 3)
        self._later(_STARTS_AFTER_S, lambda: Started(began, started_unix))
        self._speak_next(self._now_s + _STARTS_AFTER_S, life)
        death = self._service.dies()
        if death is not None:
            self.at(death[0], lambda: self._exit(life, death[1]))

    def _speak_next(self, from_s: float, life: int) -> None:
        spoken = self._service.speaks(from_s)
        if spoken is None:
            return
        when, lines = spoken

        def speak() -> Signal | None:
            if not self._alive or life != self._life:
                return None
            self._speak_next(when, life)
            return lines

        self.at(when, speak)

    def _exit(self, life: int, code: int | None) -> Signal | None:
        if not self._alive or life != self._life:
            return None
        self._alive = False
        return Exited(code)

    def _stop(self, grace_s: float) -> None:
        life = self._life
        if not self._alive:
            self._later(_ANSWERS_AFTER_S, lambda: Gone(0))
            return
        takes, code, killed = self._service.stops(self._now_s, grace_s)
        self._later(0.0, lambda: StopRung("asked", "SIGTERM", 1))
        if killed:
            self._later(grace_s, lambda: StopRung("killed", "SIGKILL", 1))
            takes, code = grace_s, -9
        self._later(takes, lambda: self._exit(life, code))
        self._later(takes + _ANSWERS_AFTER_S, lambda: Gone(0))

    def _sample(self) -> Signal:
        if not self._alive:
            return SampleFailed("the service is not running")
        sample = self._service.sample(self.now(), self._life)
        return SampleFailed("the sampler failed") if sample is None else Sampled(sample)

    def _kpi(self, command: ReadKpi) -> Signal:
        value, reason, note = self._service.kpi(command.name, self._now_s)
        return KpiRead(command.name, command.token, value, reason, note)
