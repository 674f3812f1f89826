"""The mock soak: the real engine on a simulated market maker, the same bytes for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.run_store import DirectoryStore
from soakctl.cli.wiring.setup import bundled_config
from soakctl.domain.plan import Plan
from soakctl.domain.run import Mode
from soakctl.domain.state import RunState
from soakctl.domain.verdict import Outcome
from soakctl.mock.market_maker import Fault, MarketMaker
from soakctl.mock.sim_world import SimWorld
from soakctl.services.gate import judge_run, recorded_config
from soakctl.services.soak.run import Soak, run_soak
from tests.support.scripted import START_UNIX, manifest_of

if TYPE_CHECKING:
    from pathlib import Path

    from soakctl.domain.record import Record


def mock_soak(path: Path, *, fault: Fault | None = None, seed: int = 1) -> Record:
    """A mock soak of 24 hours, and its record as it stands on disk."""
    config = bundled_config()
    plan = Plan.of(config.soak)
    store = DirectoryStore(path, redact=lambda value: value, durable=False)
    world = SimWorld(MarketMaker(config, plan, seed=seed, fault=fault), start_unix=START_UNIX)
    manifest = manifest_of(config, plan, mode=Mode.MOCK)
    job = Soak(config, manifest, RunState(plan=plan), mock=True, resumed=False)
    run_soak(job, world, store, redact=lambda value: value)
    store.close()
    return store.load()


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The default mock run."""
    return mock_soak(tmp_path_factory.mktemp("mock") / "run")


def test_the_default_mock_run_passes_by_mock_limits(healthy: Record) -> None:
    """A run is judged in its own mode, and the default one is healthy."""
    judgement = judge_run(healthy)
    assert judgement.verdict.outcome is Outcome.PASS
    assert judgement.verdict.mock
    assert {trend.verdict.value for name, trend in judgement.trends.items() if name != "tasks"} == {"NO_LEAK"}


def test_the_default_mock_run_fails_by_production_limits(healthy: Record) -> None:
    """A maker/taker ratio of 0.74 is enough for a mock run and not for production."""
    verdict = judge_run(healthy, mock=False).verdict
    assert verdict.outcome is Outcome.FAIL
    failed = {check.id for check in verdict.checks if check.severity == "fail"}
    assert failed == {"kpi.maker_taker_ratio", "iterations"}


def test_the_default_mock_run_finds_its_feet(healthy: Record) -> None:
    """The first iterations are poor and the last eight are good, with fills counted by volume."""
    iterations = healthy.state.iterations
    assert len(iterations) == 24
    first, last = iterations[:8], iterations[-8:]
    assert max(item.values["risk_ratio"] or 0.0 for item in first) == pytest.approx(0.68, abs=0.02)
    assert min(item.values["net_bps"] or 0.0 for item in first) < 0.0
    assert first[0].values["maker_taker_ratio"] == pytest.approx(0.5, abs=0.03)
    means = {name: sum(item.values[name] or 0.0 for item in last) / 8 for name in last[0].values}
    assert means["risk_ratio"] == pytest.approx(0.30, abs=0.01)
    assert means["net_bps"] == pytest.approx(4.75, abs=0.1)
    assert means["p95_latency_ms"] == pytest.approx(222.0, abs=4.0)
    assert means["maker_taker_ratio"] == pytest.approx(0.74, abs=0.01)
    assert last[0].to_summary()["summary"]["maker_taker_source"] == "fills_volume"


@pytest.mark.parametrize(
    ("fault", "failing"),
    [
        (Fault.LEAK, "resource.rss"),
        (Fault.CRASH, "stability.crashes"),
        (Fault.STALL, "stability.liveness"),
        (Fault.LATENCY, "kpi.p95_latency_ms"),
        (Fault.ZOMBIE, "resource.zombies"),
        (Fault.DISK, "resource.disk_total"),
    ],
)
def test_each_fault_has_its_true_verdict(tmp_path: Path, fault: Fault, failing: str) -> None:
    """What bad looks like: each fault fails, by the check that is about it."""
    verdict = judge_run(mock_soak(tmp_path / "run", fault=fault)).verdict
    assert verdict.outcome is Outcome.FAIL
    assert failing in {check.id for check in verdict.checks if check.severity == "fail"}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two runs with one seed are byte-identical, and another seed is another run."""
    runs = {name: tmp_path / name for name in ("one", "two", "other")}
    for name, path in runs.items():
        mock_soak(path, seed=2 if name == "other" else 1)
    names = sorted(item.name for item in runs["one"].iterdir())
    assert names == sorted(item.name for item in runs["two"].iterdir())
    assert all((runs["one"] / name).read_bytes() == (runs["two"] / name).read_bytes() for name in names)
    assert (runs["one"] / "events.jsonl").read_bytes() != (runs["other"] / "events.jsonl").read_bytes()


def test_the_recorded_configuration_judges_a_run_anywhere(healthy: Record) -> None:
    """A record carries the configuration by which it is judged."""
    assert recorded_config(healthy) == bundled_config()
