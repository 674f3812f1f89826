"""From a record to a verdict: the pass count, what is missing, what is softened, what --strict changes."""

from __future__ import annotations

import itertools
import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.run_reader import read_record
from soakctl.adapters.run_store import DirectoryStore
from soakctl.domain.sample import Sample
from soakctl.domain.verdict import Check, Outcome, Severity, Verdict
from soakctl.errors import ExitCode, NoDataError
from soakctl.judge.verdict import Options, judge, scaled
from soakctl.services.gate import judge_run, verdict_document
from tests.support.records import (
    BOOTED,
    STOPPED,
    entries_of,
    iteration_of,
    record_of,
    series_of,
    state_of,
)
from tests.support.scripted import START_UNIX, config_of, manifest_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from soakctl.domain.config.root import Config
    from soakctl.domain.iteration import Iteration
    from soakctl.domain.record import Record

PLAIN = Options(trends=False)
KPI: dict[str, Any] = {"name": "quality", "source": {"log": "quality=(.*)"}, "min": 0.5, "aggregate": "max"}
CONFIG = config_of(kpis=[KPI])
VALUES = {"P": 1.0, "F": 0.0, "N": None}


def iterations_of(marks: str) -> list[Iteration]:
    """An iteration a mark: P passes, F fails, N has no value, C saw a crash, S no sample; small ones were cut."""
    made = []
    for index, mark in enumerate(marks, start=1):
        more: dict[str, Any] = {"partial": mark.islower()}
        if mark in "Cc":
            more["exits"] = 1
        if mark in "Ss":
            more["samples"] = 0
        made.append(iteration_of(index, VALUES.get(mark.upper(), 1.0), **more))
    return made


def verdict_of(marks: str, config: Config = CONFIG, options: Options = PLAIN, **record: Any) -> Verdict:
    """The verdict of a run with these iterations."""
    return judge(record_of(iterations_of(marks), config=config, **record), config, options).verdict


def check(verdict: Verdict, check_id: str) -> Check:
    """The check of this id."""
    return next(item for item in verdict.checks if item.id == check_id)


@pytest.mark.parametrize(
    ("needed", "window", "expected"),
    [
        (6, 8, [1, 2, 3, 3, 4, 5, 6, 6, 6, 6]),
        (5, 8, [1, 2, 2, 3, 4, 4, 5, 5, 5, 5]),
        (1, 8, [1] * 10),
        (8, 8, [1, 2, 3, 4, 5, 6, 7, 8, 8, 8]),
        (0, 8, [0] * 10),
        (2, 3, [1, 2, 2, 2, 2, 2, 2, 2, 2, 2]),
    ],
)
def test_what_is_needed_scales_with_fewer_iterations(needed: int, window: int, expected: list[int]) -> None:
    """With n < window iterations it is ceil(n x value / window), and never more than the value."""
    assert [scaled(needed, count, window) for count in range(1, 11)] == expected


def _oracle(marks: str, window: int, min_pass: int, warn_pass: int) -> Severity:
    """The rule in other words: missing values are neither passes nor failures, whatever they might have been."""
    seen = marks[-window:]
    share = min(1.0, len(seen) / window)
    least, most = seen.count("P"), seen.count("P") + seen.count("N")
    if least >= math.ceil(round(share * min_pass, 9)):
        return Severity.OK
    if most < math.ceil(round(share * warn_pass, 9)):
        return Severity.FAIL
    return Severity.NO_DATA if most >= math.ceil(round(share * min_pass, 9)) else Severity.WARN


@pytest.mark.parametrize(("window", "min_pass", "warn_pass"), [(8, 6, 5), (3, 3, 1), (5, 2, 0), (1, 1, 1)])
def test_the_pass_count_of_every_mix_of_iterations(window: int, min_pass: int, warn_pass: int) -> None:
    """Every count of passes, failures and missing values comes to what the rule says, in a run of any length."""
    gate = {"window": window, "min_pass": min_pass, "warn_pass": warn_pass}
    config = config_of(kpis=[KPI], gate=gate)
    for passes, failures, unknown in itertools.product(range(6), repeat=3):
        marks = "F" * failures + "N" * unknown + "P" * passes
        if marks:
            found = check(verdict_of(marks, config), "iterations")
            assert found.severity is _oracle(marks, window, min_pass, warn_pass), marks


