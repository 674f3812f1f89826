"""The shift between two samples: exact for few values, honest about chance, wide where neighbours hang together."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.judge.baseline_stats import decidable, shift

_VALUES = st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=9)


@pytest.mark.parametrize(
    ("here", "there", "enough"),
    [
        *((5, 5, True), (4, 8, True), (4, 5, False), (4, 4, False), (3, 8, False), (3, 60, True), (2, 60, True)),
        *((1, 60, False), (1, 1000, False), (0, 8, False), (24, 24, True), (10_000, 10_000, True)),
    ],
)
def test_how_many_values_it_takes(here: int, there: int, enough: bool) -> None:
    """An interval of 99 % exists where the most extreme order of the values is rarer than 1 in 200."""
    assert decidable(here, there) is enough
    assert decidable(there, here) is enough
    found = shift([float(place % 3) for place in range(here)], [float(place % 4) for place in range(there)])
    assert (found is not None) is enough


def test_the_interval_is_that_of_the_tables() -> None:
    """Eight against eight at 99 %: U <= 7 rejects (table of Mann and Whitney), so the 8th of 64 differences bounds it.

    The values alternate, so that no correlation of neighbours widens it.
    """
    mine = [0.0, 70.0, 10.0, 60.0, 20.0, 50.0, 30.0, 40.0]
    theirs = [0.1, 7.1, 1.1, 6.1, 2.1, 5.1, 3.1, 4.1]
    apart = sorted(here - there for here in mine for there in theirs)
    found = shift(mine, theirs)
    assert found is not None
    assert found.estimate == pytest.approx((apart[31] + apart[32]) / 2)
    assert (found.low, found.high) == pytest.approx((apart[7], apart[-8]))


@given(mine=_VALUES, theirs=_VALUES, by=st.floats(-1e6, 1e6))
def test_a_shift_of_all_values_is_the_shift(mine: list[float], theirs: list[float], by: float) -> None:
    """What is added to one side is added to the estimate and to both bounds, which lie around it."""
    before, after = shift(mine, theirs), shift([value + by for value in mine], theirs)
    assert before is not None
    assert after is not None
    assert before.low <= before.estimate <= before.high
    scale = 1e-9 * max(abs(value) for value in (*mine, *theirs, by, 1.0))
    assert after.estimate - before.estimate == pytest.approx(by, abs=scale)


@given(mine=_VALUES, theirs=_VALUES)
def test_the_other_way_round_it_is_the_same(mine: list[float], theirs: list[float]) -> None:
    """Which side is called the baseline changes the sign and nothing else."""
    one, other = shift(mine, theirs), shift(theirs, mine)
    assert one is not None
    assert other is not None
    scale = 1e-9 * max(abs(value) for value in (*mine, *theirs, 1.0))
    assert (one.estimate, one.low, one.high) == pytest.approx((-other.estimate, -other.high, -other.low), abs=scale)


def test_values_without_spread_differ_by_what_they_differ() -> None:
    """Twelve threads against thirteen are one thread apart, with no doubt about it."""
    found = shift([13.0] * 8, [12.0] * 8)
    assert found is not None
    assert (found.low, found.estimate, found.high) == pytest.approx((1.0, 1.0, 1.0))


def test_neighbours_that_hang_together_widen_the_interval() -> None:
    """Values that drift are fewer than they look."""
    drifting = [float(place) for place in range(8)]
    mixed = [0.0, 7.0, 1.0, 6.0, 2.0, 5.0, 3.0, 4.0]
    wide, narrow = shift(drifting, drifting), shift(mixed, mixed)
    assert wide is not None
    assert narrow is not None
    assert wide.high - wide.low > 2.0 * (narrow.high - narrow.low)


@pytest.mark.parametrize("count", [5, 8, 24, 60])
@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_the_interval_holds_the_truth_as_often_as_it_says(count: int, correlation: float) -> None:
    """Of 500 pairs of samples without a difference at most some 1 % look different, also where neighbours are alike."""
    random = Random(f"{count}:{correlation}")

    def sample() -> list[float]:
        state, values = random.gauss(0.0, 1.0), []
        for _ in range(count):
            values.append(100.0 + state)
            state = correlation * state + (1.0 - correlation**2) ** 0.5 * random.gauss(0.0, 1.0)
        return values

    found = [shift(sample(), sample()) for _ in range(500)]
    missed = sum(1 for each in found if each is None or not each.low <= 0.0 <= each.high)
    assert missed <= 10


@pytest.mark.parametrize("largest", [1e-300, 1e300])
def test_values_of_any_size_can_be_compared(largest: float) -> None:
    """Neither squares nor sums overflow, or vanish."""
    found = shift([2.0 * largest / place for place in range(2, 10)], [largest / place for place in range(2, 10)])
    assert found is not None
    assert 0.0 < found.estimate < largest
