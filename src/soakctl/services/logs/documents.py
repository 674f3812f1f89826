"""What was found in logs as JSON documents, redacted; the reports for people are made of the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.logs.records import without_stamp
from soakctl.services.logs.story import first_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.services.logs.errors import Errors, Group
    from soakctl.services.logs.rate import Rate
    from soakctl.services.logs.shown import Cleaner
    from soakctl.services.logs.story import Step, Story

_EXAMPLE_LINES = 30


def errors_document(errors: Errors, cleaner: Cleaner, *, logs: Sequence[str], most: int | None) -> dict[str, Any]:
    """The errors, alike ones together, the commonest first; `most` kinds of them."""
    groups = errors.groups()
    return {
        "schema": "soakctl.log-errors/1",
        "logs": list(logs),
        "groups": [_group(group, cleaner) for group in groups[:most]],
        "left_out": errors.left_out + sum(group.count for group in groups[most:] if most is not None),
        "total": errors.total,
    }


def _group(group: Group, cleaner: Cleaner) -> dict[str, Any]:
    lines = [without_stamp(line) for line in group.example]
    if len(lines) > _EXAMPLE_LINES:  # the beginning says what was logged, the end what was raised
        half = _EXAMPLE_LINES // 2
        lines = [*lines[:half], f"... {len(lines) - 2 * half} lines ...", *lines[-half:]]
    return {
        "count": group.count,
        "first_unix": group.first_unix,
        "last_unix": group.last_unix,
        "kind": group.trace.kind,
        "what": cleaner.text(group.trace.what),
        "frame": cleaner.text(group.trace.frame),
        "level": None if group.level is None else group.level.name,
        "logs": group.logs,
        "example": cleaner.text("\n".join(lines)).split("\n"),
    }


def checkpoints_document(story: Story, cleaner: Cleaner, *, logs: Sequence[str]) -> dict[str, Any]:
    """The newest boot."""
    steps = story.steps()
    missing = first_missing(steps)
    return {
        "schema": "soakctl.log-checkpoints/1",
        "logs": list(logs),
        "boots": story.boots,
        "checkpoints": [_step(step, story.log, cleaner) for step in steps],
        "first_missing": None if missing is None else missing.name,
        "hints": [] if missing is None else [cleaner.text(hint) for hint in missing.hints],
    }


def _step(step: Step, log: str, cleaner: Cleaner) -> dict[str, Any]:
    reached = step.reached
    return {
        "name": step.checkpoint.name,
        "required": step.checkpoint.must_come,
        "state": "missing" if reached is None else "early" if step.early else "reached",
        "time_unix": None if reached is None else reached.unix,
        "since_previous_s": step.since_previous_s,
        "since_start_s": step.since_start_s,
        "log": None if reached is None else log,
        "text": None if reached is None else cleaner.text(without_stamp(reached.text)),
    }


def rate_document(rate: Rate, *, logs: Sequence[str]) -> dict[str, Any]:
    """Counts over time."""
    buckets = [
        {"start_unix": start, "lines": each.lines, "errors": each.errors, "warnings": each.warnings}
        for start, each in rate.buckets()
    ]
    return {
        "schema": "soakctl.log-rate/1",
        "logs": list(logs),
        "bucket_s": rate.width_s,
        "buckets": buckets,
        "lines": rate.untimed + sum(int(each["lines"]) for each in buckets),
        "errors": sum(int(each["errors"]) for each in buckets),
        "warnings": sum(int(each["warnings"]) for each in buckets),
        "untimed": rate.untimed,
    }
