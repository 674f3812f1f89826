"""Limits that follow past good runs: tighter than the one that is written, and never looser."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from soakctl.domain.adaptive import is_adaptive, runs_needed, with_history
from soakctl.domain.config.root import Config

THREE = [{"latency": 200.0}, {"latency": 220.0}, {"latency": 210.0}]


def config(adaptive: dict[str, Any] | None, **limits: Any) -> Config:
    """One KPI with these limits, and a rule on it."""
    kpi = {"name": "latency", "source": {"json": "x.json"}, **(limits or {"max": 340})}
    return Config.model_validate({"kpis": [kpi if adaptive is None else {**kpi, "adaptive": adaptive}]})


def limits(found: Config, *, mock: bool = False) -> tuple[float | None, float | None]:
    """Of its one KPI."""
    bounds = found.kpis[0].fail_bounds(mock=mock)
    return bounds.min, bounds.max


def test_three_past_runs_tighten_a_limit() -> None:
    """Median 210, MAD 10, three times."""
    assert limits(with_history(config({"k": 3}), THREE, mock=False)) == (None, 240.0)


@pytest.mark.parametrize(
    ("history", "adaptive"),
    [
        (THREE[:2], {}),  # too few to say
        ([{"latency": 400.0}] * 3, {}),  # would be looser
        ([{"other": 1.0}] * 5, {}),
        (THREE, None),
    ],
)
def test_otherwise_the_written_limit_stands(history: list[dict[str, float]], adaptive: dict[str, Any] | None) -> None:
    """With too few runs, with worse runs, and where nothing adaptive was asked for."""
    assert limits(with_history(config(adaptive), history, mock=False)) == (None, 340.0)


def test_a_least_value_is_raised() -> None:
    """The other way round for min."""
    assert limits(with_history(config({"k": 1}, min=100), THREE, mock=False)) == (200.0, None)


def test_only_the_newest_runs_count() -> None:
    """As many as asked."""
    history = [*THREE, *[{"latency": 100.0}] * 9]
    assert limits(with_history(config({"k": 3, "runs": 3}), history, mock=False)) == (None, 240.0)


def test_a_mock_run_tightens_the_limit_of_mock() -> None:
    """And leaves the production limit alone."""
    found = with_history(config({"k": 3}, max=340, mock={"max": 500}), THREE, mock=True)
    assert limits(found, mock=True) == (None, 240.0)
    assert limits(found) == (None, 340.0)


def test_the_zone_of_a_rule_begins_earlier() -> None:
    """Also where the condition lies within `any`."""
    tuning = {
        "parameters": {"p": {"path": "p", "initial": 1, "min": 0, "max": 2}},
        "rules": [
            {
                "name": "R",
                "when": {"any": [{"latency": {"ge": 340, "adaptive": {"k": 3}}}]},
                "change": {"p": {"add": 1}},
            }
        ],
    }
    kpi = {"name": "latency", "source": {"json": "x.json"}, "max": 340}
    before = Config.model_validate({"kpis": [kpi], "tuning": tuning})
    assert is_adaptive(before)
    assert runs_needed(before) == 5
    after = with_history(before, THREE, mock=False)
    assert not before.tuning.rules[0].when.holds({"latency": 240.0})
    assert after.tuning.rules[0].when.holds({"latency": 240.0})
    assert not after.tuning.rules[0].when.holds({"latency": 239.0})


def test_without_a_limit_there_is_nothing_to_tighten() -> None:
    """Refused, with the key."""
    with pytest.raises(ValidationError, match="add min or max"):
        config({}, warn={"max": 3})


@given(
    values=st.lists(st.floats(-1e6, 1e6), max_size=9),
    hard=st.floats(-1e6, 1e6),
    k=st.floats(0, 10),
    upper=st.booleans(),
)
def test_no_history_loosens_a_limit(values: list[float], hard: float, k: float, upper: bool) -> None:
    """Whatever it holds; and the configuration stays one."""
    side = {"max": hard} if upper else {"min": hard}
    found = with_history(config({"k": k}, **side), [{"latency": value} for value in values], mock=False)
    low, high = limits(found)
    assert high is None or high <= hard
    assert low is None or low >= hard
    assert Config.model_validate(found.model_dump(mode="json", by_alias=True)) == found
