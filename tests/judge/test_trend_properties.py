"""What must hold for any series at all."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soakctl.domain.trend import Budget, Trend, TrendVerdict
from soakctl.judge.budgets import default_budget
from soakctl.judge.trend import exhaustion, judge_series
from tests.support.trend_traces import HOUR, MB, Floats, clock, judged, noise, teeth

FEW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEW, max_examples=150)
BUDGET = default_budget("rss", 24 * HOUR)
VALUES = st.one_of(st.just(math.nan), st.floats(-1e15, 1e15), st.integers(0, 5).map(float))


def healthy(t: Floats, kind: int, seed: int) -> Floats:
    """One of some healthy shapes."""
    u = t / t[-1]
    shapes = (
        np.zeros(t.size),
        60 * MB * (1 - np.exp(-u / 0.05)),
        teeth(t, 40 * MB, t[-1] / 37),
        30 * MB * (u > 0.35),
        15 * MB * np.round(2 * np.sin(40 * u)),
    )
    return np.asarray(200 * MB + noise(t, MB, seed) + shapes[kind % len(shapes)])


def consistent(trend: Trend, budget: Budget) -> None:
    """What every trend must satisfy."""
    assert trend.shape in "flat plateau sawtooth climbing stairs step daily unknown".split()
    bounds = (trend.slope_low, trend.slope_per_hour, trend.slope_high)
    if trend.verdict is TrendVerdict.NO_DATA:
        assert trend.points == 0
        assert bounds == (None, None, None)
        assert trend.reason
        return
    if None not in bounds:
        low, slope, high = (float(bound or 0.0) for bound in bounds)
        assert all(map(math.isfinite, (low, slope, high)))
        assert low <= slope <= high
        assert trend.verdict is not TrendVerdict.LEAK or low > budget.warn_per_hour
        assert trend.smallest_detectable_per_hour is not None
    else:
        assert trend.verdict is TrendVerdict.INCONCLUSIVE
    assert bool(trend.reason) is (trend.verdict is not TrendVerdict.NO_LEAK)
    assert not trend.fails or trend.verdict is TrendVerdict.LEAK
    left = exhaustion(trend, 1e9)
    assert left is None or left[1] <= left[0] <= left[2]


@MANY
@given(values=st.lists(VALUES, max_size=130), data=st.data())
def test_any_series_is_judged_without_an_error(values: list[float], data: st.DataObject) -> None:
    """Any length, NaN anywhere, equal or unordered times, any lives and windows: a consistent trend, never an error."""
    steps = data.draw(st.sampled_from([1.0, 60.0, 0.0]))
    times = np.arange(len(values)) * steps
    if data.draw(st.booleans()):
        times = times[::-1]
    lives = np.arange(len(values)) // data.draw(st.integers(1, 200))
    start = data.draw(st.floats(0, 4000))
    excluded = [(start, start + data.draw(st.floats(0, 2000)))]
    budget = data.draw(
        st.sampled_from([BUDGET, default_budget("fds", 60), Budget(0.0, 0.0, scaled=False, noise_floor=0.0)])
    )
    consistent(judge_series(times, values, lives=lives, excluded=excluded, budget=budget), budget)


@pytest.mark.parametrize("n", range(12))
def test_very_short_series_are_inconclusive(n: int) -> None:
    """No sample is NO_DATA; under eight say that they are too few; the first eight may say more."""
    times = np.arange(n) * 60.0
    trend = judge_series(times, 1e6 * np.arange(n) ** 2, lives=np.ones(n), excluded=(), budget=BUDGET)
    expected = TrendVerdict.NO_DATA if n == 0 else TrendVerdict.INCONCLUSIVE
    if n < 8:
        assert trend.verdict is expected
        assert n == 0 or "few" in trend.reason
    consistent(trend, BUDGET)


def test_lengths_that_differ_are_refused() -> None:
    """Times, values and lives that do not belong together are an error of the caller."""
    with pytest.raises(ValueError, match="one length"):
        judge_series([1.0, 2.0], [1.0], lives=[1, 1], excluded=(), budget=BUDGET)


@FEW
@given(
    kind=st.integers(0, 4),
    seed=st.integers(0, 99),
    slope=st.sampled_from([0.0, 3 * MB]),
    up=st.sampled_from([1e6, 3e9]),
)
def test_level_and_clock_do_not_matter(kind: int, seed: int, slope: float, up: float) -> None:
    """The same series at another height and at a later time has the same verdict and slope."""
    times = clock(24, 120)
    values = healthy(times, kind, seed) + slope * times / HOUR
    one, other = judged(times, values), judged(times + 5e5, values + up, budget=default_budget("rss", 86400.0))
    assert (one.verdict, one.shape) == (other.verdict, other.shape)
    assert one.slope_per_hour == pytest.approx(other.slope_per_hour, rel=1e-4, abs=1e3)
    if one.began_s is not None:
        assert other.began_s == pytest.approx(one.began_s + 5e5, abs=1.0)


@FEW
@given(
    kind=st.integers(0, 4),
    seed=st.integers(0, 99),
    slope=st.sampled_from([0.0, 3 * MB]),
    factor=st.sampled_from([1 / 64, 4.0]),
)
def test_unit_does_not_matter(kind: int, seed: int, slope: float, factor: float) -> None:
    """The same series and budget in another unit have the same verdict, and the slope in that unit."""
    times = clock(24, 120)
    values = healthy(times, kind, seed) + slope * times / HOUR
    scaled = replace(
        BUDGET, warn_per_hour=BUDGET.warn_per_hour * factor, fail_per_hour=BUDGET.fail_per_hour * factor,
        noise_floor=BUDGET.noise_floor * factor,
    )  # fmt: skip
    one, other = judged(times, values, budget=BUDGET), judged(times, values * factor, budget=scaled)
    assert (one.verdict, one.shape) == (other.verdict, other.shape)
    assert one.slope_per_hour is not None
    assert other.slope_per_hour == pytest.approx(one.slope_per_hour * factor, rel=1e-4, abs=1e3 * factor)


@FEW
@given(kind=st.integers(0, 4), seed=st.integers(0, 99), budgets=st.floats(3, 40))
def test_a_leak_added_to_a_healthy_trace_is_never_cleared(kind: int, seed: int, budgets: float) -> None:
    """Whatever the shape, growth of three budgets and more on top of it never leaves NO_LEAK."""
    times = clock(24, 120)
    values = healthy(times, kind, seed)
    assert judged(times, values).verdict is TrendVerdict.NO_LEAK
    assert judged(times, values + budgets * MB * times / HOUR).verdict is not TrendVerdict.NO_LEAK


@FEW
@given(kind=st.integers(0, 4), seed=st.integers(0, 99), lost=st.floats(0.05, 0.5))
def test_lost_samples_do_not_change_the_verdict(kind: int, seed: int, lost: float) -> None:
    """NaN anywhere is as if the sample had not been taken."""
    times = clock(24, 60)
    values = healthy(times, kind, seed) + 4 * MB * times / HOUR
    gone = np.random.default_rng(seed).uniform(size=times.size) < lost
    holes = judged(times, np.where(gone, np.nan, values), budget=BUDGET)
    assert holes == judged(times[~gone], values[~gone], budget=BUDGET)
    assert holes.verdict is TrendVerdict.LEAK


@pytest.mark.parametrize("every_s", [1.0, 10.0, 60.0])
def test_sampling_rate_does_not_matter(every_s: float) -> None:
    """A day at a sample a second, ten seconds or a minute gives one verdict and nearly one slope."""
    times = clock(24, every_s)
    trend = judged(times, 200 * MB + teeth(times, 50 * MB, 2400) + 3 * MB * times / HOUR)
    assert trend.verdict is TrendVerdict.LEAK
    assert trend.slope_per_hour == pytest.approx(3 * MB, rel=0.05)
