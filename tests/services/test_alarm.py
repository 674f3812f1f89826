"""Growth told while a run goes on, and KPIs whose trend is judged."""

from __future__ import annotations

from typing import Any

import pytest

from soakctl.domain.plan import Plan
from soakctl.domain.state import RunState
from soakctl.judge.kpi_trend import kpi_trend_check
from soakctl.mock.sim_world import SimWorld
from soakctl.services.soak.run import Soak, run_soak
from tests.support.scripted import START_UNIX, MemoryStore, Script, config_of, manifest_of, soak_script


def _soak(rss: Any) -> MemoryStore:
    config = config_of(soak={"hours": 6}, smoke={"checkpoints": [{"name": "up", "pattern": "up", "liveness": True}]})
    script = Script(config, lines=[(0.1, "up", "out")], columns={"rss_bytes": rss})
    plan = Plan.of(config.soak)
    store, world = MemoryStore(), SimWorld(script, start_unix=START_UNIX)
    job = Soak(config, manifest_of(config, plan), RunState(plan=plan), mock=False, resumed=False, alarm=True)
    run_soak(job, world, store, redact=lambda value: value)
    return store


def test_a_leak_is_told_once_while_the_run_goes_on() -> None:
    """Two looks in a row that both see it make one alarm, long before the end; it decides nothing by itself."""
    store = _soak(lambda age: 50e6 + age / 3600 * 80e6 + 4096 * (age // 60 % 7))
    (found,) = store.of("finding")
    assert (found["id"], found["severity"]) == ("alarm.rss", "info")
    told_at = next(entry.elapsed_s for entry in store.entries if entry.kind == "finding")
    assert told_at < 0.5 * 6 * 3600


def test_a_healthy_run_raises_no_alarm() -> None:
    """A warm-up that levels off is no leak, at any of the looks."""
    assert not _soak(lambda age: 50e6 + 20e6 * min(age, 900.0) / 900.0 + 4096 * (age // 60 % 7)).of("finding")


def _trend(value: Any, **limits: float) -> Any:
    kpi = {"name": "quality", "source": {"json": "q.json", "pointer": "/q"}, "trend": True, **limits}
    smoke = {"checkpoints": [{"name": "up", "pattern": "up", "liveness": True}]}
    config = config_of(soak={"hours": 24}, kpis=[kpi], smoke=smoke)
    script = Script(config, lines=[(0.1, "up", "out")], kpis={"quality": value})
    record, _, _ = soak_script(script)
    return kpi_trend_check(config.kpis[0], record.state.iterations, run_s=86400.0, mock=False)


@pytest.mark.parametrize(
    ("per_hour", "limits", "severity"),
    [
        (5.0, {"max": 1000.0}, "fail"),
        (-5.0, {"max": 1000.0}, "ok"),
        (-5.0, {"min": 1.0}, "fail"),
        (5.0, {"min": 1.0}, "ok"),
        (0.0, {"max": 1000.0}, "ok"),
    ],
)
def test_a_kpi_that_gets_worse_with_time_fails(per_hour: float, limits: dict[str, float], severity: str) -> None:
    """Worse is up where there is a most, and down where there is a least; getting better is not a finding."""
    found = _trend(lambda at: 200.0 + per_hour * at / 3600 + 0.3 * (at // 3600 % 3), **limits)
    assert found.severity == severity, found


def test_a_trend_of_too_few_values_is_no_data() -> None:
    """A KPI that could not be read has no trend, which never passes."""
    assert _trend(None, max=1.0).severity == "no_data"
