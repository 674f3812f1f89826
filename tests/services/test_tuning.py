"""Tuning in a soak: what is changed, what is held back, what is taken back, and what is left of it in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from soakctl.domain.delta import state_hash
from soakctl.domain.tuning import Tune
from soakctl.judge.delta_checks import judge_deltas
from tests.support.tuned import MemoryOverrides, Tuned, improves, limit_of, soak_tuned, worsens

if TYPE_CHECKING:
    from soakctl.domain.record import Record
    from soakctl.domain.verdict import Check


def test_a_delta_is_added_to_the_value_and_read_again() -> None:
    """The new value is current plus delta, at the nested path; never the delta itself."""
    tuned = improves()
    record, store = soak_tuned(tuned)
    assert [event["values"]["limit"]["found"] for event in store.of("delta_applied")] == [9, 8, 7]
    assert tuned.overrides.document == {"engine": {"limit": 7}, "risk": {"ratio": 0.1}}
    assert record.state.tuning.parameters == tuned.overrides.document
    assert record.state.tuning.state_hash == state_hash(tuned.overrides.document)


def test_every_iteration_has_its_tuning_part() -> None:
    """In its summary and in the report, and both say the same."""
    _, store = soak_tuned(improves())
    first = store.documents["ITER_SUMMARY_1.json"]["tuning"]
    assert first["proposed_deltas"] == {"limit": -1}
    assert first["applied"]
    assert first["skip_reason"] == ""
    assert first["changed_keys"] == ["limit"]
    assert first["values"] == {"limit": {"path": "engine.limit", "before": 10, "delta": -1, "meant": 9, "found": 9}}
    assert first["parameters"] == {"engine": {"limit": 9}, "risk": {"ratio": 0.1}}
    assert first["old_hash"] != first["state_hash"] == state_hash(first["parameters"])
    assert first["rationale"] == ["FAST: speed 130 is > 100 -> limit 10 to 9 (-1)"]
    rows = store.documents["TUNING_REPORT.json"]["iterations"]
    assert [row["iteration"] for row in rows] == list(range(1, 11))
    for row in rows:
        part = {key: value for key, value in row.items() if key not in {"iteration", "kpi_verdict"}}
        assert part == store.documents[f"ITER_SUMMARY_{row['iteration']}.json"]["tuning"]


def test_proposals_alone_write_nothing() -> None:
    """Everything is recorded as with --auto-tune, and nothing is done."""
    tuned = improves()
    tuned.tune = Tune.PROPOSE
    _, store = soak_tuned(tuned)
    assert tuned.overrides.writes == 0
    assert len(store.of("delta_proposed")) == 9
    assert all(event["skipped"]["limit"]["guard"] == "propose_only" for event in store.of("delta_skipped")[:9])


def test_without_the_flag_nothing_is_looked_at() -> None:
    """Parameters and rules in the configuration do nothing by themselves."""
    tuned = improves()
    tuned.tune = Tune.OFF
    record, store = soak_tuned(tuned)
    assert tuned.overrides.writes == 0
    assert not any(kind.startswith("delta_") for kind in store.kinds())
    assert store.documents["ITER_SUMMARY_1.json"]["tuning"] is None
    assert not record.state.tuning.seen


def test_a_change_that_makes_a_kpi_worse_is_taken_back() -> None:
    """Beyond its noise; it is recorded, and the parameter rests."""
    tuned = worsens()
    record, store = soak_tuned(tuned)
    reverted = store.of("delta_reverted")
    assert reverted[0]["iteration"] == 2
    assert reverted[0]["revert_of"] == 1
    assert reverted[0]["values"]["limit"] | {} == {
        "path": "engine.limit",
        "before": 9,
        "delta": 1,
        "meant": 10,
        "found": 10,
    }
    held = store.documents["ITER_SUMMARY_3.json"]["tuning"]["skip_reason"]
    assert held["keys"]["limit"]["guard"] == "oscillation"
    assert "(oscillation)" in held["reason"]
    assert judge_deltas(record, tuned.config).facts["reverted"] == len(reverted)


def test_what_is_within_the_noise_stays() -> None:
    """A KPI that wanders by itself takes nothing back."""
    wander = [0.0, 6.0, -5.0, 7.0, -6.0, 5.0, -7.0, 6.0, -4.0, 5.0, 0.0]
    tuned = improves()
    tuned.kpis["speed"] = lambda document, at_s: 85 + 5 * limit_of(document) + wander[int(at_s // 3600) % len(wander)]
    _, store = soak_tuned(tuned)
    assert store.of("delta_reverted") == []


def test_a_file_changed_by_someone_else_is_left_alone() -> None:
    """Nothing is written from then on, and the gate says so."""
    tuned = improves()

    def meddle(document: dict[str, object], at_s: float) -> float:
        if at_s > 2.5 * 3600 and isinstance(document.get("engine"), dict):
            document["engine"] = {"limit": 15}
        return 130.0 if at_s < 3 * 3600 else 125.0

    tuned.kpis["speed"] = meddle
    record, store = soak_tuned(tuned)
    assert tuned.overrides.document["engine"] == {"limit": 15}
    told = [event["reason"] for event in store.of("delta_skipped")]
    assert any("changed by someone else: limit was 8 and is 15" in reason for reason in told)
    checks = {check.id: check for check in judge_deltas(record, tuned.config).checks}
    assert checks["deltas.file"].severity == "warn"
    assert checks["deltas.integrity"].severity == "ok"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"engine": 7}, "engine is not an object"),
        ({"engine": {"limit": "10"}}, "holds text, and a number is expected"),
        ({"engine": {"limit": True}}, "holds true or false"),
        ({"engine": {"limit": 10.5}}, "a whole number is expected"),
        ({"engine": {"limit": 21}}, "out of bounds: 1 to 20"),
    ],
)
def test_what_cannot_be_tuned_is_refused(document: dict[str, object], reason: str) -> None:
    """With the reason, and the file is as it was."""
    tuned = improves()
    tuned.overrides = MemoryOverrides(dict(document))
    _, store = soak_tuned(tuned)
    assert tuned.overrides.document == document
    assert reason in store.of("delta_skipped")[0]["reason"]


def test_every_other_key_of_the_file_is_kept() -> None:
    """Only the parameters are ours."""
    tuned = improves()
    tuned.overrides = MemoryOverrides({"engine": {"other": [1, 2]}, "name": "x"})
    soak_tuned(tuned)
    assert tuned.overrides.document["name"] == "x"
    assert tuned.overrides.document["engine"] == {"other": [1, 2], "limit": 7}


def test_what_was_found_is_recorded_and_not_what_was_meant() -> None:
    """A write that went wrong is in the record as it is, and the gate fails by it."""
    tuned = improves()

    def delta_as_value(document: dict[str, dict[str, float]]) -> None:
        document["engine"]["limit"] = 1

    tuned.overrides.spoil = delta_as_value
    record, store = soak_tuned(tuned)
    assert store.of("delta_applied")[0]["values"]["limit"]["found"] == 1
    integrity = judge_deltas(record, tuned.config).checks[0]
    assert integrity.severity == "fail"
    assert "iteration 1, limit: meant 9, found 1" in integrity.reason


def test_a_freeze_holds_the_chosen_group() -> None:
    """After so many good iterations, for so many; others may still move."""
    rules = [
        {"name": "DOWN", "when": {"speed": {"gt": 90}}, "change": {"limit": {"add": -1}, "ratio": {"add": 0.01}}},
    ]
    guards = {"freeze": {"after": 2, "iterations": 3, "groups": ["engine"]}, "cooldown": {"large": "90%"}}
    tuned = improves(rules=rules, guards=guards)
    tuned.kpis["speed"] = lambda _document, _at: 95.0
    record, store = soak_tuned(tuned)
    skipped = {event["iteration"]: event["skipped"] for event in store.of("delta_skipped")}
    assert [number for number, keys in skipped.items() if keys.get("limit", {}).get("guard") == "freeze"]
    applied = store.of("delta_applied")
    assert set(applied[0]["values"]) == {"limit", "ratio"}
    assert set(applied[1]["values"]) == {"ratio"}
    assert record.state.tuning.rows[2]["freeze_triggered"]
    assert not record.state.tuning.rows[3]["freeze_triggered"]
    facts = judge_deltas(record, tuned.config).facts
    assert facts["freeze_seen"]
    assert facts["full_apply_ratio"] == 1.0


def test_nothing_is_tuned_by_an_iteration_in_which_the_service_died() -> None:
    """Its figures are those of a service that was not there."""
    tuned = improves()
    tuned = Tuned(tuned.config, {"speed": lambda _document, _at: None})
    _, store = soak_tuned(tuned)
    assert {event["reason"] for event in store.of("delta_skipped")} == {"no rule holds", "the run ends here"}


def _checks(record: Record, tuned: Tuned) -> dict[str, Check]:
    return {check.id: check for check in judge_deltas(record, tuned.config).checks}


def test_what_stood_in_the_file_at_the_start_is_recorded_and_a_change_in_the_first_iteration_refused() -> None:
    """It is no change of ours, whoever made it; also where there was no file at all."""
    tuned = improves()
    tuned.overrides = MemoryOverrides({"engine": {"limit": 10}, "risk": {"ratio": 0.1}})

    def meddle(document: dict[str, Any], _at_s: float) -> float:
        document["engine"]["limit"] = 15
        return 130.0

    tuned.kpis["speed"] = meddle
    record, store = soak_tuned(tuned)
    assert store.of("overrides_read")[0]["parameters"] == {"engine": {"limit": 10}, "risk": {"ratio": 0.1}}
    assert "changed by someone else: limit was 10 and is 15" in store.of("delta_skipped")[0]["reason"]
    assert tuned.overrides.writes == 0
    assert record.state.tuning.rows[1]["parameters"]["engine"] == {"limit": 10}
    checks = _checks(record, tuned)
    assert checks["deltas.file"].severity == "warn"
    assert "limit: meant 10, found 15" in checks["deltas.file_at_end"].reason


def test_a_change_behind_the_last_write_is_seen_when_the_run_ends() -> None:
    """By the look that was recorded, with the parameter, what was meant and what was found; strict fails by it."""
    tuned = improves()

    def meddle(document: dict[str, Any], at_s: float) -> float:
        speed = 30.0 + 10.0 * limit_of(document)
        if at_s > 9.5 * 3600:
            document["engine"]["limit"] = 15
        return speed

    tuned.kpis["speed"] = meddle
    record, _ = soak_tuned(tuned)
    check = _checks(record, tuned)["deltas.file_at_end"]
    assert (check.severity, check.strict) == ("warn", True)
    assert "limit: meant 7, found 15" in check.reason
    record.state.tuning.at_end = None
    assert _checks(record, tuned)["deltas.file_at_end"].severity == "no_data"
    tuned = improves()
    assert "deltas.file_at_end" not in _checks(soak_tuned(tuned)[0], tuned)


def test_what_is_as_far_as_it_may_go_is_told_in_rationale() -> None:
    """And nothing is proposed."""
    tuned = improves()
    tuned.kpis["speed"] = lambda _document, _at: 130.0
    tuned.overrides = MemoryOverrides({"engine": {"limit": 1}})
    record, _ = soak_tuned(tuned)
    row = record.state.tuning.rows[1]
    assert row["proposed_deltas"] == {}
    assert row["rationale"] == ["FAST: speed 130 is > 100 -> limit stays at 1 (-1), which is as far as it may go"]
