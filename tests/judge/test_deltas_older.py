"""The changes of a run that an older tool made: what cannot be proven is no data, never a pass."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.domain.config.root import Config
from soakctl.domain.delta import state_hash
from soakctl.judge.deltas_older import judge_older_deltas

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.deltas import DeltaJudgement

Rows = dict[int, dict[str, Any]]
A, B = "a" * 40, "b" * 40
CONFIG = Config()


def _row(signature: str, deltas: dict[str, float] | None = None, *, applied: bool = False, **more: Any) -> Any:
    return {"proposed_deltas": deltas or {}, "applied": applied, "skip_reason": "", "signature": signature, **more}


@pytest.mark.parametrize(
    ("row", "outcome", "ratio"),
    [
        (_row(B, {"interval": 5}, applied=True), "unverified", 0.0),
        (_row(B, {"interval": 5}, applied=True, parameters={"engine": {"interval": 65}}), "full", 1.0),
        (_row(B, {"interval": 5}, applied=True, parameters={"engine": {"interval": 5}}), "failed", 0.0),
        (_row(A, {"interval": 5}, applied=True), "stuck", 0.0),
        (_row(A, {"interval": 5}, skip_reason={"cooldown": True}), "skipped", None),
        (_row(A, {"interval": 5}, skip_reason="cooldown"), "skipped", None),
        (_row(A, {"interval": 5}), "failed", 0.0),
        (_row(A), "none", None),
        (_row(B), "failed", None),
    ],
)
def test_a_change_is_worth_what_can_be_proven(row: Any, outcome: str, ratio: float | None) -> None:
    """A signature stands for the hash; without values a change is not verified."""
    deltas = judge_older_deltas({1: _row(A, parameters={"engine": {"interval": 60}}), 2: row}, CONFIG)
    assert deltas.rows[1].outcome == outcome
    assert deltas.facts["full_apply_ratio"] == ratio


def test_a_delta_that_was_written_as_the_value_is_named() -> None:
    """An interval of 60 that became 5."""
    before = _row(A, parameters={"engine": {"interval": 60}})
    after = _row(B, {"interval": 5}, applied=True, parameters={"engine": {"interval": 5}})
    check = judge_older_deltas({1: before, 2: after}, CONFIG).checks[0]
    assert check.reason == "iteration 2, interval: meant 65, found 5 (the delta was written as the value)"


def test_what_cannot_be_verified_is_no_data() -> None:
    """And said, by iteration."""
    deltas = judge_older_deltas({1: _row(A), 2: _row(B, {"interval": 5}, applied=True)}, CONFIG)
    told = [check for check in deltas.checks if check.id == "deltas.record"]
    assert [check.severity.value for check in told] == ["no_data"]
    assert "(2)" in told[0].reason


# --- Whole directories: three iterations that lower a limit and hold a ratio back, and a quiet one ----------------


def _values(before: int) -> dict[str, Any]:
    path = "engine.limit"
    return {"limit": {"path": path, "before": before, "delta": -1, "meant": before - 1, "found": before - 1}}


def _written(limit: int) -> dict[str, Any]:
    ratio = {"path": "risk.ratio", "before": 0.1, "delta": 0.05, "meant": 0.15, "found": None}
    held = {"ratio": {"guard": "velocity", "reason": "too fast"}}
    return {
        "proposed_deltas": {"limit": -1, "ratio": 0.05},
        "applied": True,
        "skip_reason": {"guard": "velocity", "reason": "ratio: too fast (velocity)", "keys": held},
        "changed_keys": ["limit"],
        "values": {**_values(limit + 1), "ratio": ratio},
        "parameters": _stands(limit),
        "state_hash": state_hash(_stands(limit)),
        "old_hash": state_hash(_stands(limit + 1)),
    }


def _stands(limit: int) -> dict[str, Any]:
    return {"engine": {"limit": limit}, "risk": {"ratio": 0.1}}


def _whole() -> Rows:
    """With everything that soakctl itself records."""
    quiet = {"proposed_deltas": {}, "applied": False, "skip_reason": "", "changed_keys": [], "values": {}}
    states = {"parameters": _stands(7), "state_hash": state_hash(_stands(7)), "old_hash": state_hash(_stands(7))}
    return copy.deepcopy({1: _written(9), 2: _written(8), 3: _written(7), 4: {**quiet, **states}})


def _without_values() -> Rows:
    """As older tools leave them."""
    return {number: {key: row[key] for key in row if key != "values"} for number, row in _whole().items()}


def _signed() -> Rows:
    """With a signature of the tool's own making, reasons as words, and no hash of before."""
    rows = _without_values()
    for row in rows.values():
        del row["state_hash"], row["old_hash"]
        row["signature"] = _signature(row)
        row["skip_reason"] = "velocity: too fast" if row["applied"] else ""
    return rows


