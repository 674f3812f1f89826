"""The changes of a run that an older tool made: what cannot be proven is no data, never a pass."""

from __future__ import annotations

from typing import Any

import pytest

from soakctl.domain.config.root import Config
from soakctl.judge.deltas_older import judge_older_deltas

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
    assert check.reason == "iteration 2, interval: meant 65.0, found 5 (the delta was written as the value)"


def test_what_cannot_be_verified_is_no_data() -> None:
    """And said, by iteration."""
    deltas = judge_older_deltas({1: _row(A), 2: _row(B, {"interval": 5}, applied=True)}, CONFIG)
    told = [check for check in deltas.checks if check.id == "deltas.record"]
    assert [check.severity.value for check in told] == ["no_data"]
    assert "(2)" in told[0].reason