@pytest.mark.parametrize(
    ("marks", "severity", "shown"),
    [
        ("PPPPPPPP", "ok", "8 >= 6 last 8 of 8"),
        ("FFPPPPPP", "ok", "6 >= 6 last 8 of 8"),
        ("FFFPPPPP", "warn", "5 >= 6 last 8 of 8"),
        ("FFFFPPPP", "fail", "4 >= 6 last 8 of 8"),
        ("FFFFFFFFPPPPPPFF", "ok", "6 >= 6 last 8 of 16"),
        ("NNNNNNNN", "no_data", "0 >= 6 last 8 of 8"),
        ("FFFNPPPP", "warn", "4 >= 6 last 8 of 8"),
        ("FFFFNPPP", "fail", "3 >= 6 last 8 of 8"),
        ("CCCCPPPP", "fail", "4 >= 6 last 8 of 8"),
        ("SSSSSSSS", "no_data", "0 >= 6 last 8 of 8"),
        ("P", "ok", "1 >= 1 last 1 of 1"),
        ("F", "fail", "0 >= 1 last 1 of 1"),
        ("N", "no_data", "0 >= 1 last 1 of 1"),
        ("PF", "warn", None),
    ],
)
def test_the_pass_count_decides(marks: str, severity: str, shown: str | None) -> None:
    """What is known to pass, what is needed and over what stand in the line."""
    found = check(verdict_of(marks), "iterations")
    if marks == "PF":  # ceil(2 x 6 / 8) = 2 are needed to pass and ceil(2 x 5 / 8) = 2 to warn
        severity, shown = "fail", "1 >= 2 last 2 of 2"
    assert (found.severity, f"{found.value} {found.limit} {found.window}") == (severity, shown)


@pytest.mark.parametrize(
    ("marks", "counted", "severity"),
    [
        ("PPPf", 3, "ok"),
        ("FFFp", 3, "fail"),
        ("pFFF", 3, "fail"),
        ("p", 1, "ok"),
        ("f", 1, "fail"),
        ("n", 1, "no_data"),
    ],
)
def test_a_cut_iteration_counts_only_where_there_is_no_other(marks: str, counted: int, severity: str) -> None:
    """Neither a good nor a bad one; it is recorded all the same."""
    found = check(verdict_of(marks), "iterations")
    assert (found.severity, found.points) == (severity, counted)


def test_a_missing_value_keeps_a_good_run_from_passing() -> None:
    """Seven good iterations and one without a value: enough passes, and yet it is said."""
    verdict = verdict_of("PPPNPPPP")
    assert check(verdict, "iterations").severity is Severity.OK
    assert check(verdict, "kpi.quality").severity is Severity.NO_DATA
    assert (verdict.outcome, verdict.exit_code) == (Outcome.WARN, ExitCode.SUCCESS)


def test_a_dry_run_kpi_changes_no_count() -> None:
    """It may fail or be missing all the time."""
    config = config_of(kpis=[KPI | {"dry_run": True}])
    assert {verdict_of(marks, config).outcome for marks in ("PPPP", "FFFF", "NNNN")} == {Outcome.PASS}


def test_mock_limits_count_passes_too() -> None:
    """The pass count follows the limits that the run is judged by, not those it was recorded with."""
    config = config_of(kpis=[KPI | {"mock": {"min": -1}}])
    assert verdict_of("FFFFFFFF", config, Options(mock=True, trends=False)).outcome is Outcome.PASS
    verdict = verdict_of("FFFFFFFF", config)
    assert (verdict.outcome, verdict.facts["pass_count"]) == (Outcome.FAIL, 0)


def test_the_facts_are_those_of_the_window() -> None:
    """Means and medians of the iterations looked at, and when those were."""
    iterations = [iteration_of(place, float(place)) for place in range(1, 11)]
    facts = judge(record_of(iterations, config=CONFIG), CONFIG, PLAIN).verdict.facts
    assert facts["kpis"] == {"quality": {"mean": 6.5, "median": 6.5}}
    assert facts["time_range"] == {"from_utc": "2026-01-01T03:00:01Z", "to_utc": "2026-01-01T10:00:01Z"}
    assert {name: facts[name] for name in ("window", "pass_count", "looked_at", "iterations", "min_pass")} == {
        "window": 8,
        "pass_count": 8,
        "looked_at": 8,
        "iterations": 10,
        "min_pass": 6,
    }


def test_figures_that_no_float_can_hold_are_left_out_of_the_facts() -> None:
    """They go into JSON, which has neither infinity nor a fault of soakctl in it."""
    iterations = [iteration_of(place, 1.7e308) for place in range(1, 9)]
    record = record_of(iterations, config=CONFIG)
    verdict = judge(record, CONFIG, PLAIN).verdict
    assert verdict.facts["kpis"] == {}
    assert verdict.outcome is Outcome.PASS


def test_a_boot_that_failed_gives_its_own_exit_code() -> None:
    """The boot of a soak uses the codes of smoke; nothing after it is asked for."""
    result = {"exit": "DEPENDENCY_ERROR", "took_s": 0.5, "reason": "No module named 'x'", "hints": ["pip install x"]}
    state = state_of(*BOOTED[:2], (0.5, "boot_ended", result), (0.6, "run_ended", {"reason": "the boot failed"}))
    record = record_of([], config=CONFIG)
    record.state = state
    verdict = judge(record, CONFIG, Options()).verdict
    assert (verdict.outcome, verdict.exit_code) == (Outcome.FAIL, ExitCode.DEPENDENCY_ERROR)
    assert not any(item.id.startswith(("kpi.", "iterations", "resource.")) for item in verdict.checks)


def test_a_run_that_never_started_its_service_holds_no_data() -> None:
    """There is nothing to judge, which is an error and no verdict."""
    record = record_of([])
    record.state = state_of((0.0, "run_started", {}))
    with pytest.raises(NoDataError, match="holds no data"):
        judge(record, config_of(), PLAIN)


