"""Reducing many values to one figure."""

from __future__ import annotations

import json
import math
import statistics
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.config.kpi import Reduce
from soakctl.domain.reduce import KEPT_AT_MOST, Reservoir, growth_rate, quantile, reduce

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100)
SEVERAL = st.lists(NUMBERS, min_size=1, max_size=60)
ANYTHING = st.lists(st.floats(), max_size=40)
WAYS: tuple[Reduce, ...] = get_args(Reduce)


def _filled(values: Sequence[float]) -> Reservoir:
    reservoir = Reservoir()
    for value in values:
        reservoir.add(value)
    return reservoir


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("last", 1.0),
        ("mean", 3.0),
        ("median", 2.5),
        ("p50", 2.5),
        ("p95", 6.5),
        ("p99", 6.9),
        ("max", 7.0),
        ("min", 0.0),
        ("sum", 18.0),
        ("count", 6.0),
        ("rate", 0.1),
    ],
)
def test_each_way_of_reducing(how: Reduce, expected: float) -> None:
    """Each word gives the figure its name promises, from a list and from a reservoir alike."""
    values = [2.0, 5.0, 0.0, 7.0, 3.0, 1.0]
    assert reduce(values, how, seconds=60) == pytest.approx(expected)
    assert _filled(values).reduce(how, seconds=60) == pytest.approx(expected)


@pytest.mark.parametrize("how", WAYS)
def test_nothing_read_is_no_figure(how: Reduce) -> None:
    """Without values only the number of them and their rate are known, and those are 0."""
    expected = 0.0 if how in {"count", "rate"} else None
    assert reduce([], how, seconds=10) == expected
    assert Reservoir().reduce(how, seconds=10) == expected


@given(values=ANYTHING, how=st.sampled_from(WAYS), seconds=st.floats(allow_nan=False))
def test_never_anything_but_a_finite_number_or_none(values: list[float], how: Reduce, seconds: float) -> None:
    """NaN and infinity never come out, whatever goes in, and list and reservoir agree on whether there is a figure."""
    one, other = reduce(values, how, seconds=seconds), _filled(values).reduce(how, seconds=seconds)
    assert one is None or math.isfinite(one)
    assert other is None or math.isfinite(other)
    if all(math.isfinite(value) and abs(value) < 1e300 for value in values):
        assert one == other


@given(SEVERAL)
def test_agrees_with_the_statistics_module(values: list[float]) -> None:
    """Mean, median and quantiles are those of Python's own module."""
    assert reduce(values, "mean", seconds=1) == statistics.fmean(values)
    assert reduce(values, "median", seconds=1) == pytest.approx(statistics.median(values), rel=1e-12, abs=1e-300)
    if len(values) > 1:
        cuts = statistics.quantiles(values, n=100, method="inclusive")
        scale = max(map(abs, values)) * 1e-12
        assert reduce(values, "p95", seconds=1) == pytest.approx(cuts[94], rel=1e-12, abs=scale)
        assert reduce(values, "p99", seconds=1) == pytest.approx(cuts[98], rel=1e-12, abs=scale)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1), st.floats(0, 1), st.floats(0, 1))
def test_quantiles_lie_within_and_grow(values: list[float], one: float, other: float) -> None:
    """A quantile lies between the least and the greatest value, even for values whose difference overflows."""
    low, high = sorted((one, other))
    assert min(values) <= quantile(values, low) <= max(values)
    assert quantile(values, 0) == min(values)
    assert quantile(values, 1) == max(values)
    scale = max(abs(value) for value in values) * 1e-12
    assert quantile(values, low) <= quantile(values, high) + scale


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], -0.1), ([1.0], 1.1), ([1.0], math.nan)])
def test_an_impossible_quantile_is_refused(values: list[float], share: float) -> None:
    """No values, or a share outside 0 to 1, is an error and not a number."""
    with pytest.raises(ValueError, match="no quantile"):
        quantile(values, share)


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan])
def test_no_rate_without_time(seconds: float) -> None:
    """A rate over no time is none."""
    assert reduce([1.0], "rate", seconds=seconds) is None


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(0, 100), (10, 150)], 5.0),
        ([(0, 100), (10, 150), (20, 30), (40, 70)], 3.0),  # began again at 0: 50 + 30 + 40 over 40 s
        ([(0, 5), (10, 5)], 0.0),
        ([(0, 5), (10, 0)], 0.0),
        ([(5, 1), (5, 2), (7, 4)], 1.5),
        ([], None),
        ([(0, 5)], None),
        ([(3, 5), (3, 9)], None),
        ([(0, 5), (10, 9), (8, 12)], None),
        ([(0, 5), (10, math.nan)], None),
        ([(0, 5), (10, math.inf)], None),
        ([(0, -5), (10, 5)], None),
        ([(0, 0), (1e-300, 1e300)], None),
    ],
)
def test_growth_of_a_counter(points: list[tuple[float, float]], expected: float | None) -> None:
    """Growth a second, resets counted from 0, and nothing where it cannot be known."""
    assert growth_rate(points) == (None if expected is None else pytest.approx(expected))


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 10**6)), min_size=1, max_size=30), st.data())
def test_resets_lose_nothing_that_was_seen(steps: list[tuple[int, int]], data: st.DataObject) -> None:
    """A counter that restarts right after a read still grows by all that was added to it."""
    at, value, grown = 0, 10, 0
    points: list[tuple[float, float]] = [(0, 10)]
    for pause, added in steps:
        if added < value and data.draw(st.booleans()):
            value = 0  # seen as a reset: what follows is below the value before
        at, value, grown = at + pause, value + added, grown + added
        points.append((at, value))
    assert growth_rate(points) == pytest.approx(grown / at)


