"""A service that stalls is looked into before it is stopped, and what was found is in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soakctl.domain.command import TakeTrace
from soakctl.domain.plan import Plan
from soakctl.domain.signal import Traced, TracedFinding
from soakctl.domain.state import RunState
from soakctl.mock.sim_world import SimWorld
from soakctl.services.engine.boot import BootPart
from soakctl.services.engine.engine import Engine
from soakctl.services.engine.lifecycle import Lifecycle
from soakctl.services.engine.tracing import TracePart
from soakctl.services.smoke import run_smoke
from soakctl.services.soak.liveness import LivenessPart
from tests.support.scripted import START_UNIX, MemoryStore, Script, config_of

if TYPE_CHECKING:
    from soakctl.domain.command import Command

FOUND = TracedFinding("deadlock", "one and two wait for each other")


class TracingWorld(SimWorld):
    """Answers a trace after three seconds, or never."""

    def __init__(self, script: Script, answer: Traced | None) -> None:
        """Remembers when it was asked."""
        super().__init__(script, start_unix=START_UNIX)
        self.answer = answer
        self.asked_s: list[float] = []

    def do(self, command: Command) -> None:
        """As the other world, but for a trace."""
        if not isinstance(command, TakeTrace):
            super().do(command)
            return
        self.asked_s.append(self.now().elapsed_s)
        if self.answer is not None:
            self.at(self.now().elapsed_s + 3.0, lambda: self.answer)


STALLS = config_of(smoke={"deadline": "8s", "checkpoints": [{"name": "up", "pattern": "up"}]})


def test_a_stalled_boot_is_traced_before_it_is_stopped() -> None:
    """The finding is in the result, and the stop waited for it."""
    world, store = TracingWorld(Script(STALLS), Traced({"schema": "x"}, (FOUND,))), MemoryStore()
    result = run_smoke(STALLS, world, store, redact=lambda value: value)
    assert world.asked_s == [pytest.approx(8.0, abs=0.5)]
    assert result.trace == (FOUND.text,)
    asked = next(entry for entry in store.entries if entry.data.get("rung") == "asked")
    assert asked.elapsed_s >= world.asked_s[0] + 3.0


def test_a_trace_that_does_not_come_is_not_waited_for() -> None:
    """The stop comes after twenty seconds."""
    world, store = TracingWorld(Script(STALLS), None), MemoryStore()
    result = run_smoke(STALLS, world, store, redact=lambda value: value)
    assert result.trace == ()
    asked = next(entry for entry in store.entries if entry.data.get("rung") == "asked")
    assert asked.elapsed_s == pytest.approx(28.0, abs=1.0)


def test_a_boot_that_passes_is_not_traced() -> None:
    """Nobody asked."""
    world = TracingWorld(Script(STALLS, lines=[(0.1, "up", "out")]), Traced(None))
    run_smoke(STALLS, world, MemoryStore(), redact=lambda value: value)
    assert world.asked_s == []


def test_a_service_that_goes_silent_is_traced_into_the_run() -> None:
    """A document and a finding; then the stop that was asked for."""
    liveness = {"pattern": "tick", "silence": "5s", "then": "stop"}
    config = config_of(service={"liveness": liveness})
    assert config.service.liveness is not None
    world = TracingWorld(Script(config, lines=[(0.1, "tick", "out")]), Traced({"schema": "x"}, (FOUND,)))
    store, state, tracing = MemoryStore(), RunState(plan=_plan()), TracePart()
    lifecycle = Lifecycle(config.service, restarts=False, held=lambda: tracing.holds)
    parts = (tracing, lifecycle, BootPart(config, prove_life=False), LivenessPart(config.service.liveness))
    Engine(world, store, parts, state, redact=lambda value: value).run()
    assert store.documents["trace-1.json"] == {"schema": "x"}
    (finding,) = store.of("finding")
    assert (finding["id"], finding["severity"]) == ("trace.deadlock", "warn")
    assert "trace-1.json" in finding["reason"]
    kinds = store.kinds()
    assert kinds.index("liveness_lost") < kinds.index("finding")
    assert kinds.index("finding") < max(place for place, kind in enumerate(kinds) if kind == "stop_rung")


def _plan() -> Plan:
    return Plan(60.0, 60.0, 1.0, 1)
