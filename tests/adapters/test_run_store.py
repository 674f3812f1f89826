"""Recording a run: every line survives, documents are whole or not there, and what cannot be written is told."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from soakctl.adapters.run_reader import read_record
from soakctl.adapters.run_store import DirectoryStore, DocumentStore
from soakctl.domain.journal import Entry, EventKind
from soakctl.domain.plan import Plan
from soakctl.domain.sample import Sample
from soakctl.domain.signal import KpiRead
from soakctl.domain.state import RunState
from soakctl.mock.sim_world import SimWorld
from soakctl.redact import Redactor
from soakctl.services.soak.run import Soak, run_soak
from tests.domain.test_journal import ENTRIES
from tests.domain.test_sample import SAMPLES
from tests.support.eventful import CONFIG, PLAN
from tests.support.polling import eventually
from tests.support.scripted import START_UNIX, Script, config_of, manifest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest


def store_at(
    path: Path, redact: Callable[[Any], Any] = lambda value: value, *, durable: bool = False
) -> DirectoryStore:
    """A store of a run at this path."""
    return DirectoryStore(path, redact=redact, durable=durable)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[DirectoryStore]:
    """The store, closed afterwards."""
    store = store_at(path)
    try:
        yield store
    finally:
        store.close()


def entry_of(seq: int, **data: Any) -> Entry:
    """A harmless entry."""
    return Entry(seq, float(seq), 1e9 + seq, EventKind.LIVENESS_RESTORED, 1, data)


def rows(path: Path) -> list[dict[str, Any]]:
    """The lines of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


@settings(max_examples=40)
@given(st.lists(ENTRIES, max_size=5), st.lists(SAMPLES, max_size=3))
def test_what_is_recorded_is_read_back(tmp_path_factory: pytest.TempPathFactory, entries: Any, samples: Any) -> None:
    """Any entries and samples, in any script, line by line as they were."""
    path = tmp_path_factory.mktemp("run")
    with opened(path) as store:
        for entry in entries:
            store.append(entry)
        for sample in samples:
            store.append_sample(sample)
    assert [Entry.from_json(row) for row in rows(path / "events.jsonl")] == entries
    assert [Sample(**row) for row in rows(path / "resources.jsonl")] == samples


@settings(max_examples=50)
@given(st.integers(0, 400), st.sampled_from(["events.jsonl", "resources.jsonl"]))
def test_a_torn_line_is_cut_off_and_the_record_goes_on(
    tmp_path_factory: pytest.TempPathFactory, lost: int, name: str
) -> None:
    """Torn at any byte by a kill or a power cut: whole lines stay, and new ones begin on a line of their own."""
    path = tmp_path_factory.mktemp("run")
    with opened(path) as store:
        for seq in range(1, 4):
            store.append(entry_of(seq, text="é" * seq))
            store.append_sample(Sample(float(seq), 1e9, "", rss_bytes=seq))
        store.write("run.json", manifest_of(CONFIG, PLAN).to_json())
    torn = path / name
    content = torn.read_bytes()
    torn.write_bytes(content[: max(0, len(content) - lost)])
    whole = torn.read_bytes().count(b"\n")
    with opened(path) as store:
        store.append(entry_of((whole if name == "events.jsonl" else 3) + 1))
        store.append_sample(Sample(9.0, 1e9, "", rss_bytes=9))
    record = read_record(path)
    assert record.problems == ()
    count = whole + 1 if name == "events.jsonl" else 4
    assert (record.state.seq, rows(torn)[:whole]) == (
        count,
        [json.loads(line) for line in content.split(b"\n")[:whole]],
    )
    assert len(rows(torn)) == whole + 1


def test_a_long_torn_line_is_cut_off_as_well(tmp_path: Path) -> None:
    """However far back its beginning lies."""
    with opened(tmp_path) as store:
        store.append(entry_of(1))
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b"x" * 200_000)
    with opened(tmp_path) as store:
        store.append(entry_of(2))
    assert [row["seq"] for row in rows(tmp_path / "events.jsonl")] == [1, 2]


def test_a_line_is_in_the_file_when_append_returns(tmp_path: Path) -> None:
    """Nothing is held back that a kill would lose."""
    with opened(tmp_path) as store:
        for seq in range(1, 4):
            store.append(entry_of(seq))
            store.append_sample(Sample(float(seq), 1e9, ""))
            assert len(rows(tmp_path / "events.jsonl")) == len(rows(tmp_path / "resources.jsonl")) == seq


def test_documents_are_json_with_sorted_keys(tmp_path: Path) -> None:
    """The same content gives the same bytes, readable as it stands."""
    with opened(tmp_path) as store:
        store.write("a.json", {"b": 1, "a": "é"})
        store.write_text("a.txt", "é\n")
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n "a": "é",\n "b": 1\n}\n'
    assert (tmp_path / "a.txt").read_bytes() == b"\xc3\xa9\n"


