"""A verdict for machines: JUnit, metrics, and what GitHub Actions shows. Nothing here changes a verdict."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.cli.output import line, warn
from soakctl.cli.wiring.reports import append_text, replace_text
from soakctl.errors import ExitCode, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.record import Record
    from soakctl.domain.verdict import Check, Verdict
    from soakctl.judge.verdict import Judgement
    from soakctl.ports import Documents
    from soakctl.report.subject import Subject

METRICS = "POST_SOAK_METRICS.prom"


def tell_machines(subject: Subject, verdict: Verdict, setup: Setup, *, junit: str | None) -> int:
    """Write the JUnit file that was asked for, and tell GitHub Actions where this runs there.

    Gives the exit code: the verdict's, or UNAVAILABLE where a file that was asked for could not be written.
    """
    hide = setup.redactor.text
    shown, about = _redacted(verdict, hide), replace(subject, title=hide(subject.title), service=hide(subject.service))
    environment = setup.environment
    if environment.github_actions:
        from soakctl.report.annotations import annotation_lines

        for text in annotation_lines(shown):
            line(text)
    if environment.step_summary is not None:
        from soakctl.report.markdown import markdown_text

        try:
            append_text(environment.step_summary, "\n" + markdown_text(about, shown))
        except UnavailableError as error:
            warn(f"the summary of the job was not written: {error.message} ({error.where})")
    code = int(verdict.exit_code)
    if junit is None:
        return code
    from soakctl.report.junit import junit_text

    return _written(code, "--junit", lambda: replace_text(Path(junit), junit_text(about, shown)))


def write_metrics(record: Record, judgement: Judgement, store: Documents, code: int) -> int:
    """Write the metrics beside the run, and give the exit code as `tell_machines` does."""
    from soakctl.report.openmetrics import openmetrics_text
    from soakctl.services.gate import snapshot_document

    ready = snapshot_document(judgement)["freeze_ready"]
    text = openmetrics_text(record, judgement.verdict, judgement.trends, freeze_ready=ready)
    return _written(code, "--prometheus", lambda: store.write_text(METRICS, text))


def _written(code: int, option: str, write: Callable[[], None]) -> int:
    """The code, or UNAVAILABLE for a verdict that passes and cannot be written where somebody waits for it."""
    try:
        write()
    except UnavailableError as error:
        line(f"soakctl: {option}: {error.message} ({error.where})", stream=sys.stderr)
        return code or int(ExitCode.UNAVAILABLE)
    return code


def _redacted(verdict: Verdict, hide: Callable[[str], str]) -> Verdict:
    """The verdict with its texts redacted, before any format escapes what a secret is recognised by."""
    return replace(verdict, checks=tuple(_check(check, hide) for check in verdict.checks))


def _check(check: Check, hide: Callable[[str], str]) -> Check:
    return replace(
        check,
        what=hide(check.what),
        value=hide(check.value),
        limit=hide(check.limit),
        window=hide(check.window),
        reason=hide(check.reason),
        hint=hide(check.hint),
        evidence=tuple(hide(text) for text in check.evidence),
    )
