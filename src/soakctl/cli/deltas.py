"""`soakctl gate --deltas`: the parameter changes of a run, verified by its record alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.cli.machines import tell_machines
from soakctl.cli.options import GLOBALS
from soakctl.cli.output import document, line, show, shown_path, warn
from soakctl.domain.wording import counted
from soakctl.errors import UnavailableError
from soakctl.report.deltas import deltas_markdown
from soakctl.report.subject import Subject
from soakctl.report.verdict import report_under, verdict_line
from soakctl.services.deltas import DELTA_REPORT, conclude_alone, deltas_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.cli.wiring.runs import DocumentStore
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.deltas import DeltaJudgement


def tell_deltas(
    setup: Setup,
    run_id: str,
    deltas: DeltaJudgement,
    *,
    problems: Sequence[str],
    store: DocumentStore | None,
    strict: bool,
    fail_on_warn: bool,
    junit: str | None,
) -> int:
    """Write the report beside the run (into `store`), show the verdict, and give the exit code."""
    verdict = conclude_alone(deltas, problems, strict=strict, fail_on_warn=fail_on_warn)
    if GLOBALS.json:
        document(setup.redactor.value(deltas_document(run_id, verdict, deltas)))
    subject = Subject(f"Run {run_id}: parameter changes of {counted(len(deltas.rows), 'iteration')}", run_id)
    code = tell_machines(subject, verdict, setup, junit=junit)
    if not GLOBALS.quiet:
        show(report_under(subject.title, verdict))
    if store is not None and _written(store, run_id, deltas) and not GLOBALS.quiet:
        line(f"Report: {shown_path(store.path / DELTA_REPORT)}")
    line(verdict_line(verdict, real=True))
    return code


def _written(store: DocumentStore, run_id: str, deltas: DeltaJudgement) -> bool:
    """Whether DELTA_VERIFY_REPORT.md was written; not being able to is said, and changes no verdict."""
    try:
        store.write_text(DELTA_REPORT, deltas_markdown(f"run {run_id}", deltas))
    except UnavailableError as error:
        warn(f"the report on the changes was not written: {error.message} ({error.where})")
        return False
    return True
