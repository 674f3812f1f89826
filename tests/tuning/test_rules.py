"""What the rules want: zones, additive rules, conflicts, bounds, and a rationale that a person can read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from soakctl.domain.config.rule import Condition, Rule, When
from soakctl.domain.config.tuning import Parameter, Tuning
from soakctl.domain.delta import moved, same
from soakctl.tuning.rules import active, propose

INTERVAL = Parameter.model_validate({"path": "e.interval", "initial": 60, "min": 40, "max": 100})
RATIO = Parameter.model_validate({"path": "r.ratio", "initial": 0.10, "min": 0.02, "max": 0.5})
BOTH = {"interval": INTERVAL, "ratio": RATIO}
HERE: dict[str, int | float] = {"interval": 60, "ratio": 0.10}


def rule(name: str, change: dict[str, Any], **more: Any) -> Rule:
    """A rule that holds from a risk of 0.5 on, unless told otherwise."""
    return Rule.model_validate({"name": name, "when": {"risk": {"ge": 0.5}}, "change": change, **more})


def wants(*rules: Rule, risk: float | None = 0.6, here: dict[str, int | float] | None = None) -> dict[str, Any]:
    """The meant value of each parameter that is to change."""
    found = propose(rules, BOTH, here or HERE, {"risk": risk})
    return {one.key: one.meant for one in found.proposals}


def test_a_delta_is_a_change_and_not_a_value() -> None:
    """60 and 5 are 65, 0.10 and -0.01 are 0.09."""
    found = wants(rule("R", {"interval": {"add": 5}, "ratio": {"add": -0.01}}))
    assert found == {"interval": 65, "ratio": 0.09}
    assert type(found["interval"]) is int


@pytest.mark.parametrize(
    ("change", "before", "meant"),
    [
        ({"multiply": 0.9}, 60, 54),
        ({"multiply": 0.9}, 44, 40),  # 39.6, and 40 is the least
        ({"add": 500}, 60, 100),
        ({"add": 50, "max": 80}, 60, 80),
        ({"add": 50, "max": 50}, 60, None),  # beyond its own bound already: it never turns a change round
        ({"add": -5, "min": 58}, 60, 58),
        ({"set": 77}, 60, 77),
        ({"set": 60}, 60, None),
        ({"multiply": 1.0}, 60, None),
        ({"multiply": 0.99}, 50, 49),  # rounded in the direction of the change
        ({"add": 5, "max": 62.5}, 60, 62),  # but not beyond the rule's own bound
        ({"multiply": 0.9, "min": 54.5}, 61, 55),
        ({"add": 1, "max": 60.5}, 60, None),
        ({"multiply": 0.0, "min": 50 + 1e-14}, 60, 51),
    ],
)
def test_a_change_stops_at_the_bounds(change: dict[str, Any], before: int, meant: int | None) -> None:
    """Those of the rule and those of the parameter; what would change nothing is not proposed."""
    found = wants(rule("R", {"interval": change}), here={**HERE, "interval": before})
    assert found.get("interval") == meant


def test_a_change_that_changes_nothing_is_told() -> None:
    """With the rule, the measured value, and where the parameter stays."""
    found = propose([rule("R", {"interval": {"add": 5}})], BOTH, {**HERE, "interval": 100}, {"risk": 0.6})
    assert found.proposals == []
    assert found.no_ops["interval"] == (
        "R: risk 0.6 is >= 0.5 -> interval stays at 100 (+5), which is as far as it may go"
    )


def test_the_first_zone_that_holds_wins_and_additive_rules_follow() -> None:
    """Also where an additive rule stands first."""
    rules = [
        rule("EXTRA", {"interval": {"add": 1}}),
        rule("HIGH", {"interval": {"add": 5}}, zone="risk", when={"risk": {"ge": 0.9}}),
        rule("MIDDLE", {"interval": {"add": 3}}, zone="risk"),
        rule("LOW", {"interval": {"add": 2}}, zone="risk", when={"risk": {"ge": 0.1}}),
    ]
    assert [one.name for one in active(rules, {"risk": 0.6})] == ["MIDDLE", "EXTRA"]
    assert wants(*rules) == {"interval": 64}


def test_a_conflict_is_resolved_by_priority_and_said() -> None:
    """The higher wins, then the one that stands first."""
    up, down = rule("UP", {"interval": {"add": 5}}), rule("DOWN", {"interval": {"add": -5}}, priority=1)
    found = propose([up, down], BOTH, HERE, {"risk": 0.6})
    assert found.proposals[0].meant == 55
    assert found.conflicts == ["interval: DOWN wins over UP (priority 1 over 0)"]
    equal = propose([up, rule("DOWN", {"interval": {"add": -5}})], BOTH, HERE, {"risk": 0.6})
    assert equal.proposals[0].meant == 65
    assert equal.conflicts == ["interval: UP wins over DOWN (both have priority 0, and UP stands first)"]


def test_the_rationale_names_rule_value_and_change() -> None:
    """In one line."""
    found = propose([rule("R", {"ratio": {"multiply": 0.5}})], BOTH, HERE, {"risk": 0.61234})
    assert found.proposals[0].rationale == "R: risk 0.6123 is >= 0.5 -> ratio 0.1 to 0.05 (x 0.5)"


@pytest.mark.parametrize(
    ("condition", "good", "bad"),
    [
        ({"lt": 3}, 2.9, 3.0),
        ({"le": 3}, 3.0, 3.1),
        ({"eq": 3}, 3.0, 3.1),
        ({"ge": 3}, 3.0, 2.9),
        ({"gt": 3}, 3.1, 3.0),
        ({"between": [1, 3]}, 3.0, 3.1),
        ({"ge": 330, "le": 360}, 360.0, 360.1),
    ],
)
def test_conditions(condition: dict[str, Any], good: float, bad: float) -> None:
    """Each comparison at its edge; a value that is missing or none fulfils nothing."""
    asked = Condition.model_validate(condition)
    assert asked.holds(good)
    assert not any(map(asked.holds, (bad, None, float("nan"), float("inf"))))


def test_all_and_any_combine_to_any_depth() -> None:
    """Everything at one level must hold."""
    when = When.model_validate(
        {"a": {"gt": 0}, "any": [{"b": {"gt": 0}}, {"all": [{"c": {"gt": 0}}, {"d": {"gt": 0}}]}]}
    )
    assert when.holds({"a": 1, "b": 1})
    assert when.holds({"a": 1, "c": 1, "d": 1})
    assert not when.holds({"a": 1, "c": 1})
    assert not when.holds({"b": 1})
    assert sorted(when.names()) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([{"name": "R", "when": {}, "change": {"p": {"add": 1}}}], "without a condition"),
        ([{"name": "R", "when": {"k": {}}, "change": {"p": {"add": 1}}}], "says nothing"),
        ([{"name": "R", "when": {"k": {"gt": 5, "lt": 1}}, "change": {"p": {"add": 1}}}], "no value can lie"),
        ([{"name": "R", "when": {"k": {"gt": 5}}, "change": {"p": {"add": 1, "set": 2}}}], "exactly one"),
        ([{"name": "R", "when": {"k": {"gt": 5}}, "change": {"q": {"add": 1}}}], "q is not a parameter"),
        ([{"name": "R", "when": {"k": {"gte": 5}}, "change": {"p": {"add": 1}}}], "Extra inputs"),
        (
            [{"name": "R", "when": {"k": {"ge": 1, "le": 2, "adaptive": {}}}, "change": {"p": {"add": 1}}}],
            "exactly one limit",
        ),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rules: list[dict[str, Any]], said: str) -> None:
    """Typed, and without an expression language."""
    parameters = {"p": {"path": "p", "initial": 1, "min": 0, "max": 2}}
    with pytest.raises(ValidationError, match=said):
        Tuning.model_validate({"parameters": parameters, "rules": rules})


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ({"path": "a..b", "initial": 1, "min": 0, "max": 2}, "is not a path"),
        ({"path": "a", "initial": 3, "min": 0, "max": 2}, "is not within"),
        ({"path": "a", "initial": 1, "min": 3, "max": 2}, "is above max"),
        ({"path": "a", "type": "int", "initial": 1.5, "min": 0, "max": 2}, "not a whole number"),
    ],
)
def test_a_parameter_that_cannot_be_meant_is_refused(parameter: dict[str, Any], said: str) -> None:
    """Its path, its bounds, its type."""
    with pytest.raises(ValidationError, match=said):
        Tuning.model_validate({"parameters": {"p": parameter}})


def test_no_parameter_stands_in_the_path_of_another() -> None:
    """Or one write would destroy the other."""
    parameters = {
        "a": {"path": "engine", "initial": 1, "min": 0, "max": 2},
        "b": {"path": "engine.x", "initial": 1, "min": 0, "max": 2},
    }
    with pytest.raises(ValidationError, match="stands in the way of b"):
        Tuning.model_validate({"parameters": parameters})


BOUNDED = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 6))


def test_a_change_is_reckoned_with_every_figure() -> None:
    """A delta that was rounded to fewer of them led beyond the bound of a rule."""
    change = {"add": 1, "max": 0.3000000000000001}
    spec = Parameter.model_validate({"path": "x", "initial": 0.1, "min": 0.0, "max": 1.0})
    asked = Rule.model_validate({"name": "R", "when": {"k": {"ge": 0}}, "change": {"x": change}})
    (one,) = propose([asked], {"x": spec}, {"x": 0.1234567890123456}, {"k": 1}).proposals
    assert one.meant == 0.3000000000000001


@given(
    low=BOUNDED,
    span=st.floats(0.001, 1e6).map(lambda value: round(value, 3)),
    share=st.floats(0, 1),
    whole=st.booleans(),
    change=st.one_of(
        BOUNDED.map(lambda by: {"add": by}),
        st.floats(0, 10).map(lambda by: {"multiply": by}),
        BOUNDED.map(lambda to: {"set": to}),
    ),
    own=st.floats(0, 1),
)
@example(low=0.0, span=1.0, share=1.0, whole=True, change={"multiply": 0.0}, own=8.66e-73)
def test_whatever_is_asked_the_value_is_in_bounds_and_the_delta_leads_there(
    low: float, span: float, share: float, whole: bool, change: dict[str, float], own: float
) -> None:
    """`meant` is `before` plus `delta`, of the right type, and is reckoned again by whoever verifies."""
    if whole:
        low, span = float(int(low)), float(int(span) + 1)
    high = low + span
    before: int | float = min(max(low + share * span, low), high)
    before = int(before) if whole else before
    kind = "int" if whole else "float"
    spec = Parameter.model_validate({"path": "x", "type": kind, "initial": low, "min": low, "max": high})
    if not spec.min <= before <= spec.max:
        before = int(low) if whole else low
    bound = low + own * span
    change = {**change, "min": bound, "max": bound}
    asked = Rule.model_validate({"name": "R", "when": {"k": {"ge": 0}}, "change": {"x": change}})
    for one in propose([asked], {"x": spec}, {"x": before}, {"k": 1}).proposals:
        assert spec.min <= one.meant <= spec.max
        assert one.meant != before
        assert one.meant <= max(before, bound) if one.meant > before else one.meant >= min(before, bound)
        assert type(one.meant) is (int if whole else float)
        assert same(moved(spec, one.before, one.delta), one.meant)
