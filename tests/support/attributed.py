"""A service that leaks in virtual time, and somebody who finds where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.attribution import Attribution, Grown
from soakctl.domain.command import Attribute, TakeInventory
from soakctl.domain.fold import fold
from soakctl.domain.plan import Plan
from soakctl.domain.record import Record, Series
from soakctl.domain.signal import Attributed
from soakctl.domain.state import RunState
from soakctl.judge.verdict import Options, judge
from soakctl.mock.sim_world import SimWorld
from soakctl.services.soak.run import Soak, run_soak
from tests.support.scripted import START_UNIX, MemoryStore, Script, config_of, manifest_of

if TYPE_CHECKING:
    from soakctl.domain.command import Command
    from soakctl.domain.verdict import Verdict

FOUND = Attribution(
    "rss",
    (Grown("app.py:7", "bytes", 90_000.0),),
    grew=90_000.0,
    over_s=4.0,
    explained=0.97,
    how="tracemalloc",
    cost={"cpu_percent_before": 4.0, "cpu_percent_during": 6.5, "memory_bytes": 250_000.0, "pause_ms": 3.0},
)


class AttributingWorld(SimWorld):
    """Finds what a test says, half a minute later."""

    def __init__(self, script: Script, found: Attribution | None) -> None:
        """Remembers what it was asked."""
        super().__init__(script, start_unix=START_UNIX)
        self.found = found
        self.asked: list[Command] = []

    def do(self, command: Command) -> None:
        """As the other world, but for what was found."""
        if not isinstance(command, TakeInventory | Attribute):
            super().do(command)
            return
        self.asked.append(command)
        if isinstance(command, Attribute) and self.found is not None:
            found = self.found
            self.at(self.now().elapsed_s + 30.0, lambda: Attributed(found))


def leaks(found: Attribution | None, *, attribute: bool = True) -> tuple[MemoryStore, AttributingWorld, Verdict]:
    """A soak of six hours with a leak of memory: its record, its world, its verdict."""
    smoke = {"checkpoints": [{"name": "up", "pattern": "up", "liveness": True}]}
    config = config_of(soak={"hours": 6, "attribute": attribute}, smoke=smoke)
    leak = {"rss_bytes": lambda age: 50e6 + age / 3600 * 80e6 + 4096 * (age // 60 % 7)}
    script = Script(config, lines=[(0.1, "up", "out")], columns=leak)
    plan, store, world = Plan.of(config.soak), MemoryStore(), AttributingWorld(script, found)
    job = Soak(config, manifest_of(config, plan), RunState(plan=plan), mock=False, resumed=False, alarm=True)
    run_soak(job, world, store, redact=lambda value: value)
    state, series = fold(RunState(plan=plan), store.entries), Series()
    series.extend(store.samples)
    return store, world, judge(Record(job.manifest, state, series), config, Options()).verdict
