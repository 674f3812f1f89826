"""Checks made into a verdict."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.verdict import Check, Outcome, Severity, Verdict, conclude
from soakctl.errors import ExitCode

OK, INFO, NO_DATA, WARN, FAIL = (
    Check(str(severity), severity, "a check")
    for severity in (Severity.OK, Severity.INFO, Severity.NO_DATA, Severity.WARN, Severity.FAIL)
)
OPEN = replace(WARN, id="open", strict=True)
SOFTENED = replace(INFO, id="softened", strict=True)
ALL = (OK, INFO, NO_DATA, WARN, FAIL, OPEN, SOFTENED)


def verdict_of(*checks: Check, strict: bool = False, fail_on_warn: bool = False) -> Verdict:
    """The verdict of these checks."""
    return conclude(checks, mock=False, strict=strict, fail_on_warn=fail_on_warn, facts={})


@pytest.mark.parametrize(
    ("checks", "relaxed", "strict"),
    [
        ([OK], "PASS", "PASS"),
        ([OK, INFO], "PASS", "PASS"),
        ([INFO], "PASS", "PASS"),
        ([OK, WARN], "WARN", "WARN"),
        ([OK, NO_DATA], "WARN", "FAIL"),
        ([OK, OPEN], "WARN", "FAIL"),
        ([OK, SOFTENED], "PASS", "FAIL"),
        ([OK, FAIL], "FAIL", "FAIL"),
        ([FAIL, WARN, NO_DATA], "FAIL", "FAIL"),
    ],
)
def test_the_worst_check_is_the_verdict(checks: list[Check], relaxed: str, strict: str) -> None:
    """Any FAIL fails, any WARN or missing value warns; strictly, what is missing or open fails."""
    assert verdict_of(*checks).outcome == relaxed
    assert verdict_of(*checks, strict=True).outcome == strict


@pytest.mark.parametrize("strict", [False, True])
def test_without_any_check_it_fails(strict: bool) -> None:
    """A gate that looked at nothing proves nothing, and says so."""
    verdict = verdict_of(strict=strict)
    assert (verdict.outcome, verdict.exit_code) == (Outcome.FAIL, ExitCode.CONFIG_ERROR)
    assert verdict.checks[0].reason == "nothing was checked, which proves nothing"


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["EXCEPTION"], "EXCEPTION"),
        (["EXCEPTION", "STALLED"], "STALLED"),
        (["STALLED", "API_ERROR", "EXCEPTION"], "API_ERROR"),
        (["API_ERROR", "DEPENDENCY_ERROR"], "DEPENDENCY_ERROR"),
        (["DEPENDENCY_ERROR", "CONFIG_ERROR"], "CONFIG_ERROR"),
    ],
)
def test_the_strongest_code_of_the_failing_checks_is_the_exit_code(codes: list[str], expected: str) -> None:
    """3 before 5 before 4 before 2 before 1, in whatever order the checks come."""
    checks = [replace(FAIL, exit_code=ExitCode[code]) for code in codes]
    for order in itertools.permutations(checks):
        assert verdict_of(OK, *order).exit_code is ExitCode[expected]


def test_the_code_of_a_check_that_did_not_fail_does_not_count() -> None:
    """Only what fails has a say."""
    verdict = verdict_of(replace(OK, exit_code=ExitCode.CONFIG_ERROR), replace(WARN, exit_code=ExitCode.STALLED), FAIL)
    assert verdict.exit_code is ExitCode.EXCEPTION


@pytest.mark.parametrize(
    ("checks", "outcome", "code"),
    [
        ([OK], "PASS", 0),
        ([OK, WARN], "WARN", 1),
        ([OK, NO_DATA], "WARN", 1),
        ([FAIL], "FAIL", 1),
        ([SOFTENED], "PASS", 0),
    ],
)
def test_fail_on_warn_makes_a_warning_exit_with_1(checks: list[Check], outcome: str, code: int) -> None:
    """The word of the verdict stays."""
    verdict = verdict_of(*checks, fail_on_warn=True)
    assert (verdict.outcome, int(verdict.exit_code)) == (outcome, code)


def test_findings_are_worst_first_and_leave_out_what_is_fine() -> None:
    """Within a severity the order of the report stays."""
    first, second = replace(WARN, id="first"), replace(WARN, id="second")
    verdict = verdict_of(INFO, first, OK, NO_DATA, second, FAIL)
    assert [item.id for item in verdict.findings] == ["fail", "first", "second", "no_data", "info"]


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=6), st.booleans(), st.booleans())
def test_a_verdict_is_consistent(checks: list[Check], strict: bool, fail_on_warn: bool) -> None:
    """Exit code, outcome and the checks that are to blame always agree; more checks never make it better."""
    verdict = verdict_of(*checks, strict=strict, fail_on_warn=fail_on_warn)
    order = [Outcome.PASS, Outcome.WARN, Outcome.FAIL]
    blamed = [item for item in verdict.checks if verdict.fails(item)]
    assert bool(blamed) == (verdict.exit_code is not ExitCode.SUCCESS)
    assert verdict.outcome is not Outcome.FAIL or blamed
    assert verdict.checks == tuple(checks)
    for more in ALL:
        wider = verdict_of(*checks, more, strict=strict, fail_on_warn=fail_on_warn)
        assert order.index(wider.outcome) >= order.index(verdict.outcome)
    assert order.index(verdict_of(*checks, strict=True).outcome) >= order.index(verdict_of(*checks).outcome)