def _signature(row: dict[str, Any]) -> str:
    return hashlib.md5(json.dumps(row["parameters"]).encode(), usedforsecurity=False).hexdigest()


LAYOUTS = [_whole, _without_values, _signed]


def _hash_again(row: dict[str, Any]) -> None:
    if "signature" in row:
        row["signature"] = _signature(row)
    else:
        row["state_hash"] = state_hash(row["parameters"])


def _put(row: dict[str, Any], limit: Any) -> None:
    row["parameters"]["engine"]["limit"] = limit
    if row.get("values"):
        row["values"]["limit"]["found"] = limit
    _hash_again(row)


def _moved(row: dict[str, Any], *where: str) -> None:
    value = row["parameters"]["engine"].pop("limit")
    here = row["parameters"]
    for part in where[:-1]:
        here = here.setdefault(part, {})
    here[where[-1]] = value
    _hash_again(row)


def _beside(row: dict[str, Any]) -> None:
    """The nested key as it was, and the new value at the top."""
    row["parameters"] = {"engine": {"limit": 9}, "risk": {"ratio": 0.1}, "limit": 8}
    _hash_again(row)


def _same_hash(row: dict[str, Any]) -> None:
    name = "signature" if "signature" in row else "state_hash"
    row[name] = _signature({"parameters": _stands(9)}) if name == "signature" else row["old_hash"]


def _other(row: dict[str, Any]) -> None:
    row["parameters"]["risk"]["ratio"] = 0.4
    _hash_again(row)


TAMPERED: list[tuple[Callable[[dict[str, Any]], None], int, str]] = [
    (lambda row: _put(row, 12), 2, "iteration 2, limit: meant 8, found 12 (the value is not what was meant)"),
    (lambda row: _put(row, -1), 2, "iteration 2, limit: meant 8, found -1 (the delta was written as the value)"),
    (lambda row: _put(row, 9), 2, "iteration 2, limit: meant 8, found 9 (the value is still the one before)"),
    (lambda row: _moved(row, "limit"), 2, "iteration 2, limit: meant engine.limit = 8, found limit = 8 (a key in"),
    (lambda row: _moved(row, "risk", "limit"), 2, "limit: meant engine.limit = 8, found risk.limit = 8 (a key in"),
    (lambda row: _moved(row, "engine.limit"), 2, 'meant engine.limit = 8, found "engine.limit" = 8 (a key in the'),
    (_beside, 2, "iteration 2, limit: meant engine.limit = 8, found limit = 8 (a key in the wrong place)"),
    (_same_hash, 2, "iteration 2, limit: meant 8, found 8 (it is marked applied, and the hash of the state did not"),
    (_other, 2, "iteration 2, ratio: meant 0.1, found 0.4 (it changed without an applied proposal)"),
    (_other, 4, "iteration 4, ratio: meant 0.1, found 0.4 (it changed without an applied proposal)"),
    (lambda row: row["parameters"]["engine"].pop("limit"), 2, "iteration 2, limit: meant engine.limit = 8, found not"),
    (lambda row: row["parameters"]["risk"].pop("ratio"), 4, "iteration 4, ratio: meant 0.1, found nothing"),
]


def _lines(deltas: DeltaJudgement) -> list[str]:
    return [problem.line() for problem in deltas.problems]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sound_directory_has_no_mismatch(layout: Callable[[], Rows]) -> None:
    """What is held back of a change that was applied is no lack."""
    deltas = judge_older_deltas(layout(), CONFIG, layout())
    assert _lines(deltas) == []
    first = "unverified" if layout is _signed else "partial"  # nothing tells what stood there before, not even a hash
    assert [row.outcome for row in deltas.rows] == [first, "partial", "partial", "none"]
    assert {row.skipped.get("ratio") for row in deltas.rows[:3]} == {"velocity"}
    assert deltas.facts["full_apply_ratio"] == (2 / 3 if layout is _signed else 1.0)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("place", range(len(TAMPERED)))
