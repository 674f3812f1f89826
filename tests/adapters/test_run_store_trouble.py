"""What cannot be recorded is told, and tears nothing."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.run_store import DirectoryStore, DocumentStore
from soakctl.domain.journal import Entry, EventKind
from soakctl.domain.sample import Sample
from soakctl.errors import ExitCode, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable


def store_at(path: Path) -> DirectoryStore:
    """A store of a run at this path."""
    return DirectoryStore(path, redact=lambda value: value, durable=False)


def entry_of(seq: int, text: str = "") -> Entry:
    """A harmless entry."""
    return Entry(seq, float(seq), 1e9 + seq, EventKind.LIVENESS_RESTORED, 1, {"text": text})


def rows(path: Path) -> list[dict[str, Any]]:
    """The lines of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


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
    records: dict[str, Callable[[], None]] = {
        "events.jsonl": lambda: store.append(entry_of(1)),
        "resources.jsonl": lambda: store.append_sample(Sample(1.0, 1e9, "")),
    }
    for name, record in records.items():
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
    store = store_at(tmp_path)
    store.append(entry_of(1, text="é" * 50))
    store.close()
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
    """Before anything has been started, with the way out."""
    # The tests may run as root, who may write anywhere: the refusal is made up.

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
    before = _descriptors()
    for _ in range(5):
        with pytest.raises(UnavailableError):
            store_at(tmp_path)
    assert _descriptors() == before


def _descriptors() -> int:
    own = Path("/proc/self/fd")
    return len(list(own.iterdir())) if own.is_dir() else 0


def test_a_document_that_cannot_be_replaced_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs the new version and not the old one."""
    store = DocumentStore(tmp_path, redact=lambda value: value)
    store.write("verdict.json", {"verdict": "WARN"})

    def full(*_arguments: Any, **_more: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(UnavailableError, match="disk is full"):
        store.write("verdict.json", {"verdict": "FAIL"})
    assert json.loads((tmp_path / "verdict.json").read_text()) == {"verdict": "WARN"}
