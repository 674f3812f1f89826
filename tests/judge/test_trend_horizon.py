"""What a run could have seen, how long one must be, and when the end comes."""

from __future__ import annotations

import numpy as np
import pytest

from soakctl.domain.trend import Trend, TrendVerdict
from soakctl.judge.budgets import user_budget
from soakctl.judge.trend import alarm, evaluation_lengths, exhaustion
from tests.support.trend_traces import HOUR, MB, clock, judged, noise, teeth

BUDGET = user_budget("rss", 1 * MB)


def test_exhaustion_is_headroom_over_slope_with_the_interval_of_the_slope() -> None:
    """A leak of 5 MB/h uses up 100 MB in 20 h, give or take what the slope's interval says."""
    times = clock(24, 60)
    trend = judged(times, 200 * MB + noise(times, 2 * MB) + 5 * MB * times / HOUR)
    left = exhaustion(trend, 100 * MB)
    assert left is not None
    assert trend.slope_low is not None
    assert trend.slope_high is not None
    assert left[0] == pytest.approx(20 * HOUR, rel=0.05)
    assert left[1] == pytest.approx(100 * MB / trend.slope_high * HOUR)
    assert left[2] == pytest.approx(100 * MB / trend.slope_low * HOUR)


@pytest.mark.parametrize(
    ("verdict", "low", "seen"),
    [
        (TrendVerdict.LEAK, 1.0, True),
        (TrendVerdict.INCONCLUSIVE, 1.0, True),
        (TrendVerdict.INCONCLUSIVE, 0.0, False),
        (TrendVerdict.NO_LEAK, 1.0, False),
        (TrendVerdict.NO_DATA, None, False),
    ],
)
def test_no_forecast_from_noise_or_a_cleared_run(verdict: TrendVerdict, low: float | None, *, seen: bool) -> None:
    """The end is in sight only when growth is proven and the run is not cleared."""
    trend = Trend(verdict, slope_per_hour=None if low is None else 2.0, slope_low=low, slope_high=3.0)
    assert (exhaustion(trend, 10.0) is not None) is seen


def test_no_headroom_is_exhausted_now() -> None:
    """With the limit reached already the end is now, not in the past."""
    trend = Trend(TrendVerdict.LEAK, slope_per_hour=2.0, slope_low=1.0, slope_high=3.0)
    assert exhaustion(trend, -5.0) == (0.0, 0.0, 0.0)


def test_last_level_of_a_sawtooth_is_near_its_teeth() -> None:
    """A collector's process runs out at the top of a tooth, not at its floor."""
    times = clock(24, 60)
    trend = judged(times, 200 * MB + teeth(times, 100 * MB, 3000) + 3 * MB * times / HOUR)
    assert trend.last_level == pytest.approx(372 * MB, rel=0.08)


@pytest.mark.parametrize("seed", range(4))
def test_the_run_length_that_would_decide_does_decide(seed: int) -> None:
    """An INCONCLUSIVE for noise names a length; a run of that length of the same service is decided."""
    times = clock(3, 60)
    trend = judged(times, 300 * MB + noise(times, 12 * MB, seed), budget=BUDGET)
    assert trend.verdict is TrendVerdict.INCONCLUSIVE
    assert trend.decide_after_s is not None
    assert 3 * HOUR < trend.decide_after_s < 60 * HOUR
    longer = clock(trend.decide_after_s / HOUR, 60)
    assert judged(longer, 300 * MB + noise(longer, 12 * MB, seed + 50), budget=BUDGET).verdict is TrendVerdict.NO_LEAK


@pytest.mark.parametrize("seed", range(4))
def test_the_smallest_detectable_growth_is_detected(seed: int) -> None:
    """A run says what it could have seen; a leak somewhat above that is found in a run like it."""
    times = clock(24, 60)
    healthy = judged(times, 300 * MB + noise(times, 20 * MB, seed))
    seen = healthy.smallest_detectable_per_hour
    assert seen is not None
    assert seen > 1 * MB
    leaking = judged(times, 300 * MB + noise(times, 20 * MB, seed + 50) + 1.3 * seen * times / HOUR)
    assert leaking.verdict is TrendVerdict.LEAK


def test_longer_runs_see_smaller_leaks() -> None:
    """What can be seen falls with the length of the run."""
    seen = []
    for hours in (6, 24, 72):
        times = clock(hours, 60)
        found = judged(times, 300 * MB + noise(times, 20 * MB), budget=BUDGET).smallest_detectable_per_hour
        seen.append(found or np.inf)
    assert seen == sorted(seen, reverse=True)


def test_alarm_needs_two_leaks_in_a_row() -> None:
    """One LEAK while the run goes on is chance too often; two in a row are not."""
    leak, clear = Trend(TrendVerdict.LEAK), Trend(TrendVerdict.NO_LEAK)
    assert not alarm([])
    assert not alarm([leak])
    assert not alarm([leak, clear, leak])
    assert not alarm([leak, leak, clear])
    assert alarm([clear, leak, leak])


def test_evaluations_grow_by_a_quarter() -> None:
    """A run is looked at again when it is a quarter longer, up to its planned end, which is judged once by itself."""
    lengths = list(evaluation_lengths(100.0, 250.0))
    assert lengths == pytest.approx([100.0, 125.0, 156.25, 195.3125, 244.140625])
    assert not list(evaluation_lengths(100.0, 100.0))


def test_an_evaluation_before_the_start_is_refused() -> None:
    """Lengths that grow by a share never grow from nothing."""
    with pytest.raises(ValueError, match="after the start"):
        next(evaluation_lengths(0.0, 100.0))


def test_an_end_beyond_all_reckoning_is_a_number_all_the_same() -> None:
    """Documents hold no infinity."""
    trend = Trend(TrendVerdict.LEAK, slope_per_hour=2.0, slope_low=5e-324, slope_high=3.0)
    assert exhaustion(trend, 1e18) == (1e10, 1e10, 1e10)
