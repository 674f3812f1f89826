"""A run in which nearly everything happens, and everything that was recorded of it."""

from __future__ import annotations

import copy
import math
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from soakctl.domain.plan import Plan
from soakctl.domain.signal import Interrupted, Lines
from soakctl.domain.state import RunState
from soakctl.mock.sim_world import SimWorld
from soakctl.services.soak.parts import kpi_columns
from soakctl.services.soak.run import Soak, run_soak
from tests.support.scripted import START_UNIX, MemoryStore, Script, config_of, manifest_of

if TYPE_CHECKING:
    from soakctl.domain.journal import Entry
    from soakctl.domain.sample import Sample
    from soakctl.ports import Observer

CONFIG = config_of(
    service={
        "restart": {"policy": "on_failure", "max": 3, "backoff": "5s"},
        "liveness": {"pattern": "tick", "silence": "2m"},
        "stop": {"must_log": ["bye"]},
    },
    smoke={
        "checkpoints": [
            {"name": "starting", "pattern": "starting"},
            {"name": "up", "pattern": "tick", "liveness": True},
        ]
    },
    soak={"duration": "40m", "sample_every": "10s"},
    kpis=[
        {"name": "quality", "source": {"json": "q.json"}, "min": 0.5, "every": "1m"},
        {"name": "memory", "source": {"resource": "rss_bytes", "reduce": "p95"}, "max": 6e7},
        {"name": "latency", "source": {"log": r"latency=(\S+)", "reduce": "p95"}, "max": 100},
    ],
)
PLAN = Plan.of(CONFIG.soak)
COLUMNS = kpi_columns(CONFIG)


def _script() -> Script:
    lines = [(0.1, "starting", "out"), (0.3, "tick latency=5", "out")]
    lines += [(10.0 * n, f"tick latency={n}", "out") for n in range(1, 40)]
    lines += [
        (600.0, "2026-01-01 00:00:00,000 CRITICAL engine: out of cheese", "err"),
        (601.0, "tick latency=7", "out"),
    ]
    script = Script(CONFIG, lines=lines, every=(10.0, "tick latency=9"), ends={1: (700.0, -11)})
    script.kpis = {"quality": lambda at_s: None if 800 < at_s < 900 else 0.2 if at_s > 2000 else 0.9}

    def rss(age: float) -> int | None:
        return None if 100 < age < 130 else 50_000_000 + int(age) * 100

    script.columns = {"rss_bytes": rss, "num_fds": lambda age: 10 + int(age) % 7}
    return script


def eventful_run(observer: Observer | None = None) -> tuple[MemoryStore, RunState]:
    """The run: a crash and a restart, silence, a flood, a held-up soakctl, an interruption, and its resume to the end.

    `observer` sees the state after each record. The journal holds all of it.
    """
    store, script = MemoryStore(), _script()
    state = RunState(plan=PLAN, columns=COLUMNS)
    world = SimWorld(script, start_unix=START_UNIX)
    world.at(1000.0, lambda: world.hold_up(45.0))
    world.at(1200.0, lambda: Lines("out", 500, dropped=400))
    world.at(1505.615, lambda: Interrupted(2))  # a sample has been asked for, and comes while the service stops
    _soak(state, world, store, observer, resumed=False)
    again = SimWorld(script, start_unix=START_UNIX + 900.0, elapsed_s=state.elapsed_s)
    _soak(state, again, store, observer, resumed=True)
    return store, state


def _soak(state: RunState, world: SimWorld, store: MemoryStore, observer: Observer | None, *, resumed: bool) -> None:
    job = Soak(CONFIG, manifest_of(CONFIG, PLAN), state, mock=False, resumed=resumed)
    run_soak(job, world, store, redact=lambda value: value, observer=observer)


class Snapshots:
    """An observer that keeps what was recorded, and copies of the live state at some of the steps."""

    def __init__(self, every: int) -> None:
        """A copy every so many records."""
        self.every = every
        self.entries: list[Entry] = []
        self.samples: list[Sample] = []
        self.kept: list[tuple[int, int, RunState]] = []

    def seen(self, state: RunState, entry: Entry) -> None:
        """An entry was recorded."""
        self.entries.append(entry)
        self._keep(state)

    def sampled(self, state: RunState, sample: Sample) -> None:
        """A sample was recorded."""
        self.samples.append(sample)
        self._keep(state)

    def _keep(self, state: RunState) -> None:
        if (len(self.entries) + len(self.samples)) % self.every == 0:
            self.kept.append((len(self.entries), len(self.samples), copy.deepcopy(state)))


def differences(one: Any, other: Any, path: str = "state") -> list[str]:
    """Where two states differ; times are recorded to the microsecond."""
    if is_dataclass(one) and not isinstance(one, type) and type(one) is type(other):
        one, other = asdict(one), asdict(other)
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted({*one, *other}, key=str)
        return [text for name in names for text in differences(one.get(name), other.get(name), f"{path}.{name}")]
    if isinstance(one, float) and isinstance(other, (int, float)):
        return [] if one == other or math.isclose(one, other, abs_tol=2e-6) else [f"{path}: {one!r} is not {other!r}"]
    if hasattr(one, "__iter__") and not isinstance(one, str) and hasattr(other, "__iter__"):
        ours, theirs = list(one), list(other)
        if len(ours) != len(theirs):
            return [f"{path}: {len(ours)} is not {len(theirs)} long"]
        return [
            text
            for place, (a, b) in enumerate(zip(ours, theirs, strict=True))
            for text in differences(a, b, f"{path}[{place}]")
        ]
    return [] if one == other else [f"{path}: {one!r} is not {other!r}"]
