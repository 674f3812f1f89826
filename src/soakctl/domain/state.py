"""The state of a run: computed in one place, by folding the journal and the samples, for every reader."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from soakctl.domain.tuning import TuningState

if TYPE_CHECKING:
    from soakctl.domain.iteration import Iteration, Window
    from soakctl.domain.plan import Plan
    from soakctl.domain.sample import Sample

HISTORY_COLUMNS = ("rss_bytes", "cpu_percent", "num_fds", "num_threads")
_HISTORY = 120


class Phase(StrEnum):
    """Where a run stands."""

    NEW = "new"
    BOOTING = "booting"
    RUNNING = "running"
    WAITING = "waiting"  # the service ended by itself and a restart is due
    STOPPING = "stopping"
    ENDED = "ended"


@dataclass(slots=True)
class Boot:
    """A boot: the checkpoints reached in order, and how it ended."""

    started_s: float
    reached: dict[str, dict[str, Any]] = field(default_factory=dict)
    result: dict[str, Any] | None = None

    @property
    def passed(self) -> bool:
        """Whether the service was proven alive (or, without any sign asked for, stayed up)."""
        return self.result is not None and self.result["exit"] == "SUCCESS"


@dataclass(slots=True)
class Stop:
    """A stop: why, each rung taken, and what was left."""

    reason: str
    requested_s: float
    signum: int | None = None
    rungs: list[dict[str, Any]] = field(default_factory=list)
    exit_code: int | None = None
    exited: bool = False
    kept: bool = True  # False: the keeper was ended meanwhile
    left: int | None = None

    @property
    def asked(self) -> bool:
        """Whether there was a living service to ask."""
        return any(rung["rung"] == "asked" for rung in self.rungs)


@dataclass(slots=True)
class Extremes:
    """First, last and highest value of a column."""

    first: float
    last: float
    peak: float


@dataclass(slots=True)
class RunState:
    """Everything known of a run while it goes on. Counts are over the whole run; times are elapsed seconds."""

    plan: Plan
    columns: tuple[str, ...] = ()
    attached: bool = False  # the process was already running, and is not ours to stop
    phase: Phase = Phase.NEW
    seq: int = 0
    elapsed_s: float = 0.0
    unix: float = 0.0
    life: int = 0
    service_pid: int | None = None
    service_started_unix: float | None = None
    alive: bool = False
    began_s: float | None = None
    gap_s: float = 0.0
    gaps: list[dict[str, Any]] = field(default_factory=list)
    resumes: int = 0
    boot: Boot | None = None
    first_boot: Boot | None = None
    window: Window | None = None
    cut: Window | None = None  # the iteration that an interruption cut short: a resume goes on with it
    iterations: list[Iteration] = field(default_factory=list)
    exits: list[dict[str, Any]] = field(default_factory=list)
    keeper_ends: list[dict[str, Any]] = field(default_factory=list)
    restarts: int = 0
    failed_runs: list[str] = field(default_factory=list)
    silences: list[dict[str, Any]] = field(default_factory=list)
    lines: int = 0
    critical: int = 0
    critical_lines: list[str] = field(default_factory=list)
    dropped: int = 0
    events: int = 0
    events_in_iterations: int = 0  # what a rate is made of: the boot and the stop are not observed time
    missed: int = 0
    samples: int = 0
    latest: Sample | None = None
    extremes: dict[str, Extremes] = field(default_factory=dict)
    history: dict[str, deque[float]] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    findings: list[dict[str, Any]] = field(default_factory=list)
    attributions: list[dict[str, Any]] = field(
        default_factory=list
    )  # where growth was looked for, when, what was found
    stop: Stop | None = None
    stops: list[Stop] = field(default_factory=list)
    ended: dict[str, Any] | None = None
    tuning: TuningState = field(default_factory=TuningState)

    @property
    def end_s(self) -> float | None:
        """When the planned time is over: gaps extend it. None until the first boot has passed."""
        return None if self.began_s is None else self.began_s + self.plan.duration_s + self.gap_s

    @property
    def observed_s(self) -> float:
        """Planned time that has been observed so far; a stop that has been asked for ends it."""
        return 0.0 if self.began_s is None else max(0.0, self.observed_until_s - self.began_s - self.gap_s)

    @property
    def observed_until_s(self) -> float:
        """Now, or when the stop under way was asked for."""
        if self.stopping and self.stop is not None:
            return min(self.elapsed_s, self.stop.requested_s)
        return self.elapsed_s

    @property
    def crashes(self) -> list[dict[str, Any]]:
        """Each time that the service, once started, ended by itself."""
        return [item for item in self.exits if not item.get("start_failed") and not item.get("cause")]

    @property
    def stopping(self) -> bool:
        """Whether the run is on its way to its end."""
        return self.phase in {Phase.STOPPING, Phase.ENDED}

    def observe(self, sample: Sample) -> None:
        """Take in a sample."""
        before = self.latest
        self.samples += 1
        self.elapsed_s = max(self.elapsed_s, sample.elapsed_s)
        self.unix = sample.timestamp_unix
        self.latest = sample
        if sample.cpu_seconds_total is not None:
            same = before is not None and before.life == sample.life and before.cpu_seconds_total is not None
            earlier = before.cpu_seconds_total if same and before is not None else 0.0
            self.cpu_seconds += max(0.0, sample.cpu_seconds_total - (earlier or 0.0))
        for name in HISTORY_COLUMNS:
            value = getattr(sample, name)
            if value is not None:
                self._extend(name, float(value))
        if self.window is not None:
            self.window.observe(sample, self.columns)

    def _extend(self, name: str, value: float) -> None:
        found = self.extremes.get(name)
        if found is None:
            self.extremes[name] = Extremes(value, value, value)
            self.history[name] = deque((value,), maxlen=_HISTORY)
            return
        found.last = value
        found.peak = max(found.peak, value)
        self.history[name].append(value)
