"""Reading a run directory back, whole or damaged, and going on where it stops."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soakctl.adapters.run_reader import read_manifest, read_record
from soakctl.domain.journal import EventKind
from soakctl.domain.run import RunPhase
from soakctl.errors import ExitCode, NoDataError
from soakctl.judge.verdict import Options, judge
from tests.support.eventful import CONFIG, PLAN, Snapshots, differences, eventful_run
from tests.support.scripted import manifest_of

if TYPE_CHECKING:
    from pathlib import Path


IN_PLACE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=40
)


@cache
def recorded() -> tuple[list[bytes], list[bytes]]:
    """The lines of the journal and of the samples of a run in which nearly everything happens."""
    store, _ = eventful_run()
    return (
        [json.dumps(entry.to_json()).encode() + b"\n" for entry in store.entries],
        [json.dumps(sample.to_json()).encode() + b"\n" for sample in store.samples],
    )


def directory(path: Path, journal: bytes | None = None, samples: bytes | None = None) -> Path:
    """A run directory that holds this, or all of the run."""
    path.mkdir(exist_ok=True)
    entries, rows = recorded()
    (path / "run.json").write_text(json.dumps(manifest_of(CONFIG, PLAN).to_json()))
    (path / "events.jsonl").write_bytes(b"".join(entries) if journal is None else journal)
    (path / "resources.jsonl").write_bytes(b"".join(rows) if samples is None else samples)
    return path


def test_a_resume_finds_the_state_that_was_lost(tmp_path: Path) -> None:
    """Killed after any step, the record folds to the state that soakctl had in memory, field by field."""
    live = Snapshots(every=9)
    eventful_run(live)
    entries, rows = recorded()
    assert len(live.entries) == len(entries)
    for count, taken, state in live.kept:
        path = directory(tmp_path / "run", b"".join(entries[:count]), b"".join(rows[:taken]))
        found = read_record(path, samples_into_state=True)
        assert found.problems == ()
        assert differences(state, found.state) == [], f"after {count} entries and {taken} samples"


def test_a_whole_record_is_read_without_a_problem(tmp_path: Path) -> None:
    """Every entry, every sample, and the state that judging needs."""
    record = read_record(directory(tmp_path / "run"))
    _, state = eventful_run()
    entries, rows = recorded()
    assert (record.problems, record.state.seq, len(record.series)) == ((), len(entries), len(rows))
    assert record.state.iterations == state.iterations
    assert record.state.stop == state.stop


@IN_PLACE
@given(st.data())
def test_a_torn_last_line_is_left_out_and_said(tmp_path: Path, data: st.DataObject) -> None:
    """Cut at any byte of the journal and of the samples, the whole lines before it are all read."""
    entries, rows = recorded()
    contents, whole, told = [], [], 0
    for lines in (entries, rows):
        count = data.draw(st.integers(1, len(lines)))
        cut = data.draw(st.integers(0, len(lines[count - 1]) - 1))
        contents.append(b"".join(lines[: count - 1]) + lines[count - 1][:cut])
        whole.append(count - 1)
        told += cut > 0
    record = read_record(directory(tmp_path / "run", *contents), samples_into_state=True)
    assert (record.state.seq, len(record.series)) == tuple(whole)
    assert len(record.problems) == told
    assert all(text.endswith("is torn and was left out") for text in record.problems)


def _with(lines: list[bytes], place: int, line: bytes) -> bytes:
    return b"".join([*lines[:place], line, *lines[place + 1 :]])


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"\x00\x00\x00\x00\n",
        b"{\n",
        b"\xff\xfe\n",
        b"null\n",
        b"[1, 2]\n",
        b'"text"\n',
        b"17\n",
        b'{"seq": 5}\n',
        b"{}\n",
        b'{"seq": NaN, "elapsed_s": 1, "unix": 1, "kind": "gap", "life": 1}\n',
        b'{"seq": 1e400, "elapsed_s": 1, "unix": 1, "kind": "gap", "life": 1}\n',
        b"[" * 100_000 + b"\n",
        b'{"seq": 5, "elapsed_s": 1, "unix": 1, "kind": "gap", "life": ' + b"1" * 5000 + b"}\n",
    ],
)
def test_a_damaged_line_in_the_middle_is_said_with_its_number(tmp_path: Path, line: bytes) -> None:
    """Everything around it is read, in the journal as in the samples."""
    entries, rows = recorded()
    record = read_record(directory(tmp_path / "run", _with(entries, 4, line), _with(rows, 7, line)))
    assert (record.state.seq, len(record.series)) == (len(entries), len(rows) - 1)
    assert [text for text in record.problems if text.startswith("events.jsonl line 5 ")]
    assert [text for text in record.problems if text.startswith("resources.jsonl line 8 ")]


def test_an_event_of_a_newer_version_is_said_and_not_fatal(tmp_path: Path) -> None:
    """What it means is not known; once is enough to say so."""
    entries, _ = recorded()
    row = {**json.loads(entries[9]), "kind": "added_later"}
    record = read_record(directory(tmp_path / "run", _with(entries, 9, json.dumps(row).encode() + b"\n")))
    assert record.problems == ("events.jsonl line 10 is not an entry this version knows",)
    assert record.state.seq == len(entries)


def test_entries_that_are_missing_are_said(tmp_path: Path) -> None:
    """A hole in the numbers is a hole in the record."""
    entries, _ = recorded()
    record = read_record(directory(tmp_path / "run", b"".join(entries[:5] + entries[7:])))
    assert record.problems == ("events.jsonl line 6: entry 6 is missing",)


def test_a_journal_that_begins_in_the_middle_is_said(tmp_path: Path) -> None:
    """Its beginning is missing, and that is no reason not to read the rest."""
    entries, _ = recorded()
    record = read_record(directory(tmp_path / "run", b"".join(entries[3:])))
    assert record.problems == ("events.jsonl line 1: entry 1 is missing",)


@IN_PLACE
@given(st.data())
def test_entries_with_anything_in_them_are_read_or_said(tmp_path: Path, data: st.DataObject) -> None:
    """A key lost, or a value of another kind: never a fault of soakctl, and never taken without a word for good."""
    entries, rows = recorded()
    lines = data.draw(st.sampled_from([entries, entries, rows[:30]]))
    place = data.draw(st.integers(0, len(lines) - 1))
    row = json.loads(lines[place])
    name = data.draw(st.sampled_from(sorted(row)))
    value: Any = data.draw(
        st.sampled_from([..., None, "x", -1, 0.5, [], {}, [1], True, {"x": 1}, [{}], math.nan, 10**30, -1e300])
    )
    changed = {key: found for key, found in row.items() if key != name} | ({} if value is ... else {name: value})
    damaged = _with(lines, place, json.dumps(changed).encode() + b"\n")
    contents = (damaged, b"".join(rows[:30])) if lines is entries else (b"".join(entries), damaged)
    path = directory(tmp_path / "run", *contents)
    record = read_record(path)
    assert read_record(path, samples_into_state=True).problems == record.problems
    verdict = judge(record, CONFIG, Options(trends=False)).verdict
    assert verdict.checks
    if any("line" in text for text in record.problems):
        assert any(check.id == "record.damaged" for check in verdict.checks)


@pytest.mark.parametrize(
    ("kind", "lacking"),
    [
        (EventKind.SERVICE_STARTED, "pid"),
        (EventKind.SERVICE_EXITED, "expected"),
        (EventKind.STOP_RUNG, "rung"),
        (EventKind.ITERATION_ENDED, "values"),
        (EventKind.LOG_OBSERVED, "lines"),
    ],
)
def test_an_entry_that_lacks_what_it_is_about_is_said(tmp_path: Path, kind: EventKind, lacking: str) -> None:
    """It is a line of the right form that means nothing."""
    entries, _ = recorded()
    place = next(place for place, line in enumerate(entries) if json.loads(line)["kind"] == kind)
    row = json.loads(entries[place])
    del row[lacking]
    record = read_record(directory(tmp_path / "run", _with(entries, place, json.dumps(row).encode() + b"\n")))
    assert record.problems == (f"events.jsonl line {place + 1} was left out: {kind} without a valid {lacking}",)


@pytest.mark.parametrize("name", ["from_s", "to_s", "lost_s", "away_s"])
def test_a_gap_of_no_length_is_said(tmp_path: Path, name: str) -> None:
    """Its seconds are added up."""
    entries, _ = recorded()
    place = next(place for place, line in enumerate(entries) if json.loads(line)["kind"] == EventKind.GAP)
    row = json.loads(entries[place]) | {name: None}
    path = directory(tmp_path / "run", _with(entries, place, json.dumps(row).encode() + b"\n"))
    record = read_record(path)
    assert record.problems == (f"events.jsonl line {place + 1} was left out: gap without a valid {name}",)
    assert judge(record, CONFIG, Options()).verdict.checks


def test_without_samples_the_record_is_read_and_the_absence_said(tmp_path: Path) -> None:
    """Judging then has no data of the resources."""
    path = directory(tmp_path / "run")
    (path / "resources.jsonl").unlink()
    record = read_record(path)
    assert (record.problems, len(record.series)) == (("resources.jsonl is missing",), 0)


def test_an_empty_journal_is_a_run_that_holds_nothing(tmp_path: Path) -> None:
    """Killed before the first entry was written."""
    record = read_record(directory(tmp_path / "run", b"", b""))
    with pytest.raises(NoDataError):
        judge(record, CONFIG, Options())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("run.json", None, "this is not the directory of a run"),
        ("run.json", b"", "run.json cannot be read: it is damaged"),
        ("run.json", b"{", "run.json cannot be read: it is damaged"),
        ("run.json", b"{}", "run.json cannot be read: it is damaged"),
        ("run.json", b"\xff", "run.json cannot be read: it is damaged"),
        ("events.jsonl", None, "the run has no events.jsonl"),
    ],
)
def test_a_directory_that_is_no_run_is_no_data(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    """Exit code 3, with where to look."""
    path = directory(tmp_path / "run")
    (path / name).unlink()
    if content is not None:
        (path / name).write_bytes(content)
    with pytest.raises(NoDataError, match=message) as told:
        read_record(path)
    assert told.value.exit_code is ExitCode.CONFIG_ERROR
    assert str(path) in told.value.where


@pytest.mark.parametrize(
    "change",
    [
        {"config": {"service": {"nope": 1}}},
        {"plan": {}},
        {"plan": {**PLAN.to_json(), "duration_s": "soon"}},
        {"plan": {**PLAN.to_json(), "sample_every_s": 0}},
        {"plan": None},
    ],
)
def test_a_manifest_that_cannot_be_judged_by_is_no_data(tmp_path: Path, change: dict[str, Any]) -> None:
    """Written by another version, or damaged: there is no telling what was asked of the run."""
    path = directory(tmp_path / "run")
    _change(path, **change)
    with pytest.raises(NoDataError, match=r"run\.json") as told:
        read_record(path)
    assert told.value.where == str(path / "run.json")


def _change(path: Path, **change: Any) -> None:
    row = {**manifest_of(CONFIG, PLAN).to_json(), **change}
    (path / "run.json").write_text(json.dumps(row))


def test_a_manifest_of_a_newer_version_is_read(tmp_path: Path) -> None:
    """What it has more is left out."""
    path = directory(tmp_path / "run")
    _change(path, added_later={"x": 1}, state="interrupted")
    assert read_manifest(path).state is RunPhase.INTERRUPTED


@pytest.mark.parametrize("more", [{}, {"config": {"new": 1}}, {"mode": "other"}, {"plan": None}])
def test_a_manifest_of_a_newer_format_is_said_to_be_one(tmp_path: Path, more: dict[str, Any]) -> None:
    """Whatever it holds beside: the schema is named, and who made it."""
    path = directory(tmp_path / "run")
    _change(path, schema="soakctl.run/99", soakctl_version="7.1", **more)
    with pytest.raises(NoDataError) as told:
        read_record(path)
    assert told.value.message == (
        "the run was made by a newer soakctl (7.1): its schema is soakctl.run/99, and this one reads soakctl.run/1"
    )
    assert told.value.exit_code is ExitCode.CONFIG_ERROR


def test_a_directory_that_is_none_is_no_run(tmp_path: Path) -> None:
    """A file, or nothing at all."""
    (tmp_path / "file").write_text("")
    for name in ("file", "missing"):
        with pytest.raises(NoDataError):
            read_manifest(tmp_path / name)
