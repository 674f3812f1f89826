"""Recording a run: every line survives, documents are whole or not there, and what cannot be written is told."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.run_reader import read_record
from soakctl.adapters.run_store import DirectoryStore, DocumentStore
from soakctl.domain.journal import Entry, EventKind
from soakctl.domain.sample import Sample
from soakctl.errors import ExitCode, UnavailableError
from soakctl.redact import Redactor
from tests.domain.test_journal import ENTRIES
from tests.domain.test_sample import SAMPLES
from tests.support.eventful import CONFIG, PLAN
from tests.support.polling import eventually
from tests.support.scripted import manifest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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


def test_a_document_that_cannot_be_replaced_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs the new version and not the old one."""
    store = DocumentStore(tmp_path, redact=lambda value: value)
    store.write("verdict.json", {"verdict": "WARN"})

    def full(*_arguments: Any, **_more: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(UnavailableError, match="disk is full"):
        store.write("verdict.json", {"verdict": "FAIL"})
    assert rows_of_document(tmp_path / "verdict.json") == {"verdict": "WARN"}


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


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        (errno.ENOSPC, "the disk is full", "Free some space; what was recorded is kept, and `--resume` goes on."),
        (errno.EDQUOT, "the disk quota is used up", "Free some space; what was recorded so far is kept."),
        (errno.EROFS, "the file system is read-only", "Choose another place with ARTIFACTS_DIR."),
        (errno.EACCES, "permission denied", "Make the directory writable"),
        (errno.EIO, "Input/output error", ""),
    ],
)
def test_what_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str, hint: str
) -> None:
    """What is wrong, where, and what to do, for journal and samples alike."""
    store = store_at(tmp_path)

    def fail(_descriptor: int, _data: bytes) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("soakctl.adapters.run_store.os.write", fail)
    for record, name in (
        (lambda: store.append(entry_of(1)), "events.jsonl"),
        (lambda: store.append_sample(Sample(1.0, 1e9, "")), "resources.jsonl"),
    ):
        with pytest.raises(UnavailableError) as told:
            record()
        assert told.value.message == f"cannot write the run's record: {message}"
        assert told.value.hint.startswith(hint)
        assert (told.value.where, told.value.exit_code) == (str(tmp_path / name), ExitCode.UNAVAILABLE)
    monkeypatch.undo()
    store.close()


def test_a_disk_that_fills_in_the_middle_of_a_line_tears_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The part that was taken is given back, so that a later line is not glued to it."""
    store = store_at(tmp_path)
    store.append(entry_of(1))
    real, calls = os.write, []

    def nearly_full(descriptor: int, data: bytes) -> int:
        calls.append(len(data))
        if len(calls) == 1:
            return real(descriptor, data[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("soakctl.adapters.run_store.os.write", nearly_full)
    with pytest.raises(UnavailableError):
        store.append(entry_of(2))
    monkeypatch.undo()
    store.append(entry_of(2))
    store.close()
    assert [row["seq"] for row in rows(tmp_path / "events.jsonl")] == [1, 2]


def test_a_short_write_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may take a part of a line at a time."""
    real = os.write
    monkeypatch.setattr("soakctl.adapters.run_store.os.write", lambda fd, data: real(fd, data[:7]))
    with opened(tmp_path) as store:
        store.append(entry_of(1, text="é" * 50))
    assert rows(tmp_path / "events.jsonl")[0]["text"] == "é" * 50


FULL_DISK = textwrap.dedent("""
    import resource, signal, sys
    from pathlib import Path
    from soakctl.adapters.run_store import DirectoryStore
    from soakctl.domain.journal import Entry, EventKind
    from soakctl.errors import UnavailableError
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    store = DirectoryStore(Path(sys.argv[1]), redact=lambda value: value, durable=True)
    try:
        for seq in range(1, 100):
            store.append(Entry(seq, 1.0, 2.0, EventKind.GAP, 1, {"reason": "x"}))
    except UnavailableError as error:
        print(seq, error.message)
    store.close()
""")


def test_a_file_that_may_not_grow_ends_in_a_whole_line(tmp_path: Path) -> None:
    """A real limit of the system, met by a real process: told, and everything before it is readable."""
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True)
    failed_at = int(done.stdout.split()[0])
    assert done.stdout.endswith("the file may not grow any further\n")
    assert [row["seq"] for row in rows(tmp_path / "events.jsonl")] == list(range(1, failed_at))


@pytest.mark.parametrize(
    ("code", "message"), [(errno.EACCES, "permission denied"), (errno.EROFS, "the file system is read-only")]
)
def test_a_read_only_place_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str) -> None:
    """Before anything has been started, with the way out. (The tests may run as root, who may write anywhere.)"""

    def refuse(*_arguments: Any) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("soakctl.adapters.run_store.os.open", refuse)
    with pytest.raises(UnavailableError, match=message) as told:
        store_at(tmp_path)
    assert "ARTIFACTS_DIR" in told.value.hint


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    """Where the directory of the run should be, or above it."""
    (tmp_path / "run").write_text("")
    for path in (tmp_path / "run", tmp_path / "run" / "deeper"):
        with pytest.raises(UnavailableError, match="a file is in the way") as told:
            store_at(path)
        assert told.value.where == str(path)


def test_a_directory_in_the_way_is_told(tmp_path: Path) -> None:
    """Where the journal should be."""
    (tmp_path / "events.jsonl").mkdir()
    with pytest.raises(UnavailableError, match="a directory is in the way"):
        store_at(tmp_path)


def test_opening_leaves_no_descriptor_behind_when_it_fails(tmp_path: Path) -> None:
    """The journal could be opened and the samples could not."""
    (tmp_path / "resources.jsonl").mkdir()
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(5):
        with pytest.raises(UnavailableError):
            store_at(tmp_path)
    after = len(os.listdir("/proc/self/fd")) if before else 0
    assert after == before


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