@given(SEVERAL)
def test_the_sum_of_a_reservoir_is_exact(values: list[float]) -> None:
    """The running sum is the correctly rounded one, in whatever order large and small values come."""
    assert _filled(values).reduce("sum", seconds=1) == math.fsum(values)


def test_a_reservoir_is_exact_up_to_ten_thousand() -> None:
    """Ten thousand values are all kept."""
    values = [math.sin(place) for place in range(KEPT_AT_MOST)]
    reservoir = _filled(values)
    assert reservoir.exact
    for how in WAYS:
        assert reservoir.reduce(how, seconds=7) == reduce(values, how, seconds=7)


@pytest.fixture(scope="module")
def many() -> list[float]:
    """Values with a rhythm that a choice of every second one would fall for."""
    return [100.0 + place % 7 if place % 2 else (place * 37 % 1000) / 1000 for place in range(60_001)]


def test_a_full_reservoir_stays_small_and_fair(many: list[float]) -> None:
    """Beyond ten thousand the plain figures stay exact and quantiles lie where the true ones nearly are."""
    reservoir = _filled(many)
    assert not reservoir.exact
    assert len(reservoir.kept) <= KEPT_AT_MOST
    exactly: tuple[Reduce, ...] = ("count", "sum", "mean", "min", "max", "last", "rate")
    for how in exactly:
        assert reservoir.reduce(how, seconds=3600) == reduce(many, how, seconds=3600)
    assert (reservoir.first, reservoir.last) == (many[0], many[-1])
    for how, share in (("median", 0.50), ("p95", 0.95), ("p99", 0.99)):
        found = reservoir.reduce(how, seconds=1)
        assert found is not None
        assert quantile(many, max(0, share - 0.02)) <= found <= quantile(many, min(1, share + 0.02))


def test_what_is_kept_does_not_depend_on_a_resume(many: list[float]) -> None:
    """A reservoir that went through JSON half-way ends as the one that did not."""
    resumed = _filled(many[:30_000])
    resumed = Reservoir.from_json(json.loads(json.dumps(resumed.to_json())))
    for value in many[30_000:]:
        resumed.add(value)
    assert resumed == _filled(many)


@given(ANYTHING)
def test_a_reservoir_survives_json(values: list[float]) -> None:
    """What is written is JSON without NaN, and reads back as the same."""
    reservoir = _filled(values)
    text = json.dumps(reservoir.to_json(), allow_nan=False)
    assert Reservoir.from_json(json.loads(text)) == reservoir


def test_a_sum_too_large_leaves_no_figure() -> None:
    """Values whose sum overflows are counted, and no more."""
    reservoir = _filled([1.7e308, 1.7e308])
    assert reservoir.reduce("mean", seconds=1) is None
    assert reservoir.reduce("count", seconds=1) == 2
    json.dumps(reservoir.to_json(), allow_nan=False)


@pytest.mark.parametrize("row", [{}, {"count": 1}, {"count": "x", "kept": [], "finite": True}])
def test_a_row_that_is_no_reservoir_is_refused(row: dict[str, object]) -> None:
    """A damaged row raises, so that the reader can say so."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        Reservoir.from_json(row)