def test_tampering_is_named(layout: Callable[[], Rows], place: int) -> None:
    """With iteration, parameter, what was meant and what was found, however well the hash fits."""
    tamper, number, line = TAMPERED[place]
    rows = layout()
    tamper(rows[number])
    deltas = judge_older_deltas(rows, CONFIG)
    assert deltas.checks[0].severity == "fail"
    assert any(line in told for told in _lines(deltas)), _lines(deltas)
    assert deltas.problems[0].iteration == number
    assert deltas.rows[number - 1].outcome in {"failed", "stuck"}
    assert deltas.facts["signature_stuck_count"] == int("did not" in line or "still the one before" in line)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_another_hash_without_a_proposal_is_named(layout: Callable[[], Rows]) -> None:
    """Also where it is marked applied, and nothing was proposed."""
    rows = layout()
    name = "signature" if layout is _signed else "state_hash"
    rows[4][name] = "f" * 64
    for applied in (False, True):
        rows[4]["applied"] = applied
        lines = _lines(judge_older_deltas(rows, CONFIG))
        assert any(f"iteration 4, {name}: meant " in line and "nothing was applied" in line for line in lines)


@pytest.mark.parametrize("name", ["state_hash", "old_hash"])
def test_hashes_are_reckoned_anew(name: str) -> None:
    """In the first iteration, too."""
    rows = _whole()
    rows[1][name] = "0" * 64
    lines = _lines(judge_older_deltas(rows, CONFIG))
    assert any(line.startswith(f"iteration 1, {name}: meant ") for line in lines)


def test_a_key_in_the_wrong_place_of_the_first_iteration_is_named() -> None:
    """Its own path tells where it belongs, or the configuration."""
    rows = {1: _whole()[1]}
    _moved(rows[1], "limit")
    assert any("iteration 1, limit: meant engine.limit = 9, found limit = 9" in line
               for line in _lines(judge_older_deltas(rows, CONFIG)))  # fmt: skip


def test_a_delta_that_was_written_in_the_first_iteration_is_named() -> None:
    """By the hash of before, though nothing tells the value."""
    rows = _without_values()
    _put(rows[1], -1)
    line = "iteration 1, limit: meant -1 on what stood there, found -1 (the delta was written as the value)"
    assert _lines(judge_older_deltas(rows, CONFIG))[0] == line


def test_an_unproposed_change_in_the_first_iteration_is_found_by_the_hash_of_before() -> None:
    """Nothing else tells what stood there."""
    rows = _whole()
    _other(rows[1])
    assert any("iteration 1, old_hash: meant " in line for line in _lines(judge_older_deltas(rows, CONFIG)))


def test_the_report_must_tell_what_the_summaries_do() -> None:
    """Where both tell of it."""
    report = _whole()
    report[2]["values"]["limit"]["found"] = 12
    assert _lines(judge_older_deltas(_whole(), CONFIG, report)) == [
        "iteration 2, limit: meant 8, found 12 (the report and the summary differ in values.limit.found)"
    ]
    assert judge_older_deltas({}, CONFIG, report).checks[0].severity == "fail"


@pytest.mark.parametrize("name", ["proposed_deltas", "applied", "values", "parameters", "state_hash"])
@pytest.mark.parametrize("broken", [7, "x", []])
def test_what_is_malformed_never_passes(name: str, broken: Any) -> None:
    """It is said, and is no data at the least."""
    rows = _whole()
    rows[4][name] = broken
    severities = {check.severity for check in judge_older_deltas(rows, CONFIG).checks}
    assert severities & {"no_data", "fail"}


def test_tools_that_reckon_in_binary_are_right() -> None:
    """0.1 less 0.01 is 0.09000000000000001 there; and 65.0 is 65."""
    rows: Rows = {
        1: {**_row(A), "parameters": {"ratio": 0.1, "interval": 60}},
        2: _row(B, {"ratio": -0.01, "interval": 5}, applied=True,
                parameters={"ratio": 0.1 - 0.01, "interval": 65.0}),
    }  # fmt: skip
    deltas = judge_older_deltas(rows, CONFIG)
    assert _lines(deltas) == []
    assert deltas.facts["full_apply_ratio"] == 1.0


