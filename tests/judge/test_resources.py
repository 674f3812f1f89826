"""Growth as lines of a verdict, and the limits that need no trend: disk, CPU, zombies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.config.gate import Budgets
from soakctl.domain.trend import Trend, TrendVerdict
from soakctl.judge.resources import (
    FEWEST_POINTS,
    RESOURCES,
    cpu_mean_percent,
    excluded_of,
    judge_resources,
    judge_trends,
    limit_checks,
    show_growth,
    trend_check,
)
from tests.support.records import BOOTED, record_of, series_of

if TYPE_CHECKING:
    from soakctl.domain.record import Series
    from soakctl.domain.verdict import Check

LEAK, NO_LEAK, OPEN, NONE = TrendVerdict.LEAK, TrendVerdict.NO_LEAK, TrendVerdict.INCONCLUSIVE, TrendVerdict.NO_DATA
BY_NAME = {item.name: item for item in RESOURCES}


@pytest.mark.parametrize(
    ("name", "trend", "severity"),
    [
        ("rss", Trend(LEAK, fails=True), "fail"),
        ("rss", Trend(LEAK, fails=False), "warn"),
        ("rss", Trend(NO_LEAK), "ok"),
        ("rss", Trend(OPEN), "warn"),
        ("rss", Trend(NONE), "no_data"),
        ("uss", Trend(NONE), "info"),
        ("tasks", Trend(NONE), "info"),
        ("uss", Trend(LEAK, fails=True), "fail"),
    ],
)
def test_each_judgement_of_growth_has_its_severity(name: str, trend: Trend, severity: str) -> None:
    """Only an open question is marked for --strict; only what may be absent is let off without data."""
    check = trend_check(BY_NAME[name], trend)
    assert (check.severity, check.strict) == (severity, trend.verdict is OPEN)


def test_a_leak_says_rate_interval_projection_and_what_to_look_for() -> None:
    """All that is needed to believe it and to begin."""
    trend = Trend(LEAK, "climbing", 12e6, 11e6, 13e6, 1e6, fails=True, points=1440, reason="above the budget")
    assert trend_check(BY_NAME["rss"], trend).to_json() == {
        "id": "resource.rss",
        "severity": "fail",
        "what": "RSS growth",
        "value": "+12 MB/h",
        "limit": "<= +1 MB/h",
        "window": "run",
        "points": 1440,
        "reason": "LEAK, climbing, above the budget, 95% interval +11 MB/h to +13 MB/h, a day of this is 288 MB",
        "hint": "Look for caches, lists and tasks that only grow; the figures over time are in resources.jsonl.",
        "evidence": [],
    }


@pytest.mark.parametrize(
    ("slope", "shown"), [(-2e-18, "+0/h"), (0.0, "+0/h"), (0.0009, "+0/h"), (0.5, "+0.5/h"), (-0.5, "-0.5/h")]
)
def test_a_slope_that_is_nothing_beside_the_budget_is_shown_as_nothing(slope: float, shown: str) -> None:
    """Nobody should wonder at -2e-18 open files an hour."""
    trend = Trend(NO_LEAK, "flat", slope, budget_per_hour=1.0)
    assert trend_check(BY_NAME["fds"], trend).value == shown


@pytest.mark.parametrize(("amount", "shown"), [(1e6, "+1 MB/h"), (-1e6, "-1 MB/h"), (0, "+0 B/h")])
def test_growth_always_has_its_sign(amount: float, shown: str) -> None:
    """Shrinking and growing are told apart at a glance."""
    assert show_growth(amount, size=True) == shown


def trends_of(series: Series, run_s: float = 8 * 3600.0, **budgets: Any) -> dict[str, Trend]:
    """The trends by name."""
    return judge_trends(series, Budgets.model_validate(budgets), run_s=run_s)


@pytest.mark.parametrize("count", range(FEWEST_POINTS))
def test_a_few_samples_decide_nothing(count: int) -> None:
    """Without any it is NO_DATA, with too few it is open; never a pass, however flat or steep they are."""
    values: list[float | None] = [1e8 + 1e8 * place for place in range(count)]
    trend = trends_of(series_of({"rss_bytes": [*values, None, None]}))["rss"]
    assert trend.verdict is (OPEN if count else NONE)
    assert trend.points == count


def test_growth_above_the_budget_is_a_leak_and_flat_is_none() -> None:
    """480 samples over 8 hours, in which each resource is judged by its own budget."""
    grid = range(480)
    series = series_of(
        {
            "rss_bytes": [1e8 + 1e6 * place for place in grid],  # 60 MB/h
            "num_fds": [10.0 for _ in grid],
            "num_threads": [4.0 + place // 6 for place in grid],  # 10/h
            "num_processes": [1.0 for _ in grid],
        }
    )
    trends = trends_of(series, thread_slope="100/h")
    assert {name: trend.verdict for name, trend in trends.items()} == {
        "rss": LEAK,
        "uss": NONE,
        "fds": NO_LEAK,
        "threads": NO_LEAK,
        "processes": NO_LEAK,
        "tasks": NONE,
        "zombies": NONE,
        "artifacts": NONE,
        "disk": NONE,
    }
    assert trends["rss"].fails
    assert trends["rss"].slope_per_hour == pytest.approx(60e6, rel=0.01)
    assert trends["threads"].budget_per_hour == 100.0


def test_gaps_are_kept_out_of_the_trends() -> None:
    """Their bounds come from the journal; a gap without bounds excludes nothing."""
    record = record_of(
        [],
        events=[
            (100.0, "gap", {"from_s": 50.0, "to_s": 100.0, "lost_s": 50.0, "reason": "x"}),
            (200.0, "gap", {"lost_s": 1.0, "reason": "x"}),
        ],
    )
    assert excluded_of(record.state) == [(50.0, 100.0)]


def test_growth_on_both_sides_of_the_limit_is_called_growth() -> None:
    """Where the interval lies above zero and around the limit, growth does show; open is how much is allowed."""
    budgets = Budgets.model_validate({"rss_slope": "10MB/h"})
    noise = np.random.default_rng(3).normal(0.0, 8e6, 120)
    values = [100e6 + 11e6 * minute / 60 + wobble for minute, wobble in enumerate(noise)]
    trend = judge_trends(series_of({"rss_bytes": list(values)}), budgets, run_s=7200.0)["rss"]
    assert trend.verdict is OPEN
    assert trend.slope_low is not None
    assert trend.slope_high is not None
    assert 0 < trend.slope_low < 10e6 < trend.slope_high
    reason = trend_check(BY_NAME["rss"], trend).reason
    assert "too noisy" not in reason
    assert "growth between" in reason
    assert "on both sides of what is allowed" in reason
    assert "95% interval" not in reason


@pytest.mark.parametrize(
    ("growth", "shown"),
    [(864_000.0, "+864,000/h"), (1_234.0, "+1234/h"), (2.0, "+2/h"), (0.0275, "+0.0275/h"), (0.00001, "+0.00001/h")],
)
def test_growth_is_shown_without_exponents(growth: float, shown: str) -> None:
    """As people write numbers."""
    assert show_growth(growth, size=False) == shown


def limits_of(columns: dict[str, list[float | None]], **budgets: Any) -> dict[str, Check]:
    """The checks of the limits by id."""
    record = record_of([], series=series_of(columns), tail=BOOTED)
    return {item.id: item for item in limit_checks(record, Budgets.model_validate(budgets))}


@pytest.mark.parametrize(
    ("counts", "allowed", "severity", "value"),
    [
        ([0.0, 0.0], 0, "ok", "0"),
        ([0.0, 1.0, 0.0], 0, "fail", "1"),
        ([2.0, None], 2, "ok", "2"),
        ([3.0, None], 2, "fail", "3"),
        ([None, None], 0, "no_data", ""),
        ([], 0, "no_data", ""),
    ],
)
def test_zombies_are_held_against_their_peak(
    counts: list[float | None], allowed: int, severity: str, value: str
) -> None:
    """One moment above the limit is enough; not having been able to count is no zero."""
    found = limits_of({"zombies": counts}, zombies=allowed)["resource.zombies"]
    assert (found.severity, found.value) == (severity, value)


@pytest.mark.parametrize(
    ("artifacts", "data", "severity", "value"),
    [
        ([1e9, 2e9], [1e9, 3e9], "ok", "5 GB"),
        ([1e9, 2e9], [1e9, 3e9 + 1], "fail", "5 GB"),
        ([6e9, 1.0], [None, None], "fail", "6 GB"),  # the peak, not the end
        ([None, None], [1e9, None], "ok", "1 GB"),
        ([None], [None], "no_data", ""),
    ],
)
def test_disk_is_artifacts_plus_data_at_its_peak(
    artifacts: list[float | None], data: list[float | None], severity: str, value: str
) -> None:
    """Both count, in the same moment, and what was not measured is said."""
    found = limits_of({"artifacts_bytes": artifacts, "data_bytes": data}, disk="5GB")["resource.disk_total"]
    assert (found.severity, found.value) == (severity, value)


@pytest.mark.parametrize(
    ("artifacts", "data", "severity"),
    [
        ([1e9, None], [None, None], "no_data"),
        ([1e9, None], [None, 1e9], "ok"),
        ([6e9, None], [None, None], "fail"),
        ([None, None], [None, None], "no_data"),
    ],
)
def test_data_that_is_watched_has_to_be_measured(
    artifacts: list[float | None], data: list[float | None], severity: str
) -> None:
    """The run's own directory alone says nothing about the disk of a service whose data is to be watched."""
    record = record_of([], series=series_of({"artifacts_bytes": artifacts, "data_bytes": data}))
    found = {check.id: check for check in limit_checks(record, Budgets(), data=True)}["resource.disk_total"]
    assert found.severity == severity