def test_no_reader_ever_sees_half_a_document(tmp_path: Path) -> None:
    """Read again and again while it is replaced, it is always whole, and nothing partial is left behind."""
    store = DocumentStore(tmp_path, redact=lambda value: value)
    store.write("status.json", {"round": 0, "fill": "x" * 50_000})
    done = threading.Event()

    def replace() -> None:
        for count in range(1, 150):
            store.write("status.json", {"round": count, "fill": "x" * 50_000})
        done.set()

    writer = threading.Thread(target=replace)
    writer.start()
    seen = set()
    while not done.is_set():
        seen.add(json.loads((tmp_path / "status.json").read_bytes())["round"])
    writer.join()
    assert seen
    assert [item.name for item in tmp_path.iterdir()] == ["status.json"]


def rows_of_document(path: Path) -> Any:
    """The content of a document."""
    return json.loads(path.read_text())


SECRET = "hunter2-hunter2"


def hide(value: Any) -> Any:
    """As soakctl hides a configured secret."""
    return Redactor({"BOT_TOKEN": SECRET}).value(value)


def test_every_string_of_a_document_is_redacted_on_its_way_in(tmp_path: Path) -> None:
    """Wherever it stands: in values, in keys, in lists, in text."""
    store = store_at(tmp_path, hide)
    store.write("a.json", {"x": [{"y": f"--token {SECRET}"}], f"k-{SECRET}": (SECRET,), "n": 1, "none": None})
    store.write_text("a.txt", f"line\nand {SECRET} here\n")
    store.close()
    assert all(SECRET.encode() not in path.read_bytes() for path in tmp_path.iterdir())
    assert rows_of_document(tmp_path / "a.json")["n"] == 1
    assert (tmp_path / "a.txt").read_text().startswith("line\nand [REDACTED")


def test_no_secret_gets_into_the_record_of_a_run(tmp_path: Path) -> None:
    """Not by a captured field, a CRITICAL line, the story of a crash, a KPI's reason or the command."""
    config = config_of(
        service={"command": ["service", "--token", SECRET]},
        smoke={"checkpoints": [{"name": "up", "pattern": "up (?P<token>.*)", "liveness": True}]},
        soak={"duration": "2m"},
        kpis=[{"name": "quality", "source": {"json": "q.json"}, "min": 1}],
    )
    lines = [(0.1, f"up {SECRET}", "out"), (20.0, f"CRITICAL lost {SECRET}", "err"), (50.0, f"bye {SECRET}", "err")]
    script = Script(config, lines=lines, ends={1: (60.0, 1)})
    plan, store = Plan.of(config.soak), store_at(tmp_path, hide)
    world = SimWorld(script, start_unix=START_UNIX)
    world.at(30.0, lambda: KpiRead("quality", 1, None, f"401 for {SECRET}"))
    job = Soak(config, manifest_of(config, plan), RunState(plan=plan), mock=False, resumed=False)
    run_soak(job, world, store, redact=hide)
    store.close()
    record = read_record(tmp_path)
    assert record.state.critical == 1
    assert record.state.crashes
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 4
    assert not [path.name for path in files if SECRET.encode() in path.read_bytes()]


def test_text_that_is_no_unicode_is_written_as_well_as_can_be(tmp_path: Path) -> None:
    """A file name or an argument may hold any byte; the record is UTF-8 all the same."""
    odd = os.fsdecode(b"caf\xe9")
    with opened(tmp_path) as store:
        store.append(entry_of(1, text=odd))
        store.write("a.json", {"text": odd})
        store.write_text("a.txt", odd)
    assert rows(tmp_path / "events.jsonl")[0]["text"] == "caf?"
    assert rows_of_document(tmp_path / "a.json") == {"text": "caf?"}
    assert (tmp_path / "a.txt").read_text() == "caf?"


def test_durable_entries_are_synced_without_waiting_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk may take its time: append returns, a thread syncs, and close leaves none of them behind."""
    go_on, synced = threading.Event(), []

    def slow(descriptor: int) -> None:
        go_on.wait(10)
        synced.append(descriptor)

    monkeypatch.setattr("soakctl.adapters.run_store._datasync", slow)
    store = store_at(tmp_path, durable=True)
    store.append(entry_of(1))
    assert len(rows(tmp_path / "events.jsonl")) == 1
    assert not synced
    go_on.set()
    eventually(lambda: synced)
    store.close()
    assert not [thread for thread in threading.enumerate() if re.match("soakctl-sync", thread.name)]
    assert len(set(synced)) == 2
