"""The parts of the trend judgement, where a fault would hide behind the whole."""

from __future__ import annotations

import numpy as np
import pytest

from soakctl.judge.trend.design import Kind
from soakctl.judge.trend.drift import climbs_at_random, drift
from soakctl.judge.trend.fit import Fit, fit
from soakctl.judge.trend.noise import correlations, student_975, whiten
from soakctl.judge.trend.search import Search
from soakctl.judge.trend.series import Floats, Series, cut, looks
from soakctl.judge.trend.troughs import troughs

X = np.linspace(0, 24, 96)


def series(y: Floats) -> Series:
    """A level series over a day."""
    return Series("level", X, y, 0.25)


def best(y: Floats) -> Fit:
    """The best fit of a series over a day."""
    view = series(y)
    search = Search(view, 0.01)
    return fit(search, search.run()[0], view, 0.01)


def white(seed: int = 1, n: int = 96) -> Floats:
    """Independent noise of one."""
    return np.random.default_rng(seed).normal(0, 1, n)


def remembering(phi: float, seed: int, n: int = 96) -> Floats:
    """Noise of variance one in which a share `phi` of each value is left of the one before."""
    y = white(seed, n)
    for place in range(1, n):
        y[place] = phi * y[place - 1] + np.sqrt(1 - phi**2) * y[place]
    return y


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (1e6, 1.960)]
)
def test_student_is_right_within_one_percent(freedom: float, expected: float) -> None:
    """The quantiles of the tables."""
    assert student_975(freedom) == pytest.approx(expected, rel=0.01)


def test_whitening_takes_the_memory_and_leaves_the_variance() -> None:
    """A first-order process whitened with its own phi has no memory left; a gap weakens the memory."""
    x = np.arange(4000.0)
    y = remembering(0.8, 3, 4000)
    found = whiten(correlations(np.array([0.8]), x, 1.0), y[:, None])[0, :, 0]
    assert abs(float(np.corrcoef(found[1:], found[:-1])[0, 1])) < 0.05
    assert float(found.std()) == pytest.approx(1.0, rel=0.05)
    assert correlations(np.array([0.8]), np.array([0.0, 3.0]), 1.0)[0, 0] == pytest.approx(0.8**3)


def test_ill_filled_spans_are_left_out() -> None:
    """A span with under 40 % of the usual samples neither interpolates nor biases."""
    hours = np.arange(0, 10, 0.01)
    kept = hours[(hours < 4) | (hours > 5.5)]
    found = cut(kept, kept, 20, 0.5)
    assert found is not None
    assert found.x.size == 17
    assert np.allclose(found.x, found.y, atol=0.02)


def test_floors_see_through_fast_teeth() -> None:
    """The low quantile of a span that holds several teeth is their floor."""
    hours = np.arange(0, 24, 1 / 60)
    views = looks(hours, 100 * ((hours * 4) % 1), None)
    assert [view.name for view in views] == ["level", "floor", "floor", "floor"]
    assert views[0].y.mean() == pytest.approx(50, abs=5)
    assert views[3].y.max() < 10


def test_few_samples_have_few_looks() -> None:
    """Under eight samples there is nothing to look at; a few dozen are their own level."""
    assert looks(np.arange(7.0), np.arange(7.0), None) == []
    views = looks(np.arange(60.0), white(1, 60), 1.0)
    assert [view.y.size for view in views] == [60, 15, 10]


def test_troughs_of_a_slow_sawtooth_are_its_floor() -> None:
    """The low points of slow teeth are found; noise alone has none."""
    found = troughs(series(50 * ((X / 2.3) % 1) + 0.2 * white()))
    assert found is not None
    assert found.y.max() < 8
    assert all(troughs(series(white(seed))) is None for seed in range(20))


def test_a_line_is_a_line() -> None:
    """A straight leak needs no bends or steps, and its interval holds the truth."""
    found = best(3 * X + white())
    assert set(found.kinds) == {Kind.CONSTANT, Kind.LINEAR}
    assert found.low < 3 < found.high


def test_a_bend_and_a_step_are_found_where_they_are() -> None:
    """A change of slope and a jump are told apart and placed."""
    found = best(4 * np.maximum(0, X - 10) + 30 * (X > 5) + white())
    assert found.slope == pytest.approx(4, rel=0.1)
    assert found.regime_from == pytest.approx(10, abs=1)
    assert [round(at) for at, _ in found.steps] == [5]


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_intervals_hold_the_truth(phi: float) -> None:
    """Over noise with any memory the interval of a straight line holds its slope in at least 93 of 100 series."""
    fits = [best(0.5 * X + remembering(phi, seed)) for seed in range(100)]
    held = [abs(found.slope - 0.5) <= found.half for found in fits]
    assert sum(held) >= 93


def test_a_random_walk_knows_how_little_it_knows() -> None:
    """The drift's interval is that of the steps, not of the points around a line."""
    held = []
    for seed in range(200):
        found = drift(series(np.cumsum(0.5 + white(seed))), 0.01)
        held.append(abs(found.slope - 2.0) <= found.half)
    assert sum(held) >= 185


def test_a_walk_without_drift_is_hardly_ever_a_climb() -> None:
    """A walk alone accuses nobody: not once in three hundred."""
    accused = [climbs_at_random(drift(series(np.cumsum(white(seed))), 0.01), 0.0, 0.01) for seed in range(300)]
    assert sum(accused) == 0