def test_a_run_without_a_single_iteration_holds_no_data() -> None:
    """It booted and soakctl was killed: no verdict, and no exit code 0, comes of that."""
    record = record_of([], config=CONFIG, tail=())
    with pytest.raises(NoDataError, match="no iteration"):
        judge(record, CONFIG, PLAIN)


def test_a_failure_before_the_first_iteration_is_over_stays_one() -> None:
    """What is known to be bad needs no iteration to be said."""
    crash = (100.0, "service_exited", {"code": -11, "expected": False})
    verdict = judge(record_of([], config=CONFIG, events=[crash], tail=()), CONFIG, PLAIN).verdict
    assert (verdict.outcome, verdict.exit_code) == (Outcome.FAIL, ExitCode.EXCEPTION)


@pytest.mark.parametrize(("data", "named"), [([], False), (["data/"], True)])
def test_growth_of_data_is_judged_where_there_is_data(data: list[str], named: bool) -> None:
    """A service that keeps none has no line for it."""
    config = config_of(service={"data": data}, kpis=[KPI])
    verdict = judge(record_of(iterations_of("PPPPPPPP"), config=config), config, Options()).verdict
    assert any(item.id == "resource.disk" for item in verdict.checks) is named


@pytest.mark.parametrize(("counted", "events"), [(True, 4), (False, None)])
def test_events_are_told_where_they_are_counted(counted: bool, events: int | None) -> None:
    """Nobody who counts none wants to read of zero events."""
    values = {"quality": 1.0, **({"events_per_second": 0.1} if counted else {})}
    logged = [(60.0, "log_observed", {"lines": 9, "critical": 0, "events": 4})]
    record = record_of([iteration_of(1, values)], config=CONFIG, events=logged)
    assert judge(record, CONFIG, PLAIN).verdict.facts["look"]["events"] == events


def test_every_resource_that_must_be_there_is_missed() -> None:
    """Samples without a single figure pass nothing."""
    record = record_of(iterations_of("PPPPPPPP"), config=CONFIG, series=series_of({"rss_bytes": [None] * 20}))
    verdict = judge(record, CONFIG, Options()).verdict
    missing = {item.id for item in verdict.checks if item.severity is Severity.NO_DATA}
    names = ("rss", "fds", "threads", "processes", "zombies", "cpu_mean", "disk_total")
    assert missing == {f"resource.{name}" for name in names}
    assert verdict.outcome is Outcome.WARN


def _write(path: Path, record: Record, events: Sequence[Any]) -> None:
    store = DirectoryStore(path, redact=lambda value: value, durable=False)
    store.write("run.json", record.manifest.to_json())
    for entry in entries_of(*events):
        store.append(entry)
    series = record.series
    for place, at_s in enumerate(series.times):
        columns = {name: values[place] for name, values in series.columns.items()}
        known = {name: value for name, value in columns.items() if not math.isnan(value)}
        store.append_sample(Sample(at_s, START_UNIX + at_s, "", series.lives[place], **known))  # type: ignore[arg-type]
    store.close()


@pytest.mark.parametrize("marks", ["PPPPPPPP", "PPNFPPFC", "FFFFFFFF"])
def test_the_same_record_gives_the_same_verdict(marks: str, tmp_path: Path) -> None:
    """In memory, from disk, and from disk again: one verdict, to the last figure."""
    iterations = iterations_of(marks)
    record = record_of(iterations, config=CONFIG)
    middle = [(item.ended_s, "iteration_ended", item.to_json()) for item in iterations]
    _write(tmp_path, record, [*BOOTED, *middle, *STOPPED])
    told = [judge(record, CONFIG, Options()), *(judge_run(read_record(tmp_path)) for _ in range(2))]
    documents = {json.dumps(verdict_document(record, judgement), sort_keys=True) for judgement in told}
    assert len(documents) == 1


def test_judging_changes_nothing_in_the_record() -> None:
    """A second look finds what the first one found."""
    record = record_of(iterations_of("PPNFPPFC"), config=CONFIG)
    assert judge(record, CONFIG, Options()) == judge(record, CONFIG, Options())


def test_a_kpi_window_wider_than_the_gate_is_not_cut_by_it() -> None:
    """`over` looks further back than the pass count does."""
    config = config_of(kpis=[KPI | {"aggregate": "min", "over": 12}])

    verdict = verdict_of("F" + "P" * 9, config)
    assert check(verdict, "iterations").severity is Severity.OK
    assert check(verdict, "kpi.quality").severity is Severity.FAIL


def test_the_manifest_has_no_say_in_the_verdict() -> None:
    """Judging needs the record and the configuration it is given; what the manifest concluded before is not asked."""
    record = record_of(iterations_of("FFFFFFFF"), config=CONFIG)
    record.manifest = manifest_of(CONFIG, record.state.plan).model_copy(update={"verdict": "PASS", "exit_code": 0})
    assert judge(record, CONFIG, PLAIN).verdict.outcome is Outcome.FAIL
