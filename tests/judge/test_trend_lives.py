"""Restarts, gaps and fault windows: what is never part of a line."""

from __future__ import annotations

import numpy as np
import pytest

from soakctl.domain.trend import TrendVerdict
from tests.support.trend_traces import HOUR, MB, Floats, clock, judged, noise

DAY = clock(24, 60)


def lives_at(*hours: float) -> tuple[Floats, Floats]:
    """The number of the life at each sample of a day, and its age in hours, for restarts at `hours`."""
    marks = np.array([0.0, *hours])
    life = np.searchsorted(marks, DAY / HOUR, side="right")
    return life.astype(np.float64), DAY / HOUR - marks[life - 1]


def test_every_life_leaks_although_the_run_ends_where_it_began() -> None:
    """A leak that restarts hide from end minus start is found in each life."""
    life, age = lives_at(6, 12, 18)
    trend = judged(DAY, 200 * MB + noise(DAY, MB) + 8 * MB * age, lives=life)
    assert trend.verdict is TrendVerdict.LEAK
    assert trend.slope_per_hour == pytest.approx(8 * MB, rel=0.1)


def test_a_restart_into_a_larger_life_is_not_growth() -> None:
    """Steady lives at different levels are no leak: no line is drawn across a restart."""
    life, _ = lives_at(6, 12, 18)
    trend = judged(DAY, 100 * MB * life + noise(DAY, MB), lives=life)
    assert trend.verdict is TrendVerdict.NO_LEAK


def test_warm_up_of_each_life_is_not_growth() -> None:
    """Every life warms up anew; none of them leaks."""
    life, age = lives_at(5, 11, 19)
    values = 200 * MB + noise(DAY, MB) + 60 * MB * (1 - np.exp(-age / 0.3))
    assert judged(DAY, values, lives=life).verdict is TrendVerdict.NO_LEAK


def test_one_leaking_life_never_clears_the_run() -> None:
    """Two steady lives do not vouch for a third that leaks."""
    life, age = lives_at(8, 16)
    values = 200 * MB + noise(DAY, MB) + np.where(life == 2, 20 * MB * age, 0)
    assert judged(DAY, values, lives=life).verdict is not TrendVerdict.NO_LEAK


def test_a_long_last_life_that_leaks_is_a_leak() -> None:
    """What the service does now, for most of the run, counts more than a short life before."""
    life, age = lives_at(7)
    values = 200 * MB + noise(DAY, MB) + np.where(life == 2, 6 * MB * age, 0)
    assert judged(DAY, values, lives=life).verdict is TrendVerdict.LEAK


def test_short_lives_are_left_out() -> None:
    """The climbs of a few short crashed lives do not make a leak of the long one that followed."""
    life, age = lives_at(0.2, 0.5, 0.9)
    values = 200 * MB + noise(DAY, MB) + np.where(life < 4, 500 * MB * age, 0)
    assert judged(DAY, values, lives=life).verdict is TrendVerdict.NO_LEAK


def test_a_crash_loop_has_no_trend() -> None:
    """Lives of under eight samples say nothing, and it is said."""
    trend = judged(DAY, 200 * MB + noise(DAY, MB), lives=np.arange(DAY.size) // 5)
    assert trend.verdict is TrendVerdict.INCONCLUSIVE
    assert "few" in trend.reason


def test_fault_windows_and_gaps_are_left_out() -> None:
    """What an injected fault did to memory is not growth, and neither hides a leak nor makes one."""
    fault = (DAY >= 20 * HOUR) & (DAY < 23 * HOUR)
    steady = 200 * MB + noise(DAY, MB)
    broken = np.where(fault, 900 * MB + 90 * MB * DAY / HOUR, steady)
    window = [(20 * HOUR, 23 * HOUR)]
    assert judged(DAY, broken, excluded=window).verdict is TrendVerdict.NO_LEAK
    assert judged(DAY, broken + 3 * MB * DAY / HOUR, excluded=window).verdict is TrendVerdict.LEAK


def test_windows_are_closed_on_the_left_only() -> None:
    """A sample at the end of a window counts, one at its beginning does not."""
    times = np.arange(20.0)
    assert judged(times, times, excluded=[(3.0, 5.0)]).points == 18
