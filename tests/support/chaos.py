"""Seeded worlds for the simulation tests: services that crash, hang, refuse to stop and flood; clocks that jump."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from soakctl.domain.config.root import Config
from soakctl.domain.line import Hit, HitKind, Line
from soakctl.domain.sample import Sample
from soakctl.domain.signal import Lines, StartFailed
from soakctl.mock.sim_world import SimWorld

if TYPE_CHECKING:
    from soakctl.domain.command import Command
    from soakctl.domain.signal import Moment, Signal

SILENCE_S = 600.0
CONFIG = Config.model_validate(
    {
        "service": {
            "command": ["service"],
            "liveness": {"pattern": "tick", "silence": "10m"},
            "restart": {"policy": "on_failure", "max": 2, "backoff": "5s..60s"},
            "stop": {"grace": "20s"},
        },
        "smoke": {
            "deadline": "8s",
            "checkpoints": [
                {"name": "starting", "pattern": "starting"},
                {"name": "ticking", "pattern": "tick", "liveness": True},
            ],
        },
        "soak": {"hours": 6},
        "kpis": [
            {"name": "quality", "source": {"json": "q.json", "pointer": "/q"}, "min": 0.5},
            {"name": "memory", "source": {"resource": "rss_bytes", "reduce": "max"}, "max": 5e8},
        ],
    }
)


class Killed(BaseException):
    """soakctl was killed at this step."""


@dataclass
class Truth:
    """What really happened, for the invariants."""

    crashes: int = 0
    boot_failed: bool = False
    longest_silence_s: float = 0.0
    critical: int = 0
    dropped: int = 0
    refused_stop: bool = False
    bad_kpi: int = 0
    missing_kpi: int = 0
    happened: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        """Remember it, for the message of a failing seed."""
        self.happened.append(what)


class ChaosService:
    """A `SimService` whose every trouble comes from the seed; healthy where the seed says so."""

    def __init__(self, seed: int, duration_s: float) -> None:
        """The troubles of all its lives follow from the seed."""
        self.random = Random(f"chaos:{seed}")
        self.duration_s = duration_s
        self.truth = Truth()
        pick = self.random.random
        self.crashy = pick() < 0.25
        self.hangs = pick() < 0.2
        self.stubborn = pick() < 0.15
        self.floods = pick() < 0.15
        self.critical = pick() < 0.15
        self.bad_boot = pick() < 0.08
        self.not_found = pick() < 0.04
        self.bad_sampler = pick() < 0.2
        self.bad_kpi = pick() < 0.2
        self.kpi_errors = pick() < 0.15
        self.seq = 0
        self.began_s = 0.0
        self.spoken = 0
        self.silent_from: float | None = None

    def start(self, life: int, at_s: float) -> StartFailed | int:
        """Begin a life."""
        self.began_s, self.spoken = at_s, 0
        self.silent_from = None
        if self.hangs and self.random.random() < 0.7:
            self.silent_from = at_s + self.random.uniform(60.0, self.duration_s * 0.8)
        if self.not_found:
            self.truth.boot_failed = True
            return StartFailed("not_found", "service: command not found")
        return 1000 + life

    def dies(self) -> tuple[float, int] | None:
        """Some lives end by themselves."""
        if self.crashy and self.random.random() < 0.6:
            return self.began_s + self.random.uniform(0.5, self.duration_s), self.random.choice((0, 1, -9, -11))
        return None

    def speaks(self, at_s: float) -> tuple[float, Lines] | None:
        """A starting line, then a tick a minute, until it falls silent."""
        self.spoken += 1
        if self.spoken == 1:
            line = self._line("starting", at_s + 0.1)
            return at_s + 0.1, Lines("out", 1, hits=(Hit(HitKind.CHECKPOINT, "starting", line),), tail=(line,))
        if self.bad_boot:
            return None
        when = at_s + (0.5 if self.spoken == 2 else 60.0)
        if self.silent_from is not None and when > self.silent_from:
            return None
        return when, self._tick(when)

    def _line(self, text: str, at_s: float) -> Line:
        self.seq += 1
        return Line("out", self.seq, at_s, text)

    def _tick(self, when: float) -> Lines:
        line = self._line("tick", when)
        hits = [Hit(HitKind.LIVENESS, "", line), Hit(HitKind.CHECKPOINT, "ticking", line)]
        dropped = critical = 0
        if self.floods and self.random.random() < 0.02:
            dropped = self.random.randrange(1, 100_000)
        if self.critical and self.random.random() < 0.01:
            critical = 1
            hits.append(Hit(HitKind.CRITICAL, "", self._line("CRITICAL out of cheese", when)))
        return Lines("out", 1 + dropped, dropped=dropped, critical=critical, hits=tuple(hits), tail=(line,))

    def stops(self, _at_s: float, _grace_s: float) -> tuple[float, int, bool]:
        """Cleanly, or not at all."""
        return 0.5, 0, self.stubborn

    def ready(self, _at_s: float) -> bool:
        """Nobody asks."""
        return True

    def sample(self, moment: Moment, life: int) -> Sample | None:
        """A flat process, when the sampler works."""
        if self.bad_sampler and self.random.random() < 0.05:
            return None
        return Sample(
            elapsed_s=moment.elapsed_s,
            timestamp_unix=moment.unix,
            timestamp_utc="",
            life=life,
            service_pid=1000 + life,
            service_started_unix=1.0,
            rss_bytes=100_000_000,
            cpu_seconds_total=0.01 * (moment.elapsed_s - self.began_s),
            num_fds=10,
            num_threads=4,
            num_processes=1,
            zombies=0,
            artifacts_bytes=100_000,
        )

    def kpi(self, _name: str, _at_s: float) -> tuple[float | None, str, str]:
        """Good, bad or unreadable."""
        if self.kpi_errors and self.random.random() < 0.3:
            return None, "connection refused", ""
        if self.bad_kpi and self.random.random() < 0.5:
            return 0.1, "", ""
        return 0.9, "", ""


class ChaosWorld(SimWorld):
    """A `SimWorld` that keeps the truth, jumps its clock, and is killed at a given step."""

    def __init__(
        self, service: ChaosService, *, start_unix: float, elapsed_s: float, clocks: Random, kill_after: int | None
    ) -> None:
        """`kill_after` counts appends to the journal and commands."""
        super().__init__(service, start_unix=start_unix, elapsed_s=elapsed_s)
        self.chaos = service
        self.steps_left = kill_after
        self.waits = 0
        for _ in range(clocks.choice((0, 0, 0, 1, 2))):
            jump = clocks.uniform(-900.0, 900.0)
            self.at(elapsed_s + clocks.uniform(10.0, service.duration_s), partial(self.step_clock, jump))
        if clocks.random() < 0.2:
            when, how_long = clocks.uniform(10.0, service.duration_s), clocks.uniform(1.0, 1200.0)
            self.at(elapsed_s + when, lambda: self.hold_up(how_long))

    def step(self) -> None:
        """One step towards the kill."""
        if self.steps_left is not None:
            self.steps_left -= 1
            if self.steps_left < 0:
                raise Killed

    def do(self, command: Command) -> None:
        """Perhaps never."""
        self.step()
        super().do(command)

    def wait(self, until: float) -> Signal | None:
        """Guard against a run that never ends."""
        self.waits += 1
        assert self.waits < 100_000, "the run does not end"
        signal = super().wait(until)
        truth = self.chaos.truth
        if isinstance(signal, Lines):
            truth.critical += signal.critical
            truth.dropped += signal.dropped
        return signal
