"""What the data of an event must hold, so that nothing later trips over it."""

from __future__ import annotations

from typing import Any

import pytest

from soakctl.domain.event_shape import lacks
from soakctl.domain.journal import EventKind
from soakctl.domain.sample import is_number, is_whole
from tests.support.eventful import eventful_run
from tests.support.records import iteration_of

ITERATION = iteration_of(1, 1.0).to_json()
FINDING = {"id": "x", "severity": "warn", "what": "x"}
LOG = {"lines": 1, "critical": 0, "events": 0}
CHANGE = {"path": "a.b", "before": 1, "delta": 1, "meant": 2}
STATE = {"iteration": 1, "freeze_triggered": False, "frozen": [], "parameters": {}, "old_hash": "x"}


def test_everything_that_soakctl_records_is_well_formed() -> None:
    """In a run in which nearly everything happens."""
    store, _ = eventful_run()
    assert {(entry.kind, lacks(entry.kind, entry.data)) for entry in store.entries} == {
        (entry.kind, "") for entry in store.entries
    }


@pytest.mark.parametrize(
    ("kind", "data", "key"),
    [
        ("run_ended", {}, "reason"),
        ("run_ended", {"reason": "x", "signum": "2"}, "signum"),
        ("run_ended", {"reason": "x", "signum": None}, ""),
        ("gap", {"reason": "x"}, ""),
        ("gap", {"reason": "x", "lost_s": "1"}, "lost_s"),
        ("gap", {"reason": "x", "from_s": None}, "from_s"),
        ("service_started", {"pid": 1, "started_unix": 1.5}, ""),
        ("service_started", {"pid": -1, "started_unix": 1.5}, "pid"),
        ("service_started", {"pid": True, "started_unix": 1.5}, "pid"),
        ("service_exited", {"code": -9, "expected": False}, ""),
        ("service_exited", {"code": 1.5, "expected": False}, "code"),
        ("service_exited", {"code": 1, "expected": 1}, "expected"),
        ("service_exited", {"code": 1, "expected": True, "last_lines": ["a", 1]}, "last_lines"),
        ("service_exited", {"code": 1, "expected": True, "last_lines": "ab"}, "last_lines"),
        ("stop_rung", {"rung": "of a newer version"}, ""),
        ("stop_rung", {"rung": None}, "rung"),
        ("stop_rung", {"rung": "requested"}, "reason"),
        ("stop_rung", {"rung": "killed", "signal": "SIGKILL"}, "targets"),
        ("stop_rung", {"rung": "asked", "targets": 1}, "signal"),
        ("stop_rung", {"rung": "gone"}, "left"),
        ("stop_rung", {"rung": "not_verified"}, "detail"),
        ("stop_rung", {"rung": "not_logged", "patterns": "x"}, "patterns"),
        ("checkpoint", {"name": "x", "at_s": 1, "fields": [], "in_order": True}, "fields"),
        ("boot_ended", {"exit": "SUCCESS", "took_s": 1}, ""),
        ("boot_ended", {"exit": "STALLED", "took_s": 1}, "reason"),
        ("boot_ended", {"exit": "WORSE", "took_s": 1, "reason": ""}, "exit"),
        ("boot_ended", {"exit": ["SUCCESS"], "took_s": 1, "reason": ""}, "exit"),
        ("delta_applied", {**STATE, "values": {"b": CHANGE}, "state_hash": "y", "reason": ""}, "values"),
        ("delta_applied", {**STATE, "values": {"b": {**CHANGE, "found": 2}}, "state_hash": "y", "reason": ""}, ""),
        ("log_observed", LOG, ""),
        ("log_observed", {**LOG, "critical_lines": [None]}, "critical_lines"),
        ("log_observed", {**LOG, "values": {"x": [1, "2"]}}, "values"),
        ("log_observed", {**LOG, "counted": {"x": -1}}, "counted"),
        ("iteration_ended", ITERATION, ""),
        ("iteration_ended", {**ITERATION, "values": {"x": None}}, ""),
        ("iteration_ended", {**ITERATION, "values": {"x": float("nan")}}, "values"),
        ("iteration_ended", {**ITERATION, "kpi_verdict": "GOOD"}, "kpi_verdict"),
        ("iteration_ended", {**ITERATION, "exits": 1.0}, "exits"),
        ("iteration_ended", {**ITERATION, "partial": None}, "partial"),
        ("kpi_read", {"name": "x", "value": None, "reason": ""}, ""),
        ("kpi_read", {"name": "x", "value": "1", "reason": ""}, "value"),
        ("kpi_read", {"name": "x", "value": 1, "reason": "", "note": 1}, "note"),
        ("finding", FINDING, ""),
        ("finding", {**FINDING, "severity": "worse"}, "severity"),
        ("finding", {**FINDING, "limit": 5}, "limit"),
        ("verdict", {}, ""),
        ("run_started", {}, ""),
    ],
)
def test_the_first_key_that_cannot_be_is_named(kind: str, data: dict[str, Any], key: str) -> None:
    """Missing, or of another kind than it must be; what is more than asked for is welcome."""
    assert lacks(EventKind(kind), {**data, "added_later": object()}) == key


@pytest.mark.parametrize(
    ("value", "number", "whole"),
    [
        (0, True, True),
        (-(2**63), True, True),
        (2**63, False, False),
        (1.5, True, False),
        (float("inf"), False, False),
        (float("nan"), False, False),
        (True, False, False),
        ("1", False, False),
        (None, False, False),
    ],
)
def test_what_counts_as_a_number(value: Any, number: bool, whole: bool) -> None:
    """Finite, 64 bits, and no truth value."""
    assert (is_number(value), is_whole(value)) == (number, whole)
