"""The verdict and the name of the shapes that services really show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from soakctl.domain.trend import TrendVerdict
from tests.support.trend_traces import HOUR, MB, Floats, clock, judged, noise, teeth

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = clock(24, 60)
LEAK, NO_LEAK, INCONCLUSIVE = TrendVerdict.LEAK, TrendVerdict.NO_LEAK, TrendVerdict.INCONCLUSIVE


def flat(t: Floats) -> Floats:
    """A steady process with its noise."""
    return 200 * MB + noise(t, 2 * MB)


def rising(t: Floats, per_hour: float) -> Floats:
    """A straight line."""
    return per_hour * t / HOUR


def share(t: Floats) -> Floats:
    """The run from 0 to 1."""
    return np.asarray(t / t[-1])


SHAPES: dict[str, tuple[Callable[[Floats], Floats], TrendVerdict, str]] = {
    "nothing ever changes": (lambda t: np.full(t.size, 200 * MB), NO_LEAK, "flat"),
    "noise": (flat, NO_LEAK, "flat"),
    "warm-up, then steady": (lambda t: flat(t) + 80 * MB * (1 - np.exp(-share(t) / 0.04)), NO_LEAK, "plateau"),
    "cache fills, then is full": (lambda t: flat(t) + 60 * MB * np.minimum(1, share(t) / 0.4), NO_LEAK, "plateau"),
    "garbage collection": (lambda t: flat(t) + teeth(t, 90 * MB, 3000), NO_LEAK, "sawtooth"),
    "daily load": (lambda t: flat(t) + 40 * MB * np.sin(2 * np.pi * t / 86400), NO_LEAK, "daily"),
    "one step of load": (lambda t: flat(t) + 50 * MB * (share(t) > 0.4), NO_LEAK, "step"),
    "load up and down": (
        lambda t: flat(t) + 30 * MB * np.array([1, 3, 0, 2, 4, 1])[(share(t) * 5.99).astype(int)], NO_LEAK, "step",
    ),
    "growth under the budget": (lambda t: 200 * MB + noise(t, MB / 2) + rising(t, MB / 3), NO_LEAK, "flat"),
    "memory given back": (lambda t: flat(t) + 60 * MB * np.exp(-share(t) / 0.1), NO_LEAK, "flat"),
    "slow leak": (lambda t: flat(t) + rising(t, 2 * MB), LEAK, "climbing"),
    "leaking sawtooth": (lambda t: flat(t) + teeth(t, 90 * MB, 3000) + rising(t, 4 * MB), LEAK, "climbing"),
    "leak after a warm-up": (
        lambda t: flat(t) + rising(t, 3 * MB) + 80 * MB * (1 - np.exp(-share(t) / 0.03)), LEAK, "climbing",
    ),
    "leak from half of the run on": (lambda t: flat(t) + 5 * MB * np.maximum(0, t / HOUR - 12), LEAK, "climbing"),
    "leak in many steps": (lambda t: 200 * MB + noise(t, MB / 5) + 6 * MB * np.floor(share(t) * 24), LEAK, "stairs"),
    "leak with daily load": (
        lambda t: flat(t) + rising(t, 3 * MB) + 30 * MB * np.sin(2 * np.pi * t / 86400), LEAK, "climbing",
    ),
    "cache still filling": (lambda t: flat(t) + 150 * MB * (1 - np.exp(-share(t) / 0.6)), INCONCLUSIVE, "climbing"),
    "growth from the last hour on": (lambda t: flat(t) + 30 * MB * np.maximum(0, t / HOUR - 23), INCONCLUSIVE, ""),
    "too noisy": (lambda t: 500 * MB + noise(t, 400 * MB), INCONCLUSIVE, "unknown"),
}  # fmt: skip
LENGTHS = {"leak with daily load": 72.0}


@pytest.mark.parametrize("name", SHAPES)
def test_shape_is_judged_and_named(name: str) -> None:
    """Every shape gets its verdict over a day, a name, and a reason unless it is clear."""
    build, verdict, shape = SHAPES[name]
    times = clock(LENGTHS.get(name, 24.0), 60)
    trend = judged(times, build(times))
    assert trend.verdict is verdict, trend
    assert shape in {"", trend.shape}, trend
    assert bool(trend.reason) is (verdict is not NO_LEAK)


SHORT: dict[str, tuple[Callable[[Floats], Floats], TrendVerdict, bool]] = {
    "boot, then steady": (lambda t: 30 * MB + 25 * MB * np.minimum(1, t / 4) + noise(t, 20e3), NO_LEAK, False),
    "leak above the warning": (lambda t: 30 * MB + 40e3 * t + noise(t, 20e3), LEAK, False),
    "leak that fails": (lambda t: 30 * MB + 1.5e6 * t + noise(t, 20e3), LEAK, True),
    "leak from half on": (lambda t: 30 * MB + 200e3 * np.maximum(0, t - t[-1] / 2) + noise(t, 20e3), LEAK, False),
    "garbage collection": (lambda t: 30 * MB + teeth(t, 2 * MB, 2.3) + noise(t, 20e3), NO_LEAK, False),
    "creep of a young process": (lambda t: 30 * MB + 2.5e3 * t + noise(t, 20e3), NO_LEAK, False),
}


@pytest.mark.parametrize("name", SHORT)
def test_one_minute_is_enough(name: str) -> None:
    """A run of 60 s with a sample a second tells a gross leak from a boot, with the budgets of a minute."""
    build, verdict, fails = SHORT[name]
    times = clock(1 / 60, 1)
    trend = judged(times, build(times))
    assert (trend.verdict, trend.fails) == (verdict, fails), trend


COUNTS: dict[str, tuple[str, Callable[[Floats], Floats], TrendVerdict]] = {
    "one more at the start": ("threads", lambda t: np.where(t > 7200, 9.0, 8.0), NO_LEAK),
    "pool fills up": ("threads", lambda t: 8 + np.floor(24 * np.minimum(1, share(t) / 0.2)), NO_LEAK),
    "files come and go": ("fds", lambda t: 20 + np.abs(np.round(noise(t, 3))), NO_LEAK),
    "two files an hour are lost": ("fds", lambda t: 20 + np.floor(2 * t / HOUR), LEAK),
    "a thread an hour and a half": ("threads", lambda t: 8 + np.floor(t / HOUR / 1.5), NO_LEAK),
    "twenty tasks an hour": ("tasks", lambda t: 50 + np.floor(20 * t / HOUR) + np.abs(np.round(noise(t, 4))), LEAK),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_have_a_floor_for_whole_numbers(name: str) -> None:
    """Files, threads and tasks are judged as well as bytes, and a single one more is no trend."""
    resource, build, verdict = COUNTS[name]
    trend = judged(DAY, build(DAY), resource=resource)
    assert trend.verdict is verdict, trend


def test_slope_is_told_with_its_interval_and_beginning() -> None:
    """A leak that begins in mid-run is told with its slope, an interval that holds it, and when it began."""
    trend = judged(DAY, flat(DAY) + 5 * MB * np.maximum(0, DAY / HOUR - 10))
    assert trend.slope_low is not None
    assert trend.slope_high is not None
    assert trend.began_s is not None
    assert trend.slope_low < 5 * MB < trend.slope_high
    assert trend.slope_high - trend.slope_low < 1 * MB
    assert trend.began_s == pytest.approx(10 * HOUR, abs=HOUR)


def test_a_part_of_a_daily_cycle_is_not_a_leak() -> None:
    """In eight hours a load that sets in after a quiet night looks like a leak from then on: INCONCLUSIVE."""
    times = clock(8, 60)
    trend = judged(times, flat(times) + 40 * MB * np.maximum(0, times / HOUR - 5))
    assert trend.verdict is INCONCLUSIVE
    assert trend.decide_after_s == pytest.approx(48 * HOUR)


def test_same_series_gives_the_same_trend() -> None:
    """There is no chance in the judgement."""
    values = flat(DAY) + teeth(DAY, 90 * MB, 3000)
    assert judged(DAY, values) == judged(DAY, values)
