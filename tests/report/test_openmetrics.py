"""Metrics of a verdict, as Prometheus, its OpenMetrics parser and promtool read them."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.domain.config.root import Config
from soakctl.domain.trend import Trend, TrendVerdict
from soakctl.report.openmetrics import openmetrics_text
from tests.support.metrics import by_name, openmetrics, prometheus
from tests.support.records import iteration_of, record_of
from tests.support.verdicts import FAILED, OK, WARNED, verdict_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.domain.record import Record

PROMTOOL = shutil.which("promtool")
FACTS: dict[str, Any] = {
    "window": 8,
    "pass_count": 7,
    "observed_s": 28801.5,
    "kpis": {"quality": {"mean": 0.25, "median": 0.5}},
}
TRENDS = {
    "rss": Trend(TrendVerdict.LEAK, slope_per_hour=2e6, slope_low=1.5e6, slope_high=2.5e6),
    "fds": Trend(TrendVerdict.NO_DATA),
}
# Its labels of run and service are shortened to "…".
WHOLE = """\
# TYPE soak_verdict gauge
# HELP soak_verdict The verdict: 0 FAIL, 1 WARN, 2 PASS.
soak_verdict{…} 1
# TYPE soak_freeze_ready gauge
# HELP soak_freeze_ready Whether the parameters may be frozen: 1 yes, 0 no.
soak_freeze_ready{…} 1
# HELP soak_verdict_pass_count Iterations of the window that passed.
soak_verdict_pass_count{…} 7
# TYPE soak_window gauge
# HELP soak_window Iterations that the window may hold.
soak_window{…} 8
# TYPE soak_crashes gauge
# HELP soak_crashes Times that the service ended by itself.
soak_crashes{…} 0
# TYPE soak_restarts gauge
# HELP soak_restarts Times that the service was started again.
soak_restarts{…} 0
# TYPE soak_observed_seconds gauge
# UNIT soak_observed_seconds seconds
# HELP soak_observed_seconds Time that was observed.
soak_observed_seconds{…} 28801.5
# TYPE soak_kpi_quality_mean gauge
# HELP soak_kpi_quality_mean Mean of the KPI over the iterations that were looked at.
soak_kpi_quality_mean{…} 0.25
# TYPE soak_kpi_quality_median gauge
# HELP soak_kpi_quality_median Median of the KPI over the iterations that were looked at.
soak_kpi_quality_median{…} 0.5
# TYPE soak_resource_slope_per_hour gauge
# HELP soak_resource_slope_per_hour Growth an hour, in bytes or counts.
soak_resource_slope_per_hour{resource="rss",…} 2000000.0
# TYPE soak_resource_slope_low_per_hour gauge
# HELP soak_resource_slope_low_per_hour Growth an hour, lower end of its 95 % interval.
soak_resource_slope_low_per_hour{resource="rss",…} 1500000.0
# TYPE soak_resource_slope_high_per_hour gauge
# HELP soak_resource_slope_high_per_hour Growth an hour, upper end of its 95 % interval.
soak_resource_slope_high_per_hour{resource="rss",…} 2500000.0
# EOF
"""


def _record(name: str = "app") -> Record:
    config = Config.model_validate({"service": {"name": name, "command": ["service"]}})
    return record_of([iteration_of(1, 0.5)], config=config)


def _text(facts: Mapping[str, Any] = FACTS, record: Record | None = None, **more: Any) -> str:
    verdict = verdict_of((OK, WARNED), dict(facts))
    return openmetrics_text(record or _record(), verdict, more.get("trends", TRENDS), freeze_ready=True)


def _samples(text: str) -> dict[str, float]:
    return {name: sample.value for name, sample in by_name(openmetrics(text)).items()}


def test_the_whole_file() -> None:
    """Each figure with its type, unit and help, labelled by run and service; what has no value has no line."""
    labels = 'run_id="20260101T000000Z-00000001",service="app"'
    assert _text().replace(labels, "…") == WHOLE


@pytest.mark.parametrize(("checks", "value"), [((FAILED,), 0), ((OK, WARNED), 1), ((OK,), 2)])
def test_a_verdict_is_a_number(checks: Any, value: int) -> None:
    """Higher is better, so that `< 2` alerts on everything but PASS."""
    text = openmetrics_text(_record(), verdict_of(checks, FACTS), {}, freeze_ready=False)
    found = _samples(text)
    assert (found["soak_verdict"], found["soak_freeze_ready"]) == (value, 0)


def test_a_tuned_run_tells_how_many_changes_were_applied() -> None:
    """The ratio is there where there were changes, and nowhere else."""
    assert _samples(_text({**FACTS, "tuning": {"full_apply_ratio": 0.95}}))["soak_delta_full_apply_ratio"] == 0.95
    assert "soak_delta_full_apply_ratio" not in _text({**FACTS, "full_apply_ratio": None})


def test_crashes_and_restarts_are_counted() -> None:
    """A start that failed is no crash: nothing ran that could have ended."""
    record = _record()
    record.state.exits = [{"code": -11}, {"code": 1}, {"code": None, "start_failed": "not_found"}]
    record.state.restarts = 2
    found = _samples(_text(record=record))
    assert (found["soak_crashes"], found["soak_restarts"]) == (2, 2)


def test_names_that_no_metric_can_hold_are_told_apart_by_a_label() -> None:
    """Two KPIs never become one series, and each family stands once."""
    figures = {"mean": 1.0, "median": 1.0}
    text = _text({**FACTS, "kpis": {"a_b": figures, "a-b": figures, "a.b": figures}})
    families = {family.name: family for family in openmetrics(text)}
    kpis = [sample.labels.get("kpi") for sample in families["soak_kpi_a_b_mean"].samples]
    assert kpis == [None, "a-b", "a.b"]
    assert text.count("# TYPE soak_kpi_a_b_mean ") == 1


def test_a_label_may_hold_anything() -> None:
    """Quotes, backslashes and line ends in a run's id come back as they were."""
    record = _record()
    odd = 'a"b\\c\nd|e ü'
    record = replace(record, manifest=record.manifest.model_copy(update={"run_id": odd}))
    text = _text(record=record)
    for parse in (openmetrics, prometheus):
        assert {sample.labels["run_id"] for family in parse(text) for sample in family.samples} == {odd}


