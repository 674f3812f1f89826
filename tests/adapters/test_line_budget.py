"""How much of a stream is looked at, at which rates."""

from __future__ import annotations

import pytest

from soakctl.adapters.line_budget import LineBudget

_RATE = 1_000_000.0


def _looked_at(arriving_per_s: float, *, seconds: float, block: int = 20_000) -> float:
    """The bytes looked at when bytes arrive evenly."""
    budget = LineBudget(_RATE)
    every = block / arriving_per_s
    return sum(budget.take(block, 100 + number * every) for number in range(int(seconds / every)))


@pytest.mark.parametrize("rate", [1_000.0, 500_000.0, _RATE * 0.98])
def test_everything_is_looked_at_up_to_the_rate(rate: float) -> None:
    """Nothing is dropped of a stream below the budget."""
    seconds = max(60.0, 10 * 20_000 / rate)
    assert _looked_at(rate, seconds=seconds) == pytest.approx(rate * seconds, rel=0.01)


def test_a_burst_is_looked_at() -> None:
    """A quarter of a second's worth may come at once."""
    budget = LineBudget(_RATE)
    assert [budget.take(50_000, 7.0) for _ in range(6)] == [50_000] * 5 + [0]


def test_little_is_spent_while_the_writer_is_held_up() -> None:
    """What is looked at in a flood delays it, so that it would not be known for one."""
    budget = LineBudget(_RATE)
    assert [budget.take(200_000, 7.0 + at, behind=True) for at in range(3)] == [62_500, 0, 0]


@pytest.mark.parametrize(
    ("times", "least", "most"), [(2.0, 0.85, 1.0), (10.0, 0.5, 0.7), (100.0, 1 / 50, 1 / 25), (1000.0, 1 / 50, 1 / 25)]
)
def test_the_more_comes_the_less_is_looked_at(times: float, least: float, most: float) -> None:
    """Well above the rate the share falls, down to a small one that is always left."""
    seconds = 60.0 if times <= 10 else 10.0
    share = (_looked_at(_RATE * times, seconds=seconds, block=60_000) - 0.25 * _RATE) / (_RATE * seconds)
    assert least <= share <= most


def test_after_a_flood_everything_is_looked_at_again() -> None:
    """Two seconds after the last of it the stream is read in full."""
    budget = LineBudget(_RATE)
    for number in range(2000):
        budget.take(60_000, number / 2000)
    assert sum(budget.take(10_000, 1 + number / 10) for number in range(30)) < 300_000
    assert [budget.take(50_000, 4 + number / 10) for number in range(50)] == [50_000] * 50


def test_the_longest_line_fits_however_small_the_budget() -> None:
    """A line that is cut can be looked at on any budget."""
    assert LineBudget(1.0).take(108_192, 0.0) == 108_192


def test_a_scrap_is_not_begun() -> None:
    """What is left of the budget is saved until it is worth a few lines."""
    budget = LineBudget(_RATE)
    budget.take(249_000, 0.0)
    assert budget.take(50_000, 0.0) == 0
    assert budget.take(800, 0.0) == 800


def test_without_a_limit_everything_is_looked_at() -> None:
    """Also while the writer is held up."""
    budget = LineBudget(float("inf"))
    assert [budget.take(10**9, at, behind=True) for at in (0.0, 0.0, 1.0)] == [10**9] * 3
