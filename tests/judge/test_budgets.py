"""How much growth is allowed, by resource and by the length of the run."""

from __future__ import annotations

import pytest

from soakctl.judge.budgets import DEFAULT_PER_HOUR, default_budget, kpi_budget, user_budget

HOUR = 3600.0


@pytest.mark.parametrize(
    ("run_s", "warn", "fail"),
    [
        (60.0, 54.6e6, 2980e6),
        (HOUR, 5.74e6, 33.0e6),
        (24 * HOUR, 1e6, 1e6),
        (72 * HOUR, 1e6, 1e6),
        (1.0, 54.6e6, 2980e6),
    ],
)
def test_default_budget_is_scaled_for_short_runs(run_s: float, warn: float, fail: float) -> None:
    """A day has the budget itself, a minute the old rule of 50 MB, nothing less than a minute has more."""
    budget = default_budget("rss", run_s)
    assert budget.warn_per_hour == pytest.approx(warn, rel=0.01)
    assert budget.fail_per_hour == pytest.approx(fail, rel=0.01)
    assert budget.scaled is (run_s < 24 * HOUR)


@pytest.mark.parametrize("resource", DEFAULT_PER_HOUR)
def test_warning_never_comes_after_failure(resource: str) -> None:
    """At every length the warning is at or under the failure."""
    for hours in (0.001, 0.1, 1, 10, 23.9, 24, 100):
        budget = default_budget(resource, hours * HOUR)
        assert 0 < budget.warn_per_hour <= budget.fail_per_hour


def test_a_budget_of_the_user_is_never_scaled() -> None:
    """What the user says holds at any length, for warning and failure alike."""
    budget = user_budget("fds", 2.0)
    assert (budget.warn_per_hour, budget.fail_per_hour, budget.scaled) == (2.0, 2.0, False)
    assert budget.noise_floor < 1
    assert user_budget("rss", 1e6).noise_floor == 4096


def test_a_kpi_may_drift_by_one_percent_an_hour() -> None:
    """A KPI has no unit of its own to budget in: its typical value stands for it."""
    day, hour = kpi_budget(340.0, 24 * HOUR), kpi_budget(-340.0, HOUR)
    assert (day.warn_per_hour, day.fail_per_hour) == pytest.approx((3.4, 3.4))
    assert not day.scaled
    assert day.warn_per_hour < hour.warn_per_hour < hour.fail_per_hour
    assert day.noise_floor == pytest.approx(0.34)
