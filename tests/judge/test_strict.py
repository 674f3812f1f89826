"""What is open, missing or short: softened in a short run, failed by --strict, told by --fail-on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from soakctl.domain.verdict import Check, Outcome, Severity, Verdict
from soakctl.errors import ExitCode
from soakctl.judge.verdict import Options, judge
from tests.support.records import HOUR, STOPPED, iteration_of, record_of, series_of
from tests.support.scripted import config_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.domain.iteration import Iteration

    Tail = Sequence[tuple[float, str, Mapping[str, Any]]]

KPI: dict[str, Any] = {"name": "quality", "source": {"log": "quality=(.*)"}, "min": 0.5, "aggregate": "max"}
CONFIG = config_of(kpis=[KPI])
VALUES = {"P": 1.0, "F": 0.0, "N": None}
OPEN = ("resource.rss", "resource.fds", "resource.threads", "resource.processes")


def iterations_of(marks: str, hours: float = 8.0) -> list[Iteration]:
    """An eighth of the run a mark: P passes, F fails, N has no value."""
    step = hours * HOUR / 8
    return [
        iteration_of(index, VALUES[mark], started_s=step * (index - 1) + 1, ended_s=step * index)
        for index, mark in enumerate(marks, start=1)
    ]


def verdict_of(marks: str, *, hours: float = 8.0, tail: Tail = STOPPED, **options: Any) -> Verdict:
    """The verdict of a run of so many hours; its few samples leave growth open unless trends are left out."""
    record = record_of(iterations_of(marks, hours), config=CONFIG, hours=hours, tail=tail)
    return judge(record, CONFIG, Options(**options)).verdict


def check(verdict: Verdict, check_id: str) -> Check:
    """The check of this id."""
    return next(item for item in verdict.checks if item.id == check_id)


@pytest.mark.parametrize(
    ("hours", "marks", "severity", "outcome"),
    [
        (0.5, "PPPPPPPP", "info", Outcome.PASS),
        (0.999, "PPPPPPPP", "info", Outcome.PASS),
        (1.0, "PPPPPPPP", "warn", Outcome.WARN),
        (8.0, "PPPPPPPP", "warn", Outcome.WARN),
        (0.5, "PPPNPPPP", "warn", Outcome.WARN),
        (0.5, "FFFFPPPP", "warn", Outcome.FAIL),
    ],
)
def test_open_growth_is_softened_in_a_short_run_that_is_else_fine(
    hours: float, marks: str, severity: str, outcome: Outcome
) -> None:
    """INCONCLUSIVE warns, but in a run planned for under an hour whose other checks pass it is said and no more."""
    verdict = verdict_of(marks, hours=hours)
    assert {check(verdict, name).severity for name in OPEN} == {severity}
    assert verdict.outcome is outcome
    assert all("INCONCLUSIVE" in check(verdict, name).reason for name in OPEN)


def test_a_short_run_that_was_cut_shorter_is_not_softened() -> None:
    """A run that ended early is one whose other checks do not pass."""
    tail: Tail = [
        (301.0, "stop_rung", {"rung": "requested", "reason": "interrupted"}),
        (302.0, "run_ended", {"reason": "interrupted"}),
    ]
    verdict = verdict_of("P", hours=0.5, tail=tail)
    assert check(verdict, "record.duration").severity is Severity.WARN
    assert {check(verdict, name).severity for name in OPEN} == {Severity.WARN}


def test_a_proven_leak_beside_open_growth_is_not_softened() -> None:
    """One resource that fails makes the others' open questions worth reading."""
    columns: dict[str, list[float | None]] = {
        "rss_bytes": [1e8 + 1e7 * place for place in range(30)],
        "num_fds": [5.0] * 5 + [None] * 25,
        "zombies": [0.0] * 30,
        "cpu_seconds_total": [1.0] * 30,
    }
    record = record_of(iterations_of("PPPPPPPP", 0.5), config=CONFIG, hours=0.5, series=series_of(columns))
    verdict = judge(record, CONFIG, Options()).verdict
    assert check(verdict, "resource.rss").severity in {Severity.FAIL, Severity.WARN}
    assert check(verdict, "resource.fds").severity is Severity.WARN


@pytest.mark.parametrize("hours", [0.5, 8.0])
def test_strict_fails_what_is_open(hours: float) -> None:
    """Softened or not, INCONCLUSIVE is no answer to a strict gate."""
    verdict = verdict_of("PPPPPPPP", hours=hours, strict=True)
    assert (verdict.outcome, verdict.exit_code) == (Outcome.FAIL, ExitCode.EXCEPTION)


@pytest.mark.parametrize(
    ("marks", "relaxed", "strict"),
    [
        ("PPPPPPPP", Outcome.PASS, Outcome.PASS),
        ("PPPNPPPP", Outcome.WARN, Outcome.FAIL),
        ("FFFPPPPP", Outcome.WARN, Outcome.WARN),
        ("FFFFPPPP", Outcome.FAIL, Outcome.FAIL),
    ],
)
def test_strict_fails_what_is_missing_and_nothing_else(marks: str, relaxed: Outcome, strict: Outcome) -> None:
    """A warning that is none of missing data, open growth and a short run stays one."""
    assert verdict_of(marks, trends=False).outcome is relaxed
    assert verdict_of(marks, trends=False, strict=True).outcome is strict


def test_a_run_shorter_than_planned_warns_and_fails_strictly() -> None:
    """Half of it was good; that is not the run that was asked for."""
    half = [(4 * HOUR + 1, kind, data) for _, kind, data in STOPPED]
    assert verdict_of("PPPP", tail=half, trends=False).outcome is Outcome.WARN
    assert verdict_of("PPPP", tail=half, trends=False, strict=True).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("marks", "code"),
    [("PPPPPPPP", ExitCode.SUCCESS), ("FFFPPPPP", ExitCode.EXCEPTION), ("FFFFFFFF", ExitCode.EXCEPTION)],
)
def test_fail_on_warn_changes_the_exit_code_and_not_the_verdict(marks: str, code: ExitCode) -> None:
    """A WARN stays a WARN, and exits with 1."""
    verdict = verdict_of(marks, trends=False, fail_on_warn=True)
    assert (verdict.exit_code, verdict.outcome) == (code, verdict_of(marks, trends=False).outcome)
