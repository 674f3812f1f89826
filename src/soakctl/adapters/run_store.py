"""The directory of a run: a journal and samples that only grow, and documents replaced by rename."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
from typing import TYPE_CHECKING, Any

from soakctl.adapters.run_reader import read_record
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from soakctl.domain.journal import Entry
    from soakctl.domain.record import Record
    from soakctl.domain.sample import Sample

JOURNAL = "events.jsonl"
SAMPLES = "resources.jsonl"
# A power cut may cost this much of the samples (seconds); journal entries are made durable one by one.
_SYNC_SAMPLES_S = 30.0
_dumps = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


class DocumentStore:
    """The documents of a run directory; its record is read, and does not grow."""

    def __init__(self, path: Path, *, redact: Callable[[Any], Any]) -> None:
        """Nothing is opened or made."""
        self.path = path
        self._redact = redact

    def write(self, name: str, document: Mapping[str, Any]) -> None:
        """Replace a JSON document."""
        text = json.dumps(self._redact(dict(document)), sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
        self._replace(name, text + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Replace a text file."""
        self._replace(name, self._redact(text))

    def load(self) -> Record:
        """The record as it stands."""
        return read_record(self.path)

    def _replace(self, name: str, text: str) -> None:
        target = self.path / name
        partial = target.with_name(f".{name}.new")
        with _told(target):
            partial.write_bytes(text.encode("utf-8", "replace"))
            partial.replace(target)


class DirectoryStore(DocumentStore):
    """A run directory, open for recording.

    A record is one plain `write`, which survives a kill of soakctl; making it durable happens on a thread of its
    own, never while the engine waits. Under virtual time nothing is synced (`durable=False`).
    """

    def __init__(self, path: Path, *, redact: Callable[[Any], Any], durable: bool) -> None:
        """Open the files, cutting a torn last line off first. Raises UnavailableError."""
        super().__init__(path, redact=redact)
        self._journal_path, self._samples_path = path / JOURNAL, path / SAMPLES
        with _told(path):
            path.mkdir(parents=True, exist_ok=True)
            self._journal = _open_lines(self._journal_path)
            try:
                self._samples = _open_lines(self._samples_path)
            except OSError:
                os.close(self._journal)
                raise
        self._sync = _Sync(self._journal, self._samples) if durable else None

    def append(self, entry: Entry) -> None:
        """Add a line to the journal."""
        with _told(self._journal_path):
            _write(self._journal, _dumps(entry.to_json()))
        if self._sync is not None:
            self._sync.journal_written()

    def append_sample(self, sample: Sample) -> None:
        """Add a line to the samples."""
        with _told(self._samples_path):
            _write(self._samples, _dumps(sample.to_json()))

    def close(self) -> None:
        """Sync and close; the record does not depend on it."""
        if self._sync is not None:
            self._sync.stop()
        for descriptor in (self._journal, self._samples):
            with contextlib.suppress(OSError):
                os.close(descriptor)


class _Sync:
    """Makes what was written durable, on a thread of its own."""

    def __init__(self, journal: int, samples: int) -> None:
        self._journal, self._samples = journal, samples
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="soakctl-sync", daemon=True)
        self._thread.start()

    def journal_written(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while not self._stopped:
            woken = self._wake.wait(_SYNC_SAMPLES_S)
            self._wake.clear()
            with contextlib.suppress(OSError):  # a full or vanished disk is said by the next write
                _datasync(self._journal)
                if not woken or self._stopped:
                    _datasync(self._samples)


_datasync = getattr(os, "fdatasync", os.fsync)


def _write(descriptor: int, line: str) -> None:
    data = (line + "\n").encode("utf-8", "replace")
    written = os.write(descriptor, data)
    try:
        while written < len(data):  # a nearly full disk takes a part, and says why on the next call
            written += os.write(descriptor, data[written:])
    except OSError:
        os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)  # or the next line would be glued to it
        raise


def _open_lines(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        keep = _whole_lines(descriptor, size)
        if keep < size:
            os.ftruncate(descriptor, keep)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _whole_lines(descriptor: int, size: int) -> int:
    """Bytes up to and including the last newline."""
    step, place = 65536, size
    while place > 0:
        start = max(0, place - step)
        found = os.pread(descriptor, place - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        place = start
    return 0


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unavailable(error, path) from error


def _unavailable(error: OSError, path: Path) -> UnavailableError:
    what, hint = {
        errno.ENOSPC: (
            "the disk is full",
            "Free some space; what was recorded is kept, and `--resume` goes on.",
        ),
        errno.EDQUOT: ("the disk quota is used up", "Free some space; what was recorded so far is kept."),
        errno.EROFS: ("the file system is read-only", "Choose another place with ARTIFACTS_DIR."),
        errno.EACCES: ("permission denied", "Make the directory writable, or choose another with ARTIFACTS_DIR."),
        errno.EPERM: ("permission denied", "Make the directory writable, or choose another with ARTIFACTS_DIR."),
        errno.ENOTDIR: ("a file is in the way", "Choose another place with ARTIFACTS_DIR."),
        errno.EEXIST: ("a file is in the way", "Choose another place with ARTIFACTS_DIR."),
        errno.EISDIR: ("a directory is in the way", "Choose another place with ARTIFACTS_DIR."),
        errno.EFBIG: ("the file may not grow any further", "Raise the limit with `ulimit -f unlimited`."),
    }.get(error.errno or 0, (str(error.strerror or error), ""))
    return UnavailableError(f"cannot write the run's record: {what}", hint=hint, where=str(path))
