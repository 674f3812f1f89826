"""Tuned soaks in virtual time: a small service with one or two parameters, and its overrides file in memory."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from soakctl.domain.delta import BlockedError, put
from soakctl.domain.plan import Plan
from soakctl.domain.record import Record, Series
from soakctl.domain.signal import OverridesRead
from soakctl.domain.state import RunState
from soakctl.domain.tuning import Tune
from soakctl.mock.sim_world import SimWorld
from soakctl.services.soak.parts import kpi_columns
from soakctl.services.soak.run import Soak, run_soak
from tests.support.scripted import START_UNIX, MemoryStore, Script, config_of, manifest_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.command import WriteOverrides
    from soakctl.domain.config.root import Config
    from soakctl.domain.run import Manifest


@dataclass
class MemoryOverrides:
    """`Overrides` in memory. `spoil` may do to the document what it likes behind a write."""

    document: dict[str, Any] = field(default_factory=dict)
    spoil: Callable[[dict[str, Any]], None] | None = None
    writes: int = 0
    error: str = ""

    def read(self, token: int) -> OverridesRead:
        """As it stands."""
        return OverridesRead(token, copy.deepcopy(self.document), self._digest(), self.error)

    def write(self, command: WriteOverrides) -> OverridesRead:
        """All values or none."""
        if command.digest != self._digest():
            return OverridesRead(command.token, error="the file was changed by someone else in the meantime")
        after = copy.deepcopy(self.document)
        try:
            for path, value in command.values.items():
                put(after, path, value)
        except BlockedError as error:
            return OverridesRead(command.token, error=str(error))
        self.document = after
        self.writes += 1
        if self.spoil is not None:
            self.spoil(self.document)
        return self.read(command.token)

    def _digest(self) -> str:
        return hashlib.sha256(json.dumps(self.document, sort_keys=True).encode()).hexdigest()


@dataclass
class Tuned:
    """A tuned soak to run: its configuration, its file, and KPIs as functions of the file and of the time."""

    config: Config
    kpis: dict[str, Callable[[dict[str, Any], float], float | None]]
    overrides: MemoryOverrides = field(default_factory=MemoryOverrides)
    tune: Tune = Tune.WRITE


def tuned_config(**tuning: Any) -> Config:
    """Ten iterations of an hour, one KPI `speed` that must stay under 100, one parameter `limit` at `engine.limit`."""
    base = {
        "parameters": {
            "limit": {"path": "engine.limit", "initial": 10, "min": 1, "max": 20, "group": "engine"},
            "ratio": {"path": "risk.ratio", "initial": 0.10, "min": 0.01, "max": 0.5, "group": "risk"},
        },
        "rules": [{"name": "FAST", "when": {"speed": {"gt": 100}}, "change": {"limit": {"add": -1}}}],
        "guards": {"cooldown": {"large": "90%"}},
    }
    return config_of(
        soak={"hours": 10, "iteration": "1h", "sample_every": "10m"},
        kpis=[{"name": "speed", "source": {"json": "speed.json"}, "max": 100}],
        tuning={**base, **tuning},
    )


def manifest_of_tuned(tuned: Tuned, plan: Plan) -> Manifest:
    """The manifest of such a run, which says that it tuned."""
    flags = {"propose_only": True} if tuned.tune is Tune.PROPOSE else {"auto_tune": True}
    return manifest_of(tuned.config, plan).model_copy(update={"flags": flags})


def soak_tuned(tuned: Tuned) -> tuple[Record, MemoryStore]:
    """Run it to its end; the record, and everything that was written."""
    plan = Plan.of(tuned.config.soak)
    store, overrides = MemoryStore(), tuned.overrides
    kpis = {name: (lambda at_s, kpi=kpi: kpi(overrides.document, at_s)) for name, kpi in tuned.kpis.items()}
    script = Script(tuned.config, lines=[(0.1, "up", "out")], kpis=kpis)
    world = SimWorld(script, start_unix=START_UNIX, overrides=overrides)
    state = RunState(plan=plan, columns=kpi_columns(tuned.config))
    manifest = manifest_of_tuned(tuned, plan)
    job = Soak(tuned.config, manifest, state, mock=False, resumed=False, tuning=tuned.tune)
    run_soak(job, world, store, redact=lambda value: value, overrides=overrides)
    series = Series()
    for sample in store.samples:
        series.add(sample)
    return Record(manifest, state, series), store


def limit_of(document: dict[str, Any]) -> float:
    """What the service takes `limit` to be."""
    engine = document.get("engine", {})
    found = engine.get("limit", 10) if isinstance(engine, dict) else 10
    return float(found)


def improves(**tuning: Any) -> Tuned:
    """The lower the limit, the lower the speed: 130 at first, good from a limit of 7 on."""
    return Tuned(tuned_config(**tuning), {"speed": lambda document, _at: 30.0 + 10.0 * limit_of(document)})


def worsens(**tuning: Any) -> Tuned:
    """A rule that is wrong: the lower the limit, the higher the speed."""
    return Tuned(tuned_config(**tuning), {"speed": lambda document, _at: 320.0 - 20.0 * limit_of(document)})
