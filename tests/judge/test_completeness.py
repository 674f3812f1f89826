"""Whether the record holds the whole run: what is missing never passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from soakctl.judge.completeness import completeness_checks
from tests.support.records import BOOTED, HOUR, STOPPED, healthy_series, iteration_of, record_of, series_of, state_of
from tests.support.scripted import config_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.domain.verdict import Check

WHOLE = [iteration_of(place) for place in range(1, 9)]


def checks_of(*, sections: Mapping[str, Any] | None = None, **record: Any) -> dict[str, Check]:
    """The checks by id of a run of eight hours."""
    config = config_of(**(sections or {}))
    made = record_of(record.pop("iterations", WHOLE), config=config, **record)
    return {item.id: item for item in completeness_checks(made, config)}


def test_a_whole_record_has_nothing_to_say() -> None:
    """Two lines, both fine."""
    found = checks_of()
    assert {key: (item.severity, item.value) for key, item in found.items()} == {
        "record.duration": ("ok", "8h00m"),
        "record.samples": ("ok", "7"),
    }


def tail_at(hours: float, reason: str) -> Sequence[tuple[float, str, Mapping[str, Any]]]:
    """The end of a run after so many hours."""
    at_s = hours * HOUR + 1
    return [(at_s, "stop_rung", {"rung": "requested", "reason": reason}), (at_s, "run_ended", {"reason": reason})]


@pytest.mark.parametrize(
    ("tail", "severity", "reason"),
    [
        (STOPPED, "ok", ""),
        (tail_at(8 * 0.991, "planned end"), "ok", ""),
        (tail_at(8 * 0.989, "interrupted"), "warn", "the run ended early: interrupted"),
        (tail_at(1, "the service ended by itself"), "warn", "the run ended early: the service ended by itself"),
        ((), "warn", "the run has not ended"),
    ],
)
def test_a_run_shorter_than_planned_warns(tail: Any, severity: str, reason: str) -> None:
    """One per cent is nobody's business; more is said with the reason, and counts under --strict."""
    found = checks_of(iterations=[iteration_of(1)], tail=tail)["record.duration"]
    assert (found.severity, found.reason, found.strict) == (severity, reason, severity == "warn")


def test_gaps_are_not_observed_time() -> None:
    """Eight hours of which two were lost are six."""
    gap = (4 * HOUR, "gap", {"from_s": 2 * HOUR, "to_s": 4 * HOUR, "lost_s": 2 * HOUR, "reason": "soakctl was held up"})
    found = checks_of(events=[gap])
    assert (found["record.duration"].severity, found["record.duration"].value) == ("warn", "6h00m")
    assert found["record.gaps"].severity == "warn"


@pytest.mark.parametrize(
    ("gaps", "value"),
    [
        ([{"lost_s": 12.0}], "1, 12.0s lost"),
        ([{"lost_s": 12.0, "away_s": 900.0}, {"lost_s": 3.0}], "2, 15.0s lost"),
        ([{"lost_s": 0.0, "away_s": 900.0}], "1, 15m00s away"),
        ([{"lost_s": 0.0}], "1, 0.0s lost"),
    ],
)
def test_a_gap_says_what_it_cost(gaps: list[dict[str, float]], value: str) -> None:
    """Observed time, or nothing but the time in which soakctl was away."""
    events: list[Any] = [(1000.0, "gap", {"reason": "x", **gap}) for gap in gaps]
    assert checks_of(events=events)["record.gaps"].value == value


@pytest.mark.parametrize(("lost", "severity"), [(0.0, "info"), (0.05, "info"), (0.051, "warn")])
def test_a_gap_is_said_and_a_long_one_warns(lost: float, severity: str) -> None:
    """The limit is a twentieth of the plan, over all gaps."""
    half = 8 * HOUR * lost / 2
    gaps = [
        (1000.0, "gap", {"lost_s": half, "reason": "soakctl was not running"}),
        (2000.0, "gap", {"lost_s": half, "reason": "soakctl was held up"}),
    ]
    found = checks_of(events=gaps)["record.gaps"]
    assert (found.severity, found.reason) == (severity, "soakctl was held up, soakctl was not running")
    assert found.value.startswith("2, ")


