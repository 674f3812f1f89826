"""The end of a soak, and the whole of a gate: judge the record, write what was found, show it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from soakctl.cli.options import GLOBALS
from soakctl.cli.output import document, line, show, shown_path, warn
from soakctl.domain.run import Mode, RunPhase
from soakctl.errors import ExitCode, NoDataError, UnavailableError
from soakctl.report.summary import summary_text
from soakctl.report.verdict import verdict_line, verdict_report
from soakctl.services.gate import conclude_run, judge_run, verdict_document, write_judgement

if TYPE_CHECKING:
    from pathlib import Path

    from soakctl.cli.wiring.tuning import OverridesWatch
    from soakctl.domain.record import Record
    from soakctl.judge.verdict import Judgement
    from soakctl.ports import Documents, RunStore
    from soakctl.redact import Redactor


def finish(store: RunStore, path: Path, redactor: Redactor, overrides: OverridesWatch | None = None) -> int:
    """Judge the run that has just ended, and give the exit code of `soak`. Raises NoDataError for one without data.

    `overrides`: the file that it tuned.
    """
    record = store.load()
    run_id, interrupted = record.manifest.run_id, record.manifest.state is RunPhase.INTERRUPTED
    kept = f"Run {run_id} is kept; go on with: soakctl soak --resume --run {run_id}"
    code = ExitCode(128 + ((record.state.ended or {}).get("signum") or 2)) if interrupted else None
    try:
        judgement = judge_run(record)
    except NoDataError as error:
        if code is not None:
            error.exit_code, error.hint = code, kept
        raise
    if code is not None:  # the run ends with the code of the signal, whatever its verdict so far is
        judgement = replace(judgement, verdict=replace(judgement.verdict, exit_code=code))
    conclude_run(store, record, judgement)
    record_judgement(store, record, judgement)
    if overrides is not None and not GLOBALS.quiet:
        from soakctl.cli.tuning import tell_net_change

        tell_net_change(record, redactor, overrides)
    present(record, judgement, redactor, path)
    if code is not None:
        line(kept)
    return int(judgement.verdict.exit_code)


def record_judgement(store: Documents, record: Record, judgement: Judgement) -> None:
    """Write the documents of a verdict, and the summary for people."""
    write_judgement(store, record, judgement)
    store.write_text("summary.txt", summary_text(record.manifest, judgement.verdict))
    if judgement.deltas is not None:
        from soakctl.report.deltas import deltas_markdown
        from soakctl.services.deltas import DELTA_REPORT

        store.write_text(DELTA_REPORT, deltas_markdown(f"run {record.manifest.run_id}", judgement.deltas))


def present(record: Record, judgement: Judgement, redactor: Redactor, path: Path) -> None:
    """Show a verdict, and where everything behind it can be read."""
    real = record.manifest.mode is Mode.REAL
    if GLOBALS.json:
        document(redactor.value(verdict_document(record, judgement)))
    if not GLOBALS.quiet:
        show(verdict_report(record.manifest, judgement.verdict))
        line(f"Record: {shown_path(path)}")
    if judgement.verdict.mock:
        line("Mock mode: USE_MOCK=1 (relaxed KPI thresholds)")
    line(verdict_line(judgement.verdict, real=real))


def try_to_record(store: Documents, record: Record, judgement: Judgement) -> None:
    """Write beside a run that may lie somewhere read-only: not being able to is said, and changes no verdict."""
    try:
        record_judgement(store, record, judgement)
    except UnavailableError as error:
        warn(f"the verdict was not written: {error.message} ({error.where})")