def test_node_exporter_can_read_it() -> None:
    """A textfile collector reads the older format: no types that it does not know, and the same values."""
    text = _text()
    assert {name: sample.value for name, sample in by_name(prometheus(text)).items()} == _samples(text)
    assert {family.type for family in prometheus(text)} <= {"gauge", "unknown"}


def test_a_run_that_was_never_proven_alive_has_its_verdict() -> None:
    """Without an iteration and without samples there is little to tell, and that is told."""
    text = openmetrics_text(_record(), verdict_of((FAILED,), {}), {}, freeze_ready=False)
    assert set(_samples(text)) == {"soak_verdict", "soak_freeze_ready", "soak_crashes", "soak_restarts"}


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not on PATH (Debian and Ubuntu: package prometheus)")
def test_promtool_has_nothing_to_say() -> None:
    """It accepts the file, and every name that is soakctl's own."""
    assert PROMTOOL is not None
    text = _text({**FACTS, "full_apply_ratio": 1.0})
    done = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not on PATH (Debian and Ubuntu: package prometheus)")
def test_promtool_minds_at_most_the_unit_in_a_kpi_of_the_user() -> None:
    """A KPI keeps its name; what promtool calls an abbreviated unit in it is advice, and the file is read."""
    assert PROMTOOL is not None
    text = _text({**FACTS, "kpis": {"p95_latency_ms": {"mean": 221.0, "median": 220.0}}})
    done = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False, timeout=30
    )
    assert {line.split(" ", 1)[1] for line in done.stderr.strip().splitlines()} == {
        "metric names should not contain abbreviated units"
    }
