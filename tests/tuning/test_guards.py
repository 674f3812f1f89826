"""What holds a proposal back, and that each guard says why."""

from __future__ import annotations

from typing import Any

import pytest

from soakctl.domain.config.tuning import Tuning
from soakctl.domain.tuning import Move
from soakctl.tuning.guards import Guards, Steady, frozen_keys, steady_state
from soakctl.tuning.rules import Proposal

PARAMETERS = {
    "interval": {"path": "e.i", "initial": 60, "min": 0, "max": 100, "max_change_per_hour": 10, "group": "engine"},
    "ratio": {"path": "r.r", "initial": 0.1, "min": 0.0, "max": 1.0, "group": "risk"},
}
CALM = Steady()


def tuning(**guards: Any) -> Tuning:
    """These guards over two parameters."""
    return Tuning.model_validate({"parameters": PARAMETERS, "guards": guards})


def wanted(key: str, before: float, meant: float) -> Proposal:
    """A proposal."""
    return Proposal(key, PARAMETERS[key]["path"], before, meant - before, meant, ("R",), "")  # type: ignore[arg-type]


def held(proposal: Proposal, *moves: Move, steady: Steady = CALM, iteration: int = 5, **guards: Any) -> str:
    """The guard that holds it after iteration 5, five hours in; "" for none."""
    found = Guards(tuning(**guards), moves, iteration, iteration * 3600.0, steady).hold(proposal)
    return "" if found is None else found.guard


def move(key: str, iteration: int, before: float, after: float, *, reverted: bool = False) -> Move:
    """A change after an iteration of an hour."""
    return Move(key, iteration, iteration * 3600.0, before, after, reverted)


def test_nothing_holds_a_first_small_change() -> None:
    """Guards are silent where nothing happened."""
    assert held(wanted("interval", 60, 65)) == ""


def test_freeze_comes_first_and_for_the_chosen_ones_alone() -> None:
    """Even where another guard would object."""
    frozen = Steady(frozen=True, left=3)
    engine = {"groups": ["engine"]}
    assert held(wanted("interval", 60, 90), steady=frozen, freeze=engine) == "freeze"
    assert held(wanted("ratio", 0.1, 0.2), steady=frozen, freeze=engine) == ""
    assert held(wanted("ratio", 0.1, 0.2), steady=frozen) == "freeze"
    assert frozen_keys(tuning(freeze={"parameters": ["ratio"]})) == {"ratio"}


def test_oscillation_is_a_way_back_within_the_window() -> None:
    """A to B to A, and no longer once enough iterations have passed."""
    there = move("ratio", 3, 0.1, 0.12)
    assert held(wanted("ratio", 0.12, 0.1), there) == "oscillation"
    assert held(wanted("ratio", 0.12, 0.11), there) == ""
    assert held(wanted("ratio", 0.12, 0.1), there, iteration=8) == ""


@pytest.mark.parametrize(
    ("meant", "moves", "guard"),
    [
        (70, (), ""),
        (71, (), "velocity"),
        (70, (move("interval", 4, 55, 60),), ""),  # an hour ago is not within the hour
        (66, (Move("interval", 4, 4.5 * 3600, 55, 60),), "velocity"),
        (65, (Move("interval", 4, 4.5 * 3600, 55, 60),), ""),
    ],
)
def test_velocity_adds_up_an_hour(meant: int, moves: tuple[Move, ...], guard: str) -> None:
    """Of changes to and fro, within the limit of the parameter."""
    assert held(wanted("interval", 60, meant), *moves, oscillation={"window": 1}) == guard


def test_velocity_may_be_a_share_of_the_range() -> None:
    """For parameters without a limit of their own."""
    assert held(wanted("ratio", 0.1, 0.31), velocity={"share": "20%"}) == "velocity"
    assert held(wanted("ratio", 0.1, 0.3), velocity={"share": "20%"}) == ""


def test_a_parameter_rests_after_a_large_change_and_after_a_revert() -> None:
    """For as many iterations as asked."""
    large = move("ratio", 4, 0.1, 0.4)
    assert held(wanted("ratio", 0.4, 0.5), large) == "cooldown"
    assert held(wanted("ratio", 0.4, 0.5), large, iteration=6) == ""
    back = move("ratio", 3, 0.11, 0.1, reverted=True)
    assert held(wanted("ratio", 0.1, 0.12), back) == "cooldown"
    assert held(wanted("ratio", 0.1, 0.12), back, iteration=7) == ""


def test_each_guard_says_why() -> None:
    """With values, for people and as an object."""
    guards = Guards(tuning(), [move("ratio", 4, 0.1, 0.4)], 5, 18000.0, CALM)
    found = guards.hold(wanted("ratio", 0.4, 0.5))
    assert found is not None
    assert found.to_json() == {
        "guard": "cooldown",
        "reason": "the change from 0.1 to 0.4 was a large one, and it rests for 1 iteration",
    }


@pytest.mark.parametrize(
    ("good", "frozen", "triggered"),
    [
        ("", False, False),
        ("PP", False, False),
        ("PPP", True, True),
        ("PPPP", True, False),
        ("PPPF", True, False),
        ("PPPPP", False, False),  # two iterations of rest are over
        ("PPPPPPP", False, False),  # the good ones of the freeze do not count
        ("PPPPPPPP", True, True),  # three more good ones
        ("PPPFPPPP", True, True),
        ("PPPPPFPP", False, False),
        ("PPFPP", False, False),
    ],
)
def test_a_freeze_begins_after_good_iterations_in_a_row(good: str, frozen: bool, triggered: bool) -> None:
    """Three of them, for two iterations."""
    freeze = tuning(freeze={"after": 3, "iterations": 2}).guards.freeze
    found = steady_state([mark == "P" for mark in good], freeze)
    assert (found.frozen, found.triggered) == (frozen, triggered)
