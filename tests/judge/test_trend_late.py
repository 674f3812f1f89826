"""Growth that came late, in steps, or in one of two processes: found where it is beyond doubt, and told as it was."""

from __future__ import annotations

import numpy as np
import pytest

from soakctl.domain.trend import TrendVerdict
from tests.support.trend_traces import HOUR, MB, Floats, clock, judged, noise, teeth

DAY = clock(24, 60)
HOURS: Floats = DAY / HOUR
STEADY = 200 * MB + noise(DAY, MB / 2)
LEAK, NO_LEAK = TrendVerdict.LEAK, TrendVerdict.NO_LEAK


@pytest.mark.parametrize(("per_hour", "from_h"), [(30 * MB, 19.2), (10 * MB, 19.5), (6 * MB, 18.2)])
def test_late_growth_beyond_the_budget_of_the_whole_run_is_a_leak(per_hour: float, from_h: float) -> None:
    """A fifth of a day is enough where it alone adds more than the day may, straight and to the end."""
    trend = judged(DAY, STEADY + per_hour * np.maximum(0, HOURS - from_h))
    assert trend.verdict is LEAK, trend.reason
    assert trend.slope_per_hour == pytest.approx(per_hour, rel=0.05)
    assert trend.shape == "climbing"
    assert trend.reason.startswith(f"it grows steadily, since {int(from_h + 0.1)}h")


@pytest.mark.parametrize(
    "late",
    [
        145 * MB * (HOURS > 20),
        145 * MB * np.clip((HOURS - 19.2) / 2, 0, 1),
        145 * MB * np.clip((HOURS - 19.2) / 4, 0, 1),
        145 * MB * (1 - np.exp(-np.maximum(0, HOURS - 19.2) / 1.5)),
        50 * MB * ((HOURS > 20).astype(float) + (HOURS > 21.5) + (HOURS > 23)),
        4 * MB * np.maximum(0, HOURS - 19.2),
        30 * MB * np.maximum(0, HOURS - 22),
    ],
    ids=["a step", "a cache that is full", "full just now", "settling", "jumps", "within the day's budget", "too late"],
)
def test_other_late_growth_is_no_leak(late: Floats) -> None:
    """What ends, fades, jumps, adds little or has only just begun is not proven."""
    assert judged(DAY, STEADY + late).verdict is not LEAK


def test_a_short_run_does_not_condemn_late_growth() -> None:
    """Half a working day ends on a busy hour."""
    times = clock(8, 30)
    late = 60 * MB * np.maximum(0, times / HOUR - 6.4)
    trend = judged(times, 200 * MB + noise(times, MB / 2) + late)
    assert trend.verdict is TrendVerdict.INCONCLUSIVE


def test_equal_steps_that_go_on_are_a_leak_with_their_own_growth() -> None:
    """15 MB every four hours are 3.75 MB an hour, whatever lies between the steps."""
    trend = judged(DAY, STEADY + 15 * MB * np.floor(HOURS / 4))
    assert trend.verdict is LEAK, trend.reason
    assert trend.slope_per_hour == pytest.approx(3.75 * MB, rel=0.05)
    assert (trend.shape, trend.reason) == ("stairs", "it grows in steps that go on")


@pytest.mark.parametrize("steps", [[(4, 40), (9, 15), (12, 60), (17, 25), (22, 50)], [(6, 30), (12, 30), (18, 30)]])
def test_unequal_or_few_steps_are_open_and_their_growth_is_shown(steps: list[tuple[int, int]]) -> None:
    """Load steps look like that: not condemned, but the figure has what the steps added."""
    trend = judged(DAY, STEADY + sum(height * MB * (at < HOURS) for at, height in steps))
    assert trend.verdict is TrendVerdict.INCONCLUSIVE
    assert trend.shape == "stairs"
    assert trend.slope_per_hour is not None
    assert trend.slope_high is not None
    assert trend.slope_per_hour > 3 * MB
    assert trend.slope_high > 5 * MB


def test_the_reason_says_that_something_was_freed_only_where_it_was() -> None:
    """Files that are only ever opened have no low points; a leaking sawtooth has."""
    opened = judged(DAY, np.floor(10 + 5 * HOURS), resource="fds")
    assert (opened.verdict, opened.reason) == (LEAK, "it grows steadily")
    noisy = judged(DAY, STEADY + 20 * MB * HOURS)
    assert (noisy.verdict, noisy.reason) == (LEAK, "it grows steadily")
    toothed = judged(DAY, STEADY + teeth(DAY, 90 * MB, 3000) + 4 * MB * HOURS)
    assert (toothed.verdict, toothed.reason.partition(":")[0]) == (LEAK, "its low points grow steadily")


def test_a_ripple_of_a_warm_up_is_no_step() -> None:
    """A straight start of half a minute, and a little more just after it, in a minute and a half."""
    times = np.arange(91.0)
    values = 50 * MB + 2 * MB * np.minimum(30, np.floor(times)) + 1.2 * MB * (times > 33)
    trend = judged(times, values)
    assert (trend.verdict, trend.shape) == (NO_LEAK, "plateau")


@pytest.mark.parametrize("leaking", [1, 2])
def test_of_processes_side_by_side_the_worst_speaks(leaking: int) -> None:
    """Samples of two processes by turns: each has its own trend."""
    who = np.arange(DAY.size) % 2 + 1
    steady = judged(DAY, STEADY + 100 * MB * who, lives=who)
    assert steady.verdict is NO_LEAK
    trend = judged(DAY, STEADY + 100 * MB * who + np.where(who == leaking, 6 * MB * HOURS, 0), lives=who)
    assert trend.verdict is LEAK
    assert trend.slope_per_hour == pytest.approx(6 * MB, rel=0.05)