@pytest.mark.parametrize(
    ("told", "guard"),
    [
        ({"skip_reason": {"cooldown": False, "velocity": True}}, "velocity"),
        ({"skip_reason": {"cooldown": False}}, ""),
        ({"skip_reason": "blocked by oscillation"}, "oscillation"),
        ({"skip_reason": "because"}, "skipped"),
        ({"skip_reason": "", "cooldown_active": True}, "cooldown"),
        ({"skip_reason": ""}, ""),
    ],
)
def test_what_held_a_proposal_back_is_read_as_it_is_told(told: dict[str, Any], guard: str) -> None:
    """An object of flags of which none is set is no reason."""
    rows: Rows = {1: _row(A), 2: {**_row(A, {"interval": 5}), **told}}
    found = judge_older_deltas(rows, CONFIG).rows[1]
    assert dict(found.skipped) == ({"interval": guard} if guard else {})
    assert found.outcome == ("skipped" if guard else "failed")


def test_a_summary_that_is_missing_between_two_others_makes_no_mismatch() -> None:
    """What happened in it is not known, and said to be missing elsewhere."""
    rows = _whole()
    del rows[2]
    assert _lines(judge_older_deltas(rows, CONFIG)) == []


def _alone(**change: Any) -> Rows:
    """The first two iterations, of which the second proposes the limit alone, with these fields otherwise."""
    rows = _whole()
    row = rows[2]
    row["skip_reason"], row["proposed_deltas"] = "", {"limit": -1}
    del row["values"]["ratio"]
    row.update(change)
    return {1: rows[1], 2: row}


def test_a_place_is_where_the_parameter_stood_whatever_its_own_record_says() -> None:
    """Or where it is configured; the record that leads elsewhere is named."""
    rows = _alone(old_hash=None)
    rows[2]["values"]["limit"]["path"] = "limit"
    rows[2]["parameters"] = {**_stands(9), "limit": 8}
    _hash_again(rows[2])
    wrong = "iteration 2, limit: meant engine.limit, found limit (a key in the wrong place)"
    assert wrong in _lines(judge_older_deltas(rows, CONFIG))
    specs = {"limit": {"path": "engine.limit", "initial": 10, "min": 1, "max": 20}}
    configured = Config.model_validate({"tuning": {"parameters": specs}})
    alone = _alone()
    alone[2]["values"]["limit"]["path"] = "limit"
    alone[2]["parameters"] = {"limit": 8, "risk": {"ratio": 0.1}}
    _hash_again(alone[2])
    assert wrong in _lines(judge_older_deltas({2: alone[2]}, configured))


@pytest.mark.parametrize("told", ["too fast", {"guard": "velocity", "reason": "too fast"}])
def test_a_change_that_is_told_and_denied_is_no_change_held_back(told: Any) -> None:
    """Marked applied, told as changed, and nothing found: whatever the words beside it say."""
    value = {"path": "engine.limit", "before": 9, "delta": -1, "meant": 8, "found": None}
    row = {"skip_reason": told, "values": {"limit": value}, "parameters": _stands(9)}
    for changed in (["limit"], None):
        rows = _alone(**row, state_hash=state_hash(_stands(9)), changed_keys=changed)
        deltas = judge_older_deltas(rows, CONFIG)
        assert deltas.checks[0].severity == "fail"
        assert deltas.rows[1].stuck
    held = _alone(**row, state_hash=state_hash(_stands(9)), changed_keys=[], applied=False)
    assert _lines(judge_older_deltas(held, CONFIG)) == []


def test_hashes_that_nothing_can_prove_are_said() -> None:
    """No SHA-256, and no parameters to reckon one of."""
    for hashes in ({}, {"state_hash": "y", "old_hash": "x"}):
        rows = {number: {**row, "parameters": None} for number, row in _alone(**hashes).items()}
        told = [check for check in judge_older_deltas(rows, CONFIG).checks if check.id == "deltas.record"]
        assert told[-1].severity == "no_data"
        assert "no parameters" in told[-1].reason
        assert (len(told) == 3) is bool(hashes)


@pytest.mark.parametrize(
    "told", ["  ", {"guard": " ", "reason": ""}, {"reason": " "}, {"keys": {"limit": {"guard": "", "reason": " "}}}]
)
def test_blanks_are_no_reason(told: Any) -> None:
    """So nothing was held back."""
    rows = _alone(skip_reason=told, applied=False, changed_keys=[], values={}, parameters=_stands(9))
    rows[2]["state_hash"] = state_hash(_stands(9))
    result = judge_older_deltas(rows, CONFIG).rows[1]
    assert (dict(result.skipped), result.outcome) == ({}, "failed")
