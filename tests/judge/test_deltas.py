"""Whether changes were really applied: a sound record has no mismatch, and each kind of tampering is named."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.tuning_files import REPORT, SUMMARIES
from soakctl.domain.delta import state_hash
from soakctl.domain.record import OverridesCopy
from soakctl.judge.delta_checks import judge_deltas
from soakctl.judge.verdict import Options, judge
from tests.support.tuned import improves, soak_tuned

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.record import Record

Row = dict[str, Any]
TUNED = improves()
RECORD, _ = soak_tuned(TUNED)


def record() -> Record:
    """A sound record, to do with as one likes."""
    state = copy.deepcopy(RECORD.state)
    rows = state.tuning.rows
    files = {SUMMARIES: copy.deepcopy(rows), REPORT: copy.deepcopy(rows)}
    return replace(RECORD, state=state, tuning_files=files)


def _sound(row: Row) -> None:
    """The hash of what stands there now: whoever tampers may know it."""
    row["state_hash"] = state_hash(row["parameters"])


def other_value(row: Row) -> None:
    """Another value than was meant."""
    row["values"]["limit"]["found"] = row["parameters"]["engine"]["limit"] = 12
    _sound(row)


def delta_as_value(row: Row) -> None:
    """The delta written as the value."""
    row["values"]["limit"]["found"] = row["parameters"]["engine"]["limit"] = row["values"]["limit"]["delta"]
    _sound(row)


def wrong_place(row: Row) -> None:
    """The key at the top of the file."""
    row["parameters"]["limit"] = row["parameters"]["engine"].pop("limit")
    _sound(row)


def same_hash(row: Row) -> None:
    """Applied, and the hash as it was."""
    row["state_hash"] = row["old_hash"]


def not_applied(row: Row) -> None:
    """Found as it was before, and said to be applied."""
    row["values"]["limit"]["found"] = row["parameters"]["engine"]["limit"] = row["values"]["limit"]["before"]
    _sound(row)


def other_meaning(row: Row) -> None:
    """What was meant made to fit what was found."""
    row["values"]["limit"] |= {"found": 12, "meant": 12}
    row["parameters"]["engine"]["limit"] = 12
    _sound(row)


def other_type(row: Row) -> None:
    """7.0 where 7 was meant."""
    row["values"]["limit"]["found"] = row["parameters"]["engine"]["limit"] = float(row["values"]["limit"]["meant"])
    _sound(row)


def dotted_place(row: Row) -> None:
    """The whole path as one key at the top of the file, in place of the nested one."""
    row["parameters"]["engine.limit"] = row["parameters"]["engine"].pop("limit")
    _sound(row)


def dotted_beside(row: Row) -> None:
    """The same, and the nested one is as it was."""
    row["parameters"]["engine.limit"] = row["parameters"]["engine"]["limit"]
    row["parameters"]["engine"]["limit"] = row["values"]["limit"]["before"]
    _sound(row)


CASES: list[tuple[Callable[[Row], None], str, str]] = [
    (other_value, "limit: meant 8, found 12", "the value is not what was meant"),
    (delta_as_value, "limit: meant 8, found -1", "the delta was written as the value"),
    (wrong_place, "limit: meant engine.limit, found limit = 8", "a key in the wrong place"),
    (dotted_place, 'limit: meant engine.limit, found "engine.limit" = 8', "a key in the wrong place"),
    (dotted_beside, 'limit: meant engine.limit, found "engine.limit" = 8', "a key in the wrong place"),
    (same_hash, "limit: meant 8, found 8", "the hash of the state did not change"),
    (not_applied, "limit: meant 8, found 9", "the value is still the one before"),
    (other_meaning, "limit: meant 8, found 12", "what was meant is not before plus delta"),
    (other_type, "limit: meant 8, found 8.0", "the value is not what was meant"),
]


def test_a_sound_record_has_no_mismatch() -> None:
    """Every proposal was applied in full, and nothing else happened."""
    deltas = judge_deltas(record(), TUNED.config)
    assert deltas.problems == ()
    assert deltas.facts["full_apply_ratio"] == 1.0
    assert deltas.facts["signature_stuck_count"] == 0
    assert [row.outcome for row in deltas.rows] == ["full"] * 3 + ["none"] * 7
    assert {check.severity.value for check in deltas.checks} == {"ok"}


@pytest.mark.parametrize("where", ["journal", SUMMARIES, REPORT, "everywhere"])
@pytest.mark.parametrize(("tamper", "named", "what"), CASES, ids=[case[0].__name__ for case in CASES])
def test_tampering_fails_naming_iteration_key_meant_and_found(
    tamper: Callable[[Row], None], named: str, what: str, where: str
) -> None:
    """Wherever it is done, and however well the hash fits."""
    tampered = record()
    sources: dict[str, Any] = {"journal": tampered.state.tuning.rows, **tampered.tuning_files}
    for source, rows in sources.items():
        if where in {source, "everywhere"}:
            tamper(rows[2])
    deltas = judge_deltas(tampered, TUNED.config)
    integrity = deltas.checks[0]
    assert deltas.rows[1].outcome in {"failed", "stuck"}, "the report on the changes says the same"
    assert deltas.rows[1].match is False
    stuck = tamper in {same_hash, not_applied} and where in {"journal", "everywhere"}
    assert deltas.facts["signature_stuck_count"] == int(stuck)
    assert integrity.id == "deltas.integrity"
    assert integrity.severity == "fail"
    assert any(f"iteration 2, {named}" in line and what in line for line in integrity.evidence), integrity.evidence
    verdict = judge(tampered, TUNED.config, Options(trends=False)).verdict
    assert verdict.outcome.value == "FAIL"


@pytest.mark.parametrize("where", ["journal", SUMMARIES, REPORT])
def test_a_change_without_a_proposal_fails(where: str) -> None:
    """A value and a hash that moved in an iteration in which nothing was applied."""
    tampered = record()
    sources: dict[str, Any] = {"journal": tampered.state.tuning.rows, **tampered.tuning_files}
    row = sources[where][6]
    row["parameters"]["engine"]["limit"] = 5
    _sound(row)
    lines = judge_deltas(tampered, TUNED.config).checks[0].evidence
    assert any(line.startswith("iteration 6, limit: meant 7, found 5 (it changed without") for line in lines)
    assert any("the hash changed and nothing was applied" in line for line in lines)


def test_an_unproposed_parameter_that_changed_in_the_first_iteration_fails() -> None:
    """There is no iteration before it: the proposal itself tells what stood there, and the hash of before does."""

    def other(row: Row) -> None:
        row["parameters"]["risk"]["ratio"] = 0.4
        _sound(row)

    for old_hash_too in (False, True):
        tampered = record()
        for rows in (tampered.state.tuning.rows, *tampered.tuning_files.values()):
            row: Any = rows[1]
            other(row)
            if old_hash_too:
                row["old_hash"] = state_hash({"engine": {"limit": 10}, "risk": {"ratio": 0.4}})
        lines = judge_deltas(tampered, TUNED.config).checks[0].evidence
        assert "iteration 1, ratio: meant 0.1, found 0.4 (it changed without an applied proposal)" in lines


@pytest.mark.parametrize("where", ["journal", SUMMARIES, REPORT])
def test_a_changed_hash_of_before_fails_in_the_first_iteration(where: str) -> None:
    """It is reckoned anew from the parameters, with the changes put back."""
    tampered = record()
    sources: dict[str, Any] = {"journal": tampered.state.tuning.rows, **tampered.tuning_files}
    sources[where][1]["old_hash"] = "0" * 64
    lines = judge_deltas(tampered, TUNED.config).checks[0].evidence
    assert any(line.startswith("iteration 1, old_hash: meant ") and "found 000000000000…" in line for line in lines)


@pytest.mark.parametrize("source", [SUMMARIES, REPORT])
@pytest.mark.parametrize(
    "broken",
    [
        7,
        [],
        {},
        "text",
        {"values": 3},
        {"values": {"limit": 8}},
        {"parameters": []},
        {"proposed_deltas": {"limit": "x"}},
    ]
    + [{name: None} for name in ("applied", "skip_reason", "values", "state_hash", "rationale")],
)
def test_what_is_malformed_is_a_mismatch(source: str, broken: Any) -> None:
    """Where the journal has the iteration: told otherwise is not the same as not told."""
    tampered = record()
    files: Any = tampered.tuning_files
    files[source][2] = {**files[source][2], **broken} if isinstance(broken, dict) and broken else broken
    deltas = judge_deltas(tampered, TUNED.config)
    assert deltas.checks[0].severity == "fail"
    assert deltas.checks[0].reason.startswith("iteration 2, ")
    assert deltas.rows[1].outcome == "failed"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"engine": {"limit": 7}, "risk": {"ratio": 0.1}}, ""),
        ({"engine": {"limit": 8}, "risk": {"ratio": 0.1}}, "iteration 3, limit: meant 7, found 8"),
        ({"engine": {"limit": 7}}, "iteration 3, ratio: meant 0.1, found nothing"),
        ({"engine": {"limit": 7}, "risk": {"ratio": 0.1}, "limit": 7}, "meant engine.limit, found limit = 7"),
        ({"engine": {"limit": 7}, "risk": {"ratio": 0.1}, "risk.ratio": 9}, 'found "risk.ratio" = 9'),
    ],
)
def test_the_file_that_a_mock_run_leaves_is_compared_with_the_record(document: Any, said: str) -> None:
    """Nobody else has written it, so it holds what was recorded last and nothing else."""
    left = replace(record(), overrides=OverridesCopy("o.json", document))
    integrity = judge_deltas(left, TUNED.config).checks[0]
    assert integrity.severity == ("fail" if said else "ok")
    assert said in integrity.reason
    gone = replace(record(), overrides=OverridesCopy("o.json", None, "o.json is missing"))
    checks = judge_deltas(gone, TUNED.config).checks
    assert [check.severity for check in checks if check.id == "deltas.record"] == ["no_data"]


def test_values_that_changed_under_an_unchanged_hash_fail() -> None:
    """Whatever the count."""
    tampered = record()
    tampered.state.tuning.rows[6]["parameters"]["engine"]["limit"] = 5
    check = judge_deltas(tampered, TUNED.config).checks[0]
    assert "iteration 6, limit: meant 7, found 5" in check.reason


def test_what_the_documents_lack_is_no_data() -> None:
    """A summary that is gone is missed, and a journal that tells nothing of an iteration too."""
    tampered = record()
    files: Any = tampered.tuning_files
    files[SUMMARIES][4] = None
    del tampered.state.tuning.rows[9]
    reasons = [check.reason for check in judge_deltas(tampered, TUNED.config).checks if check.id == "deltas.record"]
    assert reasons == [
        "ITER_SUMMARY files tell nothing of the tuning in iteration 4 (1 in all)",
        "the journal tells nothing of the tuning in iteration 9 (1 in all)",
    ]


def test_a_proposal_without_an_outcome_counts_against_the_ratio() -> None:
    """Neither applied nor held back with a reason: a warning, and a failure under --strict."""
    tampered = replace(record(), tuning_files={})
    for row in tampered.state.tuning.rows.values():
        if row["applied"]:
            row["applied"] = False
            row["values"]["limit"]["found"] = None
            row["parameters"] = {"engine": {"limit": 10}, "risk": {"ratio": 0.1}}
            row["state_hash"] = row["old_hash"] = state_hash(row["parameters"])
            row["values"]["limit"] |= {"before": 10, "delta": -1, "meant": 9}
        else:
            row["parameters"] = {"engine": {"limit": 10}, "risk": {"ratio": 0.1}}
            row["state_hash"] = row["old_hash"] = state_hash(row["parameters"])
    deltas = judge_deltas(tampered, TUNED.config)
    ratio = deltas.checks[1]
    assert deltas.facts["full_apply_ratio"] == 0.0
    assert (ratio.severity.value, ratio.strict) == ("warn", True)
    assert deltas.rows[0].outcome == "failed"
    assert "no outcome was recorded for limit" in deltas.rows[0].reason


def test_a_run_without_proposals_has_no_ratio() -> None:
    """0/0 is null, and said; not 0 and not 1."""
    quiet = improves()
    quiet.kpis["speed"] = lambda _document, _at: 50.0
    found, _ = soak_tuned(quiet)
    deltas = judge_deltas(found, quiet.config)
    assert deltas.facts["full_apply_ratio"] is None
    assert deltas.checks[1].severity == "info"


def test_a_run_that_did_not_tune_has_no_such_check() -> None:
    """Delta checks exist only if the run tuned."""
    untuned = replace(RECORD, manifest=RECORD.manifest.model_copy(update={"flags": {}}))
    checks = judge(untuned, TUNED.config, Options(trends=False)).verdict.checks
    assert not [check for check in checks if check.id.startswith("deltas.")]
