"""Verdicts: which of their checks are to blame for the exit code."""

from __future__ import annotations

from itertools import combinations

import pytest

from soakctl.domain.verdict import Severity, Verdict
from soakctl.errors import ExitCode
from tests.support.verdicts import ALL, FAILED, NOTE, OK, OPEN, UNREAD, WARNED, verdict_of


def _blamed(verdict: Verdict) -> set[str]:
    return {check.id for check in verdict.checks if verdict.fails(check)}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("fail_on_warn", [False, True])
def test_the_exit_code_is_0_exactly_where_no_check_is_to_blame(*, strict: bool, fail_on_warn: bool) -> None:
    """A report that counts failing checks says what the exit code says, for every mixture of checks."""
    for size in range(1, len(ALL) + 1):
        for checks in combinations(ALL, size):
            verdict = verdict_of(checks, strict=strict, fail_on_warn=fail_on_warn)
            assert bool(_blamed(verdict)) == (verdict.exit_code is not ExitCode.SUCCESS), checks


@pytest.mark.parametrize(
    ("how", "checks", "blamed"),
    [
        ({}, ALL, {FAILED.id}),
        ({"strict": True}, ALL, {FAILED.id, UNREAD.id, OPEN.id}),
        ({"strict": True}, (OK, NOTE, WARNED), set()),
        ({"fail_on_warn": True}, (OK, NOTE, UNREAD, WARNED), {UNREAD.id, WARNED.id}),
        ({"fail_on_warn": True}, ALL, {FAILED.id}),
    ],
)
def test_who_is_to_blame(how: dict[str, bool], checks: tuple[object, ...], blamed: set[str]) -> None:
    """Failures always; strictly what is open or missing; warnings only where nothing worse decided."""
    assert _blamed(verdict_of(checks, **how)) == blamed  # type: ignore[arg-type]


def test_nothing_checked_is_to_blame_itself() -> None:
    """A gate without checks names that as its failure."""
    verdict = verdict_of(())
    assert [check.severity for check in verdict.checks] == [Severity.FAIL]
    assert verdict.fails(verdict.checks[0])
