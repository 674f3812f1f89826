"""A validation as a verdict, for those reports that know nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.validation import Status
from soakctl.domain.verdict import Check, Outcome, Severity, Verdict
from soakctl.services.validate.document import NOTHING, exit_of, is_green

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.validation import SectionResult


def validation_verdict(results: Sequence[SectionResult]) -> Verdict:
    """A check a section."""
    code = exit_of(results)
    checks = [_check(result) for result in results]
    if not results:
        checks.append(Check("validate.nothing", Severity.FAIL, "Sections", reason=NOTHING, exit_code=code))
    facts = {"observed_s": sum(result.took_s for result in results)}
    return Verdict(Outcome.PASS if is_green(results) else Outcome.FAIL, code, tuple(checks), facts=facts)


def _check(result: SectionResult) -> Check:
    severity = Severity.FAIL if not result.ok else Severity.INFO if result.status is Status.SKIP else Severity.OK
    return Check(
        f"validate.{result.name}",
        severity,
        result.name,
        result.details,
        "",
        reason=result.reason or result.details,
        hint=" ".join(result.causes),
        evidence=result.problems[:20],
        exit_code=result.exit_code,
    )
