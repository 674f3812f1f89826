"""What the data of each kind of event must hold for the fold and the judges; more may always be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.journal import EventKind
from soakctl.domain.sample import is_number, is_whole
from soakctl.domain.tuning_shape import is_held, is_values, is_written
from soakctl.domain.verdict import Severity
from soakctl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Test = Callable[[Any], bool]

_ABSENT = object()


def _count(value: Any) -> bool:
    return is_whole(value) and value >= 0


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _maybe(test: Test) -> Test:
    return lambda value: value is None or test(value)


def _optional(test: Test) -> Test:
    return lambda value: value is _ABSENT or test(value)


def _list_of(test: Test) -> Test:
    return lambda value: isinstance(value, list | tuple) and all(map(test, value))


def _by_name(test: Test) -> Test:
    return lambda value: hasattr(value, "values") and all(map(test, value.values()))


def _anything(value: Any) -> bool:
    return value is not _ABSENT


_TEXTS = _list_of(_text)
_NUMBER, _MAYBE_NUMBER = is_number, _maybe(is_number)

_STATE: dict[str, Test] = {
    "iteration": _count,
    "freeze_triggered": _flag,
    "frozen": _TEXTS,
    "old_hash": _maybe(_text),
    "parameters": lambda value: value is None or isinstance(value, dict),
}
_WRITTEN: dict[str, Test] = {**_STATE, "values": is_written, "state_hash": _text, "reason": _text}

_SHAPES: dict[EventKind, dict[str, Test]] = {
    EventKind.RUN_ENDED: {"reason": _text, "signum": _optional(_maybe(_count))},
    EventKind.GAP: {
        "reason": _text,
        "from_s": _optional(_NUMBER),
        "to_s": _optional(_NUMBER),
        "lost_s": _optional(_NUMBER),
        "away_s": _optional(_NUMBER),
    },
    EventKind.SERVICE_STARTED: {"pid": _maybe(_count), "started_unix": _MAYBE_NUMBER},
    EventKind.SERVICE_EXITED: {
        "code": _maybe(is_whole),
        "expected": _flag,
        **dict.fromkeys(("start_failed", "detail", "cause"), _optional(_text)),
        "last_lines": _optional(_TEXTS),
    },
    EventKind.STOP_RUNG: {"rung": _text},
    EventKind.CHECKPOINT: {"name": _text, "at_s": _NUMBER, "fields": _by_name(_anything), "in_order": _flag},
    EventKind.BOOT_ENDED: {
        "exit": lambda value: _text(value) and value in ExitCode.__members__,
        "took_s": _NUMBER,
        "sign": _optional(_text),
        "hints": _optional(_TEXTS),
        "evidence": _optional(_TEXTS),
    },
    EventKind.LIVENESS_LOST: {"silence_s": _NUMBER},
    EventKind.SAMPLE_MISSED: {"slots": _optional(_count)},
    EventKind.LINES_DROPPED: {"lines": _count},
    EventKind.LOG_OBSERVED: {
        "lines": _count,
        "critical": _count,
        "events": _count,
        "critical_lines": _optional(_TEXTS),
        "values": _optional(_by_name(_list_of(_NUMBER))),
        "counted": _optional(_by_name(_count)),
    },
    EventKind.ITERATION_STARTED: {"iteration": _count},
    EventKind.ITERATION_ENDED: {
        **dict.fromkeys(("iteration", "samples", "samples_missed", "exits", "failed_runs"), _count),
        **dict.fromkeys(("started_s", "ended_s"), _NUMBER),
        "partial": _flag,
        "values": _by_name(_MAYBE_NUMBER),
        "reasons": _by_name(_text),
        "notes": _by_name(_text),
        "kpi_verdict": lambda value: value in ("PASS", "FAIL", "NO_DATA"),
        "failed": _TEXTS,
        "ended_utc": _text,
    },
    EventKind.KPI_READ: {"name": _text, "value": _MAYBE_NUMBER, "reason": _text, "note": _optional(_text)},
    EventKind.OVERRIDES_READ: {
        "when": lambda value: value in ("start", "end"),
        "exists": _flag,
        "parameters": lambda value: value is None or isinstance(value, dict),
        "reason": _text,
    },
    EventKind.DELTA_PROPOSED: {
        **_STATE,
        "values": is_values,
        "rationale": _TEXTS,
        "conflicts": _TEXTS,
        "revert_of": _maybe(_count),
    },
    EventKind.DELTA_SKIPPED: {**_STATE, "skipped": is_held, "reason": _text, "rationale": _optional(_TEXTS)},
    EventKind.DELTA_APPLIED: _WRITTEN,
    EventKind.DELTA_REVERTED: _WRITTEN,
    EventKind.FINDING: {
        "id": _text,
        "severity": lambda value: value in tuple(Severity),
        "what": _text,
        **dict.fromkeys(("value", "limit", "reason"), _optional(_text)),
    },
}
# What a rung is about, beside its name.
_RUNGS: dict[str, dict[str, Test]] = {
    "requested": {"reason": _text, "signum": _optional(_maybe(_count)), "final": _optional(_flag)},
    "asked": {"signal": _text, "targets": _count},
    "asked_rest": {"signal": _text, "targets": _count},
    "killed": {"signal": _text, "targets": _count},
    "gone": {"left": _count},
    "not_verified": {"detail": _text},
    "not_logged": {"patterns": _TEXTS},
}


def lacks(kind: EventKind, data: Mapping[str, Any]) -> str:
    """The first key that is missing or holds what it cannot, or ""."""
    shape = _SHAPES.get(kind, {})
    if kind is EventKind.STOP_RUNG and _text(data.get("rung")):
        shape = {**shape, **_RUNGS.get(data["rung"], {})}
    if kind is EventKind.BOOT_ENDED and data.get("exit") != ExitCode.SUCCESS.name:
        shape = {**shape, "reason": _text}
    return next((name for name, test in shape.items() if not test(data.get(name, _ABSENT))), "")
