"""A soak told in plain lines: the whole of a run in which nearly everything happens, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.domain.journal import Entry, EventKind
from soakctl.report.progress import ProgressLines, told
from tests.support.eventful import CONFIG, PLAN, eventful_run
from tests.support.records import BOOTED, entries_of, state_of
from tests.support.scripted import manifest_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def lines_of(*, as_json: bool = False) -> list[str]:
    """The lines of the run."""
    lines: list[str] = []
    eventful_run(ProgressLines(manifest_of(CONFIG, PLAN), lines.append, as_json=as_json))
    return lines


def test_a_run_is_told_line_by_line() -> None:
    """What a person in front of a CI log wants to know, each with its time."""
    lines = lines_of()
    assert [line[10:] for line in lines[1:] if "iteration" not in line] == [
        "service started, pid 101",
        "checkpoint starting",
        "checkpoint up",
        "alive after 0.6s: checkpoint up",
        "silent for 2m00s",
        "heard again",
        "the service was killed by SIGSEGV",
        "service started, pid 102",
        "checkpoint starting",
        "checkpoint up",
        "alive after 0.6s: checkpoint up",
        "gap: soakctl was held up",
        "sample missed: soakctl was held up",
        "400 log lines came too fast and were dropped",
        "silent for 2m00s",
        "heard again",
        "stopping: interrupted",
        "run ended: interrupted",
        "resumed after 15m00s",
        "gap: soakctl was not running",
        "service started, pid 103",
        "checkpoint starting",
        "checkpoint up",
        "alive after 0.6s: checkpoint up",
        "silent for 2m00s",
        "heard again",
        "stopping: planned end",
        "run ended: planned end",
    ]
    assert all(len(line) > 10 and line[8:10] == "  " for line in lines[1:])
    assert max(map(len, lines)) <= 160


def test_each_iteration_has_a_line() -> None:
    """Its number, verdict and figures; one in which the service died did not pass, and one cut short says so."""
    lines = [line[10:].split("  ")[0] for line in lines_of() if "iteration" in line]
    assert lines == [
        "iteration 1/8 PASS",
        "iteration 2/8 PASS",
        "iteration 3/8 FAIL",
        "iteration 4/8 NO_DATA",
        "iteration 5/8 PASS (cut short)",
        "iteration 5/8 PASS",
        "iteration 6/8 PASS",
        "iteration 7/8 FAIL",
        "iteration 8/8 FAIL",
    ]


def test_as_json_each_line_is_an_object() -> None:
    """With all that the journal says, and the kind under `event`."""
    text, rows = lines_of(), [json.loads(line) for line in lines_of(as_json=True)]
    assert rows[0] == {"event": "run", "run_id": "20260101T000000Z-00000001", "planned_s": 2400.0}
    assert len(rows) == len(text)
    assert {row["event"] for row in rows[1:]} <= {str(kind) for kind in EventKind}
    assert all({"seq", "elapsed_s", "unix", "kind", "life"} <= set(row) for row in rows[1:])


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("service_exited", {"code": 3, "expected": False}, "the service exited with code 3"),
        ("service_exited", {"code": 3, "expected": True}, ""),
        ("service_exited", {"code": None, "expected": False, "start_failed": "not_found"}, ""),
        ("boot_ended", {"exit": "STALLED", "took_s": 8.0, "reason": "no port"}, "the boot failed (STALLED): no port"),
        (
            "boot_ended",
            {"exit": "SUCCESS", "took_s": 8.0, "sign": ""},
            "alive after 8.0s: no sign of life, but still up",
        ),
        ("stop_rung", {"rung": "requested", "reason": "x", "final": False}, ""),
        ("stop_rung", {"rung": "asked", "signal": "SIGTERM", "targets": 1}, ""),
        ("stop_rung", {"rung": "killed", "signal": "SIGKILL", "targets": 1}, "killed 1 process that did not end"),
        ("stop_rung", {"rung": "killed", "signal": "SIGKILL", "targets": 2}, "killed 2 processes that did not end"),
        ("finding", {"what": "Log", "reason": "file appeared"}, "Log: file appeared"),
        ("kpi_read", {"name": "x", "value": 1.0, "reason": ""}, ""),
        ("log_observed", {"lines": 1, "critical": 0, "events": 0}, ""),
        ("verdict", {"verdict": "PASS", "exit_code": 0}, ""),
    ],
)
def test_each_kind_of_entry_is_told_in_a_few_words(kind: str, data: Mapping[str, Any], text: str) -> None:
    """Or not at all, where nobody needs it."""
    entry = entries_of((1.0, kind, data))[0]
    assert told(state_of(*BOOTED), entry) == text


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        (
            EventKind.DELTA_APPLIED,
            {"values": {"limit": {"before": 10, "found": 9}, "ratio": {"before": 0.1, "found": 0.09}}},
            "changed limit 10 -> 9, ratio 0.1 -> 0.09",
        ),
        (EventKind.DELTA_REVERTED, {"values": {"limit": {"before": 9, "found": 10}}}, "taken back limit 9 -> 10"),
        (
            EventKind.DELTA_SKIPPED,
            {"skipped": {"limit": {}}, "reason": "limit: it rests (cooldown)"},
            "held back limit: it rests (cooldown)",
        ),
        (EventKind.DELTA_SKIPPED, {"skipped": {}, "reason": "no rule holds"}, ""),
        (EventKind.DELTA_PROPOSED, {"revert_of": None, "rationale": ["R"], "conflicts": []}, ""),
        (EventKind.DELTA_PROPOSED, {"revert_of": None, "rationale": ["R"], "conflicts": ["A over B"]}, "A over B"),
        (EventKind.DELTA_PROPOSED, {"revert_of": 1, "rationale": ["it got worse"], "conflicts": []}, "it got worse"),
    ],
)
def test_changes_are_told(kind: EventKind, data: dict[str, Any], text: str) -> None:
    """What was changed, taken back and held back; the rest stands in the record."""
    entry = Entry(1, 0.0, 0.0, kind, 1, data)
    assert told(state_of(), entry) == text
