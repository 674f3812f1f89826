"""A service that does exactly what a test writes down, and short ways to run it in virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from soakctl.domain.config.root import Config
from soakctl.domain.line import Line
from soakctl.domain.plan import Plan
from soakctl.domain.record import Record, Series
from soakctl.domain.run import Manifest, Mode
from soakctl.domain.sample import Sample
from soakctl.domain.signal import Lines, StartFailed
from soakctl.domain.state import RunState
from soakctl.domain.watch import LineWatch
from soakctl.mock.sim_world import SimWorld
from soakctl.services.soak.parts import kpi_columns
from soakctl.services.soak.run import Soak, run_soak

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.domain.journal import Entry
    from soakctl.domain.signal import Moment
    from soakctl.ports import Observer

START_UNIX = 1_700_000_000.0


class MemoryStore:
    """A store in memory; what was written can be looked at."""

    def __init__(self) -> None:
        """Empty."""
        self.entries: list[Entry] = []
        self.samples: list[Sample] = []
        self.documents: dict[str, Mapping[str, Any]] = {}

    def append(self, entry: Entry) -> None:
        """Keep the entry."""
        self.entries.append(entry)

    def append_sample(self, sample: Sample) -> None:
        """Keep the sample."""
        self.samples.append(sample)

    def write(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep the document."""
        self.documents[name] = document

    def write_text(self, name: str, text: str) -> None:
        """Keep the text."""
        self.documents[name] = {"text": text}

    def load(self) -> Record:
        """Nobody asks."""
        raise AssertionError

    def kinds(self) -> list[str]:
        """What was recorded, by kind."""
        return [str(entry.kind) for entry in self.entries]

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """The data of all entries of a kind."""
        return [entry.data for entry in self.entries if entry.kind == kind]


@dataclass
class Script:
    """A `SimService`. Times are seconds since the start of a life.

    Attributes:
        lines: (time, text, stream) in order, repeated in every life.
        every: after the last line, this text again and again: (seconds, text).
        ends: (time, code) by life; a life that is not there goes on for ever.
        cannot_start: what StartFailed says.
        ready_at: when the probe answers.
        stop: (seconds, code, killed) when asked to stop.
        kpis: value by name, or a function of the time.
        columns: columns of the samples, values or functions of the age.
    """

    config: Config
    lines: list[tuple[float, str, str]] = field(default_factory=list)
    every: tuple[float, str] | None = None
    ends: dict[int, tuple[float, int]] = field(default_factory=dict)
    cannot_start: StartFailed | None = None
    ready_at: float | None = None
    stop: tuple[float, int, bool] = (0.2, 0, False)
    kpis: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    life: int = 0
    began_s: float = 0.0
    seq: int = 0

    def __post_init__(self) -> None:
        """Compile the patterns."""
        self.watch = LineWatch.of(self.config)
        self._queue: list[tuple[float, str, str]] = []

    def start(self, life: int, at_s: float) -> StartFailed | int:
        """Begin a life."""
        self.life, self.began_s = life, at_s
        self._queue = list(self.lines)
        return self.cannot_start or 100 + life

    def dies(self) -> tuple[float, int] | None:
        """As written down."""
        end = self.ends.get(self.life)
        return None if end is None else (self.began_s + end[0], end[1])

    def speaks(self, at_s: float) -> tuple[float, Lines] | None:
        """The next line."""
        if self._queue:
            when, text, stream = self._queue.pop(0)
            return self.began_s + when, self._read(text, stream, self.began_s + when)
        if self.every is not None:
            when = at_s + self.every[0]
            return when, self._read(self.every[1], "out", when)
        return None

    def _read(self, text: str, stream: str, at_s: float) -> Lines:
        self.seq += 1
        line = Line(stream, self.seq, at_s, text)
        critical = int(self.watch.is_critical(text))
        return Lines(stream, 1, critical=critical, hits=self.watch.scan(line), tail=(line,))

    def stops(self, _at_s: float, _grace_s: float) -> tuple[float, int, bool]:
        """As written down."""
        return self.stop

    def ready(self, at_s: float) -> bool:
        """As written down."""
        return self.ready_at is not None and at_s >= self.began_s + self.ready_at

    def sample(self, moment: Moment, life: int) -> Sample | None:
        """A small healthy process, and what the test says."""
        age = moment.elapsed_s - self.began_s
        columns: dict[str, Any] = {
            "rss_bytes": 50_000_000,
            "cpu_seconds_total": 0.01 * age,
            "num_fds": 10,
            "num_threads": 3,
            "num_processes": 1,
            "zombies": 0,
            "artifacts_bytes": 100_000,
        }
        columns |= {name: value(age) if callable(value) else value for name, value in self.columns.items()}
        return Sample(
            elapsed_s=moment.elapsed_s,
            timestamp_unix=moment.unix,
            timestamp_utc="",
            life=life,
            service_pid=100 + life,
            service_started_unix=1.0,
            **columns,
        )

    def kpi(self, name: str, at_s: float) -> tuple[float | None, str, str]:
        """As written down; a KPI nobody wrote down cannot be read."""
        value = self.kpis.get(name)
        value = value(at_s) if callable(value) else value
        return value, "" if value is not None else "connection refused", ""


def config_of(**sections: Any) -> Config:
    """A configuration of these sections, with a command."""
    service = {"command": ["service"], **sections.pop("service", {})}
    return Config.model_validate({"service": service, **sections})


def manifest_of(config: Config, plan: Plan, *, mode: Mode = Mode.REAL) -> Manifest:
    """A manifest of a run by this configuration."""
    return Manifest(
        run_id="20260101T000000Z-00000001",
        soakctl_version="0",
        mode=mode,
        config=config.model_dump(mode="json", by_alias=True),
        config_hash="",
        plan=plan.to_json(),
        planned_s=plan.duration_s,
        started_unix=START_UNIX,
        started_utc="",
    )


def soak_script(
    script: Script, *, attached: bool = False, observer: Observer | None = None
) -> tuple[Record, MemoryStore, SimWorld]:
    """Run a whole soak of the script, and give its record."""
    config = script.config
    plan = Plan.of(config.soak)
    store = MemoryStore()
    world = SimWorld(script, start_unix=START_UNIX)
    state = RunState(plan=plan, columns=kpi_columns(config), attached=attached)
    manifest = manifest_of(config, plan)
    job = Soak(config, manifest, state, mock=False, resumed=False)
    run_soak(job, world, store, redact=lambda value: value, observer=observer)
    series = Series()
    for sample in store.samples:
        series.add(sample)
    return Record(manifest, state, series), store, world
