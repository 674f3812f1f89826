"""Checks, findings and the verdict made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from soakctl.errors import ExitCode, strongest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Severity(StrEnum):
    """How a check came out. INFO is said and changes nothing; NO_DATA is at least a warning."""

    OK = "ok"
    INFO = "info"
    NO_DATA = "no_data"
    WARN = "warn"
    FAIL = "fail"


class Outcome(StrEnum):
    """The three verdicts."""

    PASS = "PASS"  # noqa: S105 - a verdict
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a verdict.

    Attributes:
        id: stable name, as `kpi.p95_latency_ms` or `resource.rss`.
        severity: how it came out.
        what: what was looked at, for people.
        value: what was found, printed with its unit; "" without data.
        limit: what was allowed, printed; "" where nothing was asked.
        window: over what it was taken.
        points: how many values that was.
        reason: why it came out so, one line.
        hint: what to do next.
        evidence: lines that show it, redacted when stored or shown.
        exit_code: what the process exits with when this check decides.
        strict: counts as FAIL under --strict.
    """

    id: str
    severity: Severity
    what: str
    value: str = ""
    limit: str = ""
    window: str = ""
    points: int = 0
    reason: str = ""
    hint: str = ""
    evidence: tuple[str, ...] = ()
    exit_code: ExitCode = ExitCode.EXCEPTION
    strict: bool = False

    def to_json(self) -> dict[str, Any]:
        """By name, ready for JSON."""
        return {
            "id": self.id,
            "severity": str(self.severity),
            "what": self.what,
            "value": self.value,
            "limit": self.limit,
            "window": self.window,
            "points": self.points,
            "reason": self.reason,
            "hint": self.hint,
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run is worth.

    Attributes:
        outcome: PASS, WARN or FAIL.
        exit_code: what the process exits with.
        checks: every check that was made, in the order of the report.
        mock: judged by mock limits.
        strict: judged strictly.
        facts: figures that reports show beside the checks (pass count, window, KPI means, …).
    """

    outcome: Outcome
    exit_code: ExitCode
    checks: tuple[Check, ...]
    mock: bool = False
    strict: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Check, ...]:
        """The checks a person should read, worst first."""
        order = [Severity.FAIL, Severity.WARN, Severity.NO_DATA, Severity.INFO]
        found = [check for check in self.checks if check.severity is not Severity.OK]
        return tuple(sorted(found, key=lambda check: order.index(check.severity)))

    def fails(self, check: Check) -> bool:
        """Whether the process exits with another code than 0 because of this check, among others."""
        if self.outcome is Outcome.WARN:
            return self.exit_code is not ExitCode.SUCCESS and _warns(check)
        return _fails(check, strict=self.strict)


def _fails(check: Check, *, strict: bool) -> bool:
    return check.severity is Severity.FAIL or (strict and (check.strict or check.severity is Severity.NO_DATA))


def _warns(check: Check) -> bool:
    return check.severity in {Severity.WARN, Severity.NO_DATA}


def conclude(
    checks: Iterable[Check], *, mock: bool, strict: bool, fail_on_warn: bool = False, facts: Mapping[str, Any]
) -> Verdict:
    """The verdict of these checks: any FAIL fails, any WARN or missing value warns; without any check it fails."""
    made = tuple(checks)
    failing = [check for check in made if _fails(check, strict=strict)]
    if not made:
        none = Check("gate.no_checks", Severity.FAIL, "Checks", reason="nothing was checked, which proves nothing")
        return Verdict(Outcome.FAIL, ExitCode.CONFIG_ERROR, (none,), mock, strict, facts)
    if failing:
        code = strongest(check.exit_code for check in failing)
        return Verdict(Outcome.FAIL, code, made, mock, strict, facts)
    warned = any(_warns(check) for check in made)
    code = ExitCode.EXCEPTION if warned and fail_on_warn else ExitCode.SUCCESS
    return Verdict(Outcome.WARN if warned else Outcome.PASS, code, made, mock, strict, facts)
