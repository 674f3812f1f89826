"""gate --deltas: whether the parameter changes of a run were really applied, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.verdict import Verdict, conclude
from soakctl.errors import NoDataError
from soakctl.judge.delta_checks import judge_deltas

if TYPE_CHECKING:
    from soakctl.domain.config.root import Config
    from soakctl.domain.deltas import DeltaJudgement
    from soakctl.domain.record import Record

DELTA_REPORT = "DELTA_VERIFY_REPORT.md"


def judge_run_deltas(
    record: Record, config: Config, *, strict: bool, fail_on_warn: bool
) -> tuple[Verdict, DeltaJudgement]:
    """The verdict on the changes alone. Raises NoDataError for a run that did not tune."""
    if not record.manifest.tuned:
        message = f"run {record.manifest.run_id} did not tune, so there are no changes to verify"
        raise NoDataError(message, hint="Tune one with `soakctl soak --auto-tune`.")
    deltas = judge_deltas(record, config)
    if not deltas.rows and not record.state.iterations:
        message = f"run {record.manifest.run_id} holds no data: no iteration of it was completed"
        raise NoDataError(message)
    facts = {"tuning": deltas.facts, "observed_s": round(record.state.observed_s, 3)}
    return conclude(deltas.checks, mock=False, strict=strict, fail_on_warn=fail_on_warn, facts=facts), deltas


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
