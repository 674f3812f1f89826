"""`soakctl gate --deltas`: the parameter changes of a run, verified by its record alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.cli.machines import tell_machines
from soakctl.cli.options import GLOBALS
from soakctl.cli.output import document, line, show, shown_path, warn
from soakctl.errors import UnavailableError
from soakctl.report.deltas import deltas_markdown
from soakctl.report.subject import Subject
from soakctl.report.verdict import report_under, verdict_line
from soakctl.services.deltas import DELTA_REPORT, deltas_document, judge_run_deltas

if TYPE_CHECKING:
    from soakctl.cli.wiring.runs import DocumentStore
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config
    from soakctl.domain.deltas import DeltaJudgement
    from soakctl.domain.record import Record
    from soakctl.ports import Documents


def gate_deltas(
    setup: Setup,
    record: Record,
    config: Config,
    store: DocumentStore,
    *,
    strict: bool,
    fail_on_warn: bool,
    junit: str | None,
) -> int:
    """Verify, write the report beside the run, show it, and give the exit code. Raises NoDataError."""
    verdict, deltas = judge_run_deltas(record, config, strict=strict, fail_on_warn=fail_on_warn)
    run_id = record.manifest.run_id
    write_delta_report(store, run_id, deltas)
    if GLOBALS.json:
        document(setup.redactor.value(deltas_document(run_id, verdict, deltas)))
    subject = Subject(f"Run {run_id}: parameter changes of {len(deltas.rows)} iterations", run_id)
    code = tell_machines(subject, verdict, setup, junit=junit)
    if not GLOBALS.quiet:
        show(report_under(subject.title, verdict))
        line(f"Report: {shown_path(store.path / DELTA_REPORT)}")
    line(verdict_line(verdict, real=True))
    return code


def write_delta_report(store: Documents, run_id: str, deltas: DeltaJudgement) -> None:
    """Write DELTA_VERIFY_REPORT.md; not being able to is said, and changes no verdict."""
    try:
        store.write_text(DELTA_REPORT, deltas_markdown(f"run {run_id}", deltas))
    except UnavailableError as error:
        warn(f"the report on the changes was not written: {error.message} ({error.where})")
