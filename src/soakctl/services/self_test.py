"""The self-test: known cases through the real engine in virtual time, each compared with its known verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soakctl.domain.verdict import Outcome, Severity
from soakctl.services.gate import judge_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from soakctl.domain.record import Record


@dataclass(frozen=True, slots=True)
class Known:
    """What a case must come to."""

    name: str
    outcome: Outcome
    check: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a case came to, beside what it must come to."""

    known: Known
    outcome: Outcome
    checks: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether the verdict is the known one, and for the known reason."""
        return self.outcome is self.known.outcome and (not self.known.check or self.known.check in self.checks)


def run_cases(cases: Sequence[tuple[Known, Callable[[], Record]]]) -> Iterator[Finding]:
    """Run each case and judge its record; one finding a case, as it comes."""
    for known, run in cases:
        verdict = judge_run(run()).verdict
        worried = {Severity.FAIL} if verdict.outcome is Outcome.FAIL else {Severity.WARN, Severity.NO_DATA}
        named = tuple(check.id for check in verdict.checks if check.severity in worried)
        yield Finding(known, verdict.outcome, named)


def self_test_document(findings: Sequence[Finding]) -> dict[str, Any]:
    """What `soak --self-test --json` prints."""
    return {
        "schema": "soakctl.self-test/1",
        "passed": all(finding.right for finding in findings),
        "cases": [
            {
                "name": finding.known.name,
                "expected": finding.known.outcome.value,
                "expected_check": finding.known.check,
                "found": finding.outcome.value,
                "checks": list(finding.checks),
                "right": finding.right,
            }
            for finding in findings
        ],
    }
