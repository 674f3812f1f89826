"""`soakctl logs --errors`, `--checkpoints` and `--rate`: what is in logs, summed up."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from soakctl.cli.given import GLOBALS
from soakctl.cli.output import document as put
from soakctl.cli.output import show
from soakctl.cli.wiring.logs import quick_find
from soakctl.errors import ConfigError
from soakctl.report.log_summaries import checkpoints_report, errors_report, rate_report
from soakctl.services.logs.documents import checkpoints_document, errors_document, rate_document
from soakctl.services.logs.errors import Errors
from soakctl.services.logs.rate import Rate
from soakctl.services.logs.shown import Cleaner
from soakctl.services.logs.story import Story

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from soakctl.cli.log_flags import LogFlags
    from soakctl.cli.wiring.logs import Logs
    from soakctl.report.layout import Report
    from soakctl.services.logs.select import Question

_KINDS = 20


def sum_up(flags: LogFlags, question: Question, found: Logs) -> int:
    """Show the one that was asked for, and give the exit code."""
    if flags.errors:
        _errors(flags, question, found)
    elif flags.checkpoints:
        _checkpoints(question, found)
    else:
        _rate(question, found)
    return found.failed


def _errors(flags: LogFlags, question: Question, found: Logs) -> None:
    errors = Errors(question)
    for group in found.groups:
        reader, path = None, ""
        for log, block in group.blocks():
            if reader is None or log.path != path:
                if reader is not None:
                    reader.finish()
                path, reader = log.path, errors.reader(group.name, found.times(log), keys=found.redactor.stream)
            reader.read(block)
        if reader is not None:
            reader.finish()
    most = _KINDS if flags.lines is None and not GLOBALS.json else flags.lines
    told = errors_document(errors, Cleaner(found.redactor), logs=_names(found), most=most)
    _tell(found, told, errors_report(told))


def _checkpoints(question: Question, found: Logs) -> None:
    checkpoints = found.config.smoke.checkpoints if found.config is not None else ()
    if not checkpoints:
        message = "no checkpoints are configured"
        raise ConfigError(message, hint="List them under smoke.checkpoints in soakctl.yaml.", where="smoke.checkpoints")
    stories = []
    for group in found.groups:
        story = Story(group.name, checkpoints, question=question, find=quick_find())
        for log, block in group.blocks():
            story.read(block, found.times(log), keys=found.redactor.stream)
        stories.append(story)
    best = max(stories, key=lambda story: (story.count > 0, story.newest_unix, story.count))
    told = checkpoints_document(best, Cleaner(found.redactor), logs=[best.log] if best.count else _names(found))
    _tell(found, told, checkpoints_report(told))


def _rate(question: Question, found: Logs) -> None:
    rate = Rate(question)
    for group in found.groups:
        reader, path = None, ""
        for log, block in group.blocks():
            if reader is None or log.path != path:
                path = log.path
                reader = rate.reader(found.times(log), keys=found.redactor.stream)
            reader.read(block)
    told = rate_document(rate, logs=_names(found))
    _tell(found, told, rate_report(told, bars="#" if not _is_utf8() else "█"))


def _names(found: Logs) -> list[str]:
    return [group.name for group in found.groups]


def _tell(found: Logs, told: Mapping[str, Any], report: Report) -> None:
    if GLOBALS.json:
        put({**told, "unread": found.troubles})
    else:
        show(report)


def _is_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().startswith("utf")