@pytest.mark.parametrize(
    ("taken", "missed", "severity"),
    [(100, 0, "ok"), (95, 5, "ok"), (94, 6, "warn"), (0, 0, "no_data"), (0, 9, "no_data")],
)
def test_samples_that_did_not_come_are_counted(taken: int, missed: int, severity: str) -> None:
    """More than one in twenty warns; none at all is no data."""
    events = [(500.0, "sample_missed", {"slots": missed, "reason": "x"})] if missed else []
    found = checks_of(series=healthy_series(taken), events=events)["record.samples"]
    assert (found.severity, found.value) == (severity, str(taken))
    if taken and missed:
        assert found.reason == f"{missed} of 100 slots have no sample"


def test_dropped_lines_warn() -> None:
    """A flood is no reason to fail, and never nothing."""
    found = checks_of(events=[(9.0, "lines_dropped", {"stream": "out", "lines": 12})])["record.dropped_lines"]
    assert (found.severity, found.value, found.limit) == ("warn", "12", "0")


def test_what_could_not_be_read_is_no_data() -> None:
    """One line a problem, in its words; a strict gate does not pass by it."""
    config = config_of()
    record = record_of(WHOLE, problems=("a", "b"))
    damaged = [item for item in completeness_checks(record, config) if item.id == "record.damaged"]
    assert [(item.severity, item.reason) for item in damaged] == [("no_data", "a"), ("no_data", "b")]


def test_findings_on_the_way_keep_their_severity() -> None:
    """What a part of the engine recorded is told with when it was."""
    data = {"id": "abort.x", "severity": "fail", "what": "x", "value": "9", "limit": "<= 5", "reason": "too long"}
    found = checks_of(events=[(300.0, "finding", data)])["abort.x"]
    assert (found.severity, found.value, found.limit, found.window) == ("fail", "9", "<= 5", "at 5m00s")


def test_what_is_configured_and_not_acted_on_warns() -> None:
    """Asking in vain must not look like having been checked."""
    soak = {"load": {"command": ["load"]}, "faults": [{"kind": "kill"}], "reconnect": {"attempt": "a", "success": "b"}}
    config = config_of(soak=soak)
    told = [
        item for item in completeness_checks(record_of(WHOLE, config=config), config) if item.id == "config.no_effect"
    ]
    assert [(item.severity, item.what) for item in told] == [
        ("warn", "soak.faults"),
        ("warn", "soak.load"),
        ("warn", "soak.reconnect"),
    ]


def test_a_repeated_command_is_complete_by_its_count() -> None:
    """Runs that take less than their time-out end a run of N before the clock does."""
    repeat = {"soak": {"repeat": {"command": ["job"]}}}
    early = tail_at(1, "planned end")
    short = [iteration_of(place, started_s=place * 400.0 - 399, ended_s=place * 400.0) for place in range(1, 9)]
    assert checks_of(sections=repeat, iterations=short, tail=early)["record.duration"].severity == "ok"
    assert checks_of(sections=repeat, iterations=short[:7], tail=early)["record.duration"].severity == "warn"
    assert checks_of(iterations=short, tail=early)["record.duration"].severity == "warn"


def test_before_the_boot_has_passed_there_is_nothing_to_miss() -> None:
    """No samples, no duration: the boot's own line says it."""
    record = record_of([], series=series_of({}))
    record.state = state_of(*BOOTED[:2])
    assert not list(completeness_checks(record, config_of()))


def test_samples_that_are_there_twice_warn_and_do_not_hide_missing_ones() -> None:
    """A file that was appended to itself is not a longer record."""
    series = healthy_series(100)
    for column in (series.times, series.lives, *series.columns.values()):
        column.extend(column)  # type: ignore[attr-defined]
    found = checks_of(series=series)["record.samples"]
    assert (found.severity, found.value, found.strict) == ("warn", "100", True)
    assert found.reason.endswith("100 are there a second time")


def test_a_resource_that_ceased_to_be_read_is_no_data() -> None:
    """Its trend is that of the beginning alone."""
    series = healthy_series(100)
    series.columns["num_fds"][20:] = type(series.columns["num_fds"])("d", [float("nan")] * 80)
    found = checks_of(series=series)["record.coverage"]
    assert (found.severity, found.reason) == ("no_data", "of 100 samples could be read: open files in 20")


@pytest.mark.parametrize(("taken", "missed"), [(94, 6), (13, 48)])
def test_missing_samples_fail_under_strict(taken: int, missed: int) -> None:
    """What is missing never passes there."""
    events = [(500.0, "sample_missed", {"slots": missed, "reason": "x"})]
    assert checks_of(series=healthy_series(taken), events=events)["record.samples"].strict