@pytest.mark.parametrize(
    ("seconds", "severity", "value"),
    [
        ([0.0, 48.0], "ok", "80%"),
        ([0.0, 48.1], "fail", "80.2%"),
        ([10.0, 10.0, 106.0], "ok", "80%"),  # the mean over the run, not over its busiest minute
        ([10.0, None, 106.0], "ok", "80%"),
        ([None, 5.0], "no_data", ""),
        ([5.0], "no_data", ""),
        ([], "no_data", ""),
    ],
)
def test_cpu_is_the_mean_over_the_run(seconds: list[float | None], severity: str, value: str) -> None:
    """In per cent of one core, a sample a minute; one reading is no rate."""
    found = limits_of({"cpu_seconds_total": seconds})["resource.cpu_mean"]
    assert (found.severity, found.value, found.limit) == (severity, value, "<= 80% of a core")


def test_cpu_may_be_left_unjudged() -> None:
    """`cpu_mean: null` is an answer."""
    assert "resource.cpu_mean" not in limits_of({"cpu_seconds_total": [0.0, 600.0]}, cpu_mean=None)


def test_cpu_is_counted_within_each_life() -> None:
    """A new process begins at zero again, and the time in which none ran is nobody's."""
    series = series_of({"cpu_seconds_total": [100.0, 130.0]})
    later = series_of({"cpu_seconds_total": [0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 15.0]}, life=2)
    for name, values in later.columns.items():
        series.columns[name].extend(values[5:])
    series.times.extend(later.times[5:])
    series.lives.extend(later.lives[5:])
    found = cpu_mean_percent(series)
    assert found is not None
    assert found == pytest.approx((100.0 * 40.0 / 120.0, 120.0))


@given(st.lists(st.none() | st.floats(0, 1e6), max_size=20))
def test_cpu_is_never_negative_and_never_made_up(seconds: list[float | None]) -> None:
    """Whatever a kernel reports: no figure without two readings, and none below zero."""
    found = cpu_mean_percent(series_of({"cpu_seconds_total": seconds}))
    known = [value for value in seconds if value is not None]
    if len(known) < 2:
        assert found is None
    else:
        assert found is not None
        assert found[0] >= 0.0
        assert math.isfinite(found[0])


def test_bare_samples_are_judged_by_what_they_hold() -> None:
    """A file with memory and zombies alone: nothing is said of what it never claimed to measure."""
    trends, checks = judge_resources(series_of({"rss_bytes": [1e8] * 4, "zombies": [0.0] * 4}), Budgets())
    assert [item.id for item in checks] == ["resource.rss", "resource.zombies"]
    assert trends["rss"].verdict is OPEN


def test_bare_samples_without_memory_have_no_data() -> None:
    """Memory is what such a file is judged for."""
    _, checks = judge_resources(series_of({"num_fds": [3.0] * 40}), Budgets())
    assert [(item.id, item.severity) for item in checks] == [("resource.rss", "no_data"), ("resource.fds", "ok")]
