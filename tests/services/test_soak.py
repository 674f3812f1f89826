"""Whole soaks of scripted services in virtual time."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.domain.plan import Plan
from soakctl.domain.record import Record, Series
from soakctl.domain.signal import Interrupted, Lines, StartFailed
from soakctl.domain.state import RunState
from soakctl.domain.verdict import Outcome
from soakctl.errors import ExitCode, NoDataError
from soakctl.judge.verdict import Options, judge
from soakctl.mock.sim_world import SimWorld
from soakctl.services.gate import recorded_config
from soakctl.services.soak.parts import kpi_columns
from soakctl.services.soak.run import Soak, run_soak
from tests.support.scripted import START_UNIX, MemoryStore, Script, config_of, manifest_of, soak_script

if TYPE_CHECKING:
    from soakctl.domain.verdict import Verdict

LIVELY: dict[str, Any] = {"liveness": {"pattern": "tick", "silence": "2m"}}
BOOT = {"checkpoints": [{"name": "up", "pattern": "tick", "liveness": True}]}


def script(*, service: dict[str, Any] | None = None, every: str = "tick", **more: Any) -> Script:
    """A service that ticks every ten seconds, soaked for 40 minutes in 8 iterations."""
    sections: dict[str, Any] = {name: more.pop(name) for name in ("kpis", "gate", "soak") if name in more}
    sections.setdefault("soak", {"duration": "40m", "sample_every": "10s"})
    sections["smoke"] = BOOT
    config = config_of(service=service or {}, **sections)
    return Script(config, lines=[(0.1, "tick", "out")], every=(10.0, every) if every else None, **more)


def verdict_of(record: Record, *, strict: bool = False) -> Verdict:
    """The verdict, growth left aside."""
    return judge(record, _config(record), Options(strict=strict, trends=False)).verdict


def _config(record: Record) -> Any:
    return recorded_config(record)


def check(verdict: Verdict, check_id: str) -> Any:
    """The check of this id."""
    return next(item for item in verdict.checks if item.id == check_id)


def test_a_healthy_run_passes_and_is_whole() -> None:
    """Every iteration is there and passes, samples lie on their grid, and the stop is clean."""
    record, store, _ = soak_script(script(service=LIVELY))
    verdict = verdict_of(record)
    assert (verdict.outcome, verdict.exit_code) == (Outcome.PASS, ExitCode.SUCCESS)
    assert [item.index for item in record.state.iterations] == list(range(1, 9))
    assert not any(item.partial for item in record.state.iterations)
    assert len(store.samples) == pytest.approx(240, abs=2)
    assert store.kinds()[0] == "run_started"
    assert store.kinds()[-1] == "run_ended"
    assert store.documents["ITER_SUMMARY_8.json"]["summary"]["kpi_verdict"] == "PASS"
    assert store.documents["ITER_SUMMARY_3.json"]["summary"]["events"] == pytest.approx(30, abs=1)


@pytest.mark.parametrize("code", [0, 1, -11])
def test_a_service_that_ends_by_itself_fails_whatever_its_code(code: int) -> None:
    """Ending before the planned end is a crash, and without a restart policy the run ends with it."""
    record, _, _ = soak_script(script(ends={1: (700.0, code)}))
    verdict = verdict_of(record)
    assert (verdict.outcome, verdict.exit_code) == (Outcome.FAIL, ExitCode.EXCEPTION)
    assert check(verdict, "stability.crashes").value == "1"
    assert record.state.ended is not None
    assert record.state.ended["reason"] == "the service ended by itself"
    assert record.state.iterations[-1].partial


def test_restarts_follow_the_policy_and_are_findings() -> None:
    """The service comes back after a growing pause, goes on to the planned end, and the run still fails."""
    service = {"restart": {"policy": "on_failure", "max": 3, "backoff": "1s..60s"}}
    record, store, _ = soak_script(script(service=service, ends={1: (300.0, 1), 2: (300.0, 1)}))
    starts = [entry.elapsed_s for entry in store.entries if entry.kind == "service_starting"]
    deaths = [
        entry.elapsed_s for entry in store.entries if entry.kind == "service_exited" and not entry.data["expected"]
    ]
    assert [round(start - death) for start, death in zip(starts[1:], deaths, strict=True)] == [1, 2]
    assert record.state.life == 3
    assert len(record.state.iterations) == 8
    verdict = verdict_of(record)
    assert verdict.outcome is Outcome.FAIL
    assert check(verdict, "stability.restarts").value == "2"


def test_a_service_that_falls_silent_fails() -> None:
    """Up and doing nothing is not alive: the silence is recorded and fails the run."""
    record, store, _ = soak_script(script(service=LIVELY, every=""))
    assert len(store.of("liveness_lost")) == 1
    assert check(verdict_of(record), "stability.liveness").severity == "fail"
    assert record.state.ended is not None
    assert record.state.ended["reason"] == "planned end"


def test_silence_may_end_the_run() -> None:
    """`then: stop` does not wait for the planned end."""
    service = {"liveness": {"pattern": "tick", "silence": "2m", "then": "stop"}}
    record, _, _ = soak_script(script(service=service, every=""))
    assert record.state.elapsed_s < 200.0
    assert verdict_of(record).outcome is Outcome.FAIL


def test_a_boot_that_fails_ends_the_run_with_its_exit_code() -> None:
    """The boot of a soak is a smoke test and uses its codes."""
    stalled = script(every="")
    stalled.lines = []
    record, _, _ = soak_script(stalled)
    assert verdict_of(record).exit_code is ExitCode.STALLED
    absent = script(cannot_start=StartFailed("not_found", "service: command not found"))
    assert verdict_of(soak_script(absent)[0]).exit_code is ExitCode.DEPENDENCY_ERROR


KPI = {"name": "quality", "source": {"json": "q.json", "pointer": "/q"}, "min": 0.5}


def test_kpis_are_read_at_the_end_of_each_iteration_and_judged() -> None:
    """A KPI that is bad in most iterations fails both its aggregate and the pass count."""
    record, store, _ = soak_script(_with_kpi(0.2))
    verdict = verdict_of(record)
    assert len(store.of("kpi_read")) == 8
    assert check(verdict, "kpi.quality").severity == "fail"
    assert check(verdict, "iterations").severity == "fail"


def _with_kpi(value: Any, **kpi: Any) -> Script:
    made = script(kpis=[{**KPI, **kpi}])
    made.kpis = {"quality": value}
    return made


def test_a_kpi_that_cannot_be_read_never_passes() -> None:
    """Missing data is a warning, and fails a strict gate."""
    record, _, _ = soak_script(_with_kpi(None))
    assert verdict_of(record).outcome is Outcome.WARN
    assert verdict_of(record, strict=True).outcome is Outcome.FAIL
    assert check(verdict_of(record), "kpi.quality").reason == "connection refused"


def test_a_kpi_may_end_the_run_after_its_delay() -> None:
    """`abort: true` ends the run once the KPI has failed for its delay, not before."""
    made = _with_kpi(lambda at_s: 0.9 if at_s < 600.0 else 0.1, abort=True, delay="60s")
    record, _, _ = soak_script(made)
    assert 655.0 < record.state.elapsed_s < 700.0
    assert verdict_of(record).outcome is Outcome.FAIL
    assert any(item.id == "abort.quality" for item in verdict_of(record).findings)


def test_resource_and_log_kpis_come_from_the_samples_and_the_lines() -> None:
    """Both kinds need no reading, and values land in the iteration in which they were seen."""
    made = script(
        every="latency=120",
        kpis=[
            {"name": "peak", "source": {"resource": "rss_bytes", "reduce": "max"}, "max": 1e9},
            {"name": "latency", "source": {"log": r"latency=(?P<value>\d+)", "reduce": "p95"}, "max": 200},
            {"name": "lines", "source": {"log": "latency", "reduce": "rate"}},
        ],
    )
    record, _, _ = soak_script(made)
    last = record.state.iterations[-1].values
    assert last["peak"] == 50_000_000
    assert last["latency"] == 120
    assert last["lines"] == pytest.approx(0.1, rel=0.1)


def test_critical_lines_fail_the_run_and_are_shown() -> None:
    """One CRITICAL line is one too many by default; the line itself is the evidence."""
    made = script()
    made.lines.append((100.0, "2026-01-01 00:00:00,000 CRITICAL engine: position mismatch", "err"))
    record, _, _ = soak_script(made)
    found = check(verdict_of(record), "logs.critical")
    assert (found.severity, found.value) == ("fail", "1")
    assert "position mismatch" in found.evidence[0]


def test_a_service_that_must_be_killed_did_not_stop_cleanly() -> None:
    """The kill rung is a failure of the run."""
    record, _, _ = soak_script(script(stop=(0.1, -9, True)))
    assert check(verdict_of(record), "stability.stop").severity == "fail"


def test_an_exit_code_that_is_not_clean_fails_the_stop() -> None:
    """Which codes are clean is configured; 3 is not by default."""
    record, _, _ = soak_script(script(stop=(0.1, 3, False)))
    assert check(verdict_of(record), "stability.stop").severity == "fail"
    record, _, _ = soak_script(script(service={"stop": {"clean_exit": [3]}}, stop=(0.1, 3, False)))
    assert check(verdict_of(record), "stability.stop").severity == "ok"


def test_what_must_be_logged_at_the_stop_is_asked_for() -> None:
    """A stop without its last line is not clean."""
    service = {"stop": {"must_log": ["orders cancelled"]}}
    record, _, _ = soak_script(script(service=service))
    found = check(verdict_of(record), "stability.stop")
    assert found.severity == "fail"
    assert "orders cancelled" in found.reason


def _interrupted(script_: Script, at_s: float) -> tuple[RunState, MemoryStore]:
    plan = Plan.of(script_.config.soak)
    store, state = MemoryStore(), RunState(plan=plan, columns=kpi_columns(script_.config))
    world = SimWorld(script_, start_unix=START_UNIX)
    world.at(at_s, lambda: Interrupted(2))
    job = Soak(script_.config, manifest_of(script_.config, plan), state, mock=False, resumed=False)
    manifest = run_soak(job, world, store, redact=lambda value: value)
    assert manifest.state == "interrupted"
    return state, store


def test_an_interrupted_run_is_stopped_cleanly_and_resumed_to_its_planned_end() -> None:
    """The iteration that was cut goes on where it was, the gap is recorded, and nothing is counted twice."""
    made = script(service=LIVELY)
    state, store = _interrupted(made, 1000.0)
    assert state.iterations[-1].partial
    assert [data["rung"] for data in store.of("stop_rung")][:2] == ["requested", "asked"]
    world = SimWorld(made, start_unix=START_UNIX + 5000.0, elapsed_s=state.elapsed_s)
    job = Soak(made.config, manifest_of(made.config, state.plan), state, mock=False, resumed=True)
    manifest = run_soak(job, world, store, redact=lambda value: value)
    assert manifest.state == "finished"
    assert [item.index for item in state.iterations] == list(range(1, 9))
    assert not any(item.partial for item in state.iterations)
    assert state.observed_s >= 0.99 * state.plan.duration_s
    assert store.of("gap")[0]["away_s"] == pytest.approx(5000.0, abs=1.0)


def test_the_events_of_the_boot_belong_to_no_iteration() -> None:
    """What came before the first iteration is no rate of it."""
    made = script(service=LIVELY)
    made.lines = [(0.1, "tick", "out")] * 500
    record, _, _ = soak_script(made)
    assert record.state.events > 700
    assert record.state.iterations[0].values["events"] == pytest.approx(30, abs=1)


def test_a_run_interrupted_in_its_first_iteration_has_no_verdict() -> None:
    """Neither good nor bad values of a part of an iteration say anything."""
    made = script(service=LIVELY, kpis=[{"name": "memory", "source": {"resource": "rss_bytes"}, "max": 1}])
    state, store = _interrupted(made, 100.0)
    series = Series()
    for sample in store.samples:
        series.add(sample)
    record = Record(manifest_of(made.config, state.plan), state, series)
    with pytest.raises(NoDataError, match="no iteration of it was completed"):
        verdict_of(record)


def test_the_time_of_a_stop_is_not_observed_time() -> None:
    """Neither at the end nor, after a resume, in the middle of a run."""
    made = script(service=LIVELY, stop=(8.0, 0, False))
    state, store = _interrupted(made, 1000.0)
    assert state.observed_s < 1000.0
    world = SimWorld(made, start_unix=START_UNIX + 5000.0, elapsed_s=state.elapsed_s)
    job = Soak(made.config, manifest_of(made.config, state.plan), state, mock=False, resumed=True)
    run_soak(job, world, store, redact=lambda value: value)
    assert state.observed_s == pytest.approx(2400.0, abs=0.5)
    assert state.gap_s >= 8.0


def test_a_flood_is_told_now_and_then_and_counted_exactly() -> None:
    """Five losses a second make two entries a minute at most, and no lost line is forgotten."""
    made = script(service=LIVELY)
    plan = Plan.of(made.config.soak)
    store, state = MemoryStore(), RunState(plan=plan)
    world = SimWorld(made, start_unix=START_UNIX)
    for place in range(1000):
        world.at(100.0 + place / 5, lambda: Lines("out", 10, dropped=7))
    job = Soak(made.config, manifest_of(made.config, plan), state, mock=False, resumed=False)
    run_soak(job, world, store, redact=lambda value: value)
    told = [entry for entry in store.entries if entry.kind == "lines_dropped"]
    assert state.dropped == sum(entry.data["lines"] for entry in told) == 7000
    assert told[0].elapsed_s == pytest.approx(100.0)
    assert len(told) <= 6
    assert store.samples[-1].log_dropped_total == 7000


def test_an_attached_process_is_never_stopped_nor_booted() -> None:
    """--pid: no checkpoint is waited for, and no stop is judged."""
    record, store, _ = soak_script(script(every=""), attached=True)
    assert record.state.iterations
    assert not any(item.id == "stability.stop" and item.severity == "fail" for item in verdict_of(record).checks)
    assert store.of("boot_ended")[0]["sign"] == "the process is running"


def _repeating(**repeat: Any) -> Script:
    soak = {"iterations": 4, "repeat": {"command": ["job"], "timeout": "60s", "heartbeat": "5s", **repeat}}
    return Script(config_of(soak=soak), ends=dict.fromkeys(range(1, 9), (20.0, 0)))


def test_a_repeated_command_runs_once_an_iteration() -> None:
    """Each run ends by itself, is followed by its pause, and passes by its exit code."""
    record, store, _ = soak_script(_repeating())
    assert [item.failed_runs for item in record.state.iterations] == [0, 0, 0, 0]
    starts = [entry.elapsed_s for entry in store.entries if entry.kind == "service_starting"]
    assert [round(after - before) for before, after in itertools.pairwise(starts)] == [25, 25, 25]
    assert verdict_of(record).outcome is Outcome.PASS


def test_a_repeated_command_that_fails_or_hangs_fails_the_run() -> None:
    """A bad exit code and a time-out both count as failed runs."""
    made = _repeating()
    made.ends = {1: (20.0, 0), 2: (20.0, 4), 4: (20.0, 0)}
    record, _, _ = soak_script(made)
    assert [item.failed_runs for item in record.state.iterations] == [0, 1, 1, 0]
    verdict = verdict_of(record)
    assert verdict.outcome is Outcome.FAIL
    assert check(verdict, "stability.repeats").value == "2"


def test_time_in_which_soakctl_was_held_up_extends_the_run() -> None:
    """Planned duration is observed time: what was not observed is a gap, and is made up for."""
    made = script(service={**LIVELY, "liveness": {"pattern": "tick", "silence": "30m"}})
    plan = Plan.of(made.config.soak)
    store, state = MemoryStore(), RunState(plan=plan)
    world = SimWorld(made, start_unix=START_UNIX)
    world.at(700.0, lambda: world.hold_up(300.0))
    run_soak(
        Soak(made.config, manifest_of(made.config, plan), state, mock=False, resumed=False),
        world,
        store,
        redact=lambda value: value,
    )
    assert state.gap_s == pytest.approx(300.0, abs=20.0)
    assert state.elapsed_s == pytest.approx(2400.0 + state.gap_s, abs=5.0)
    assert len(state.iterations) == 8
