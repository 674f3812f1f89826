"""gate --deltas: whether the parameter changes of a run were really applied, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.verdict import Check, Severity, Verdict, conclude
from soakctl.errors import NoDataError
from soakctl.judge.delta_checks import judge_deltas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.config.root import Config
    from soakctl.domain.deltas import DeltaJudgement
    from soakctl.domain.record import Record

DELTA_REPORT = "DELTA_VERIFY_REPORT.md"
_HINT = "Tune one with `soakctl soak --auto-tune`."


def deltas_of(record: Record, config: Config) -> DeltaJudgement:
    """The verified changes of a run. Raises NoDataError for one that did not tune, or not yet."""
    if not record.manifest.tuned:
        message = f"run {record.manifest.run_id} did not tune, so there are no changes to verify"
        raise NoDataError(message, hint=_HINT)
    return require_rows(judge_deltas(record, config), f"run {record.manifest.run_id}")


def require_rows(deltas: DeltaJudgement, title: str) -> DeltaJudgement:
    """The same. Raises NoDataError where no iteration tells of tuning."""
    if not deltas.rows:
        message = f"{title} tells of no iteration that tuned"
        raise NoDataError(message, hint=_HINT)
    return deltas


def conclude_alone(deltas: DeltaJudgement, problems: Sequence[str], *, strict: bool, fail_on_warn: bool) -> Verdict:
    """The verdict on the changes alone, and on what of the record could not be read."""
    damaged = [Check("record.damaged", Severity.NO_DATA, "Record", reason=problem) for problem in problems]
    facts = {"tuning": deltas.facts}
    return conclude((*deltas.checks, *damaged), mock=False, strict=strict, fail_on_warn=fail_on_warn, facts=facts)


def deltas_document(run_id: str, verdict: Verdict, deltas: DeltaJudgement) -> dict[str, Any]:
    """What `gate --deltas --json` prints."""
    return {
        "schema": "soakctl.deltas/1",
        "run_id": run_id,
        "verdict": verdict.outcome.value,
        "exit_code": int(verdict.exit_code),
        "exit_name": verdict.exit_code.label,
        "strict": verdict.strict,
        "checks": [check.to_json() for check in verdict.checks],
        "findings": [check.to_json() for check in verdict.findings],
        "tuning": dict(deltas.facts),
        "rows": [row.to_json() for row in deltas.rows],
        "problems": [problem.to_json() for problem in deltas.problems],
    }
