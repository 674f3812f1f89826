"""Secrets in git's history: all commits as one stream, added lines only, each content of a file once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.validation import MissingInputError
from soakctl.errors import DependencyError, UnavailableError
from soakctl.services.validate.leaks import scan_block

if TYPE_CHECKING:
    from soakctl.ports import Bench
    from soakctl.services.validate.leaks import Forms, Leak

_LOG = (
    "git", "-c", "core.quotePath=false", "log", "-p", "--all", "--no-color", "--no-ext-diff", "--no-textconv",
    "--no-renames", "--unified=0", "--full-index", "--text", "-m", "--first-parent", "--format=commit %H",
)  # fmt: skip
_HUNK = re.compile(rb"@@ -\S+ \+(\d+)")
_INDEX = re.compile(rb"index ([0-9a-f]+)\.\.([0-9a-f]+)")
_MOST_HELD = 1 << 20


class Reader:
    """Reads the stream; keeps what the lines added to one place hold."""

    def __init__(self, values: Forms) -> None:
        """Nothing was read yet."""
        self.leaks: dict[tuple[str, str, str], Leak] = {}
        self._values = values
        self._rest = b""
        self._commit = self._path = ""
        self._seen: set[tuple[bytes, bytes, str]] = set()
        self._skip = False
        self._added: list[bytes] = []
        self._line, self._held = 0, 0

    def feed(self, block: bytes) -> None:
        """The next bytes of the log."""
        *lines, self._rest = (self._rest + block).split(b"\n")
        for line in lines:
            self._take(line)

    def finish(self) -> None:
        """The log has ended."""
        self._take(self._rest)
        self._flush()

    def _take(self, line: bytes) -> None:
        if line.startswith(b"+") and not line.startswith(b"+++ "):
            if not self._skip:
                self._added.append(line[1:])
                self._held += len(line)
                if self._held > _MOST_HELD:
                    self._flush()
            return
        if line.startswith(b"@@ "):
            self._flush()
            hunk = _HUNK.match(line)
            self._line = int(hunk[1]) if hunk else 1
        elif line.startswith(b"+++ "):
            self._path = line[4:].decode("utf-8", "replace").strip('"').removeprefix("b/")
        elif line.startswith(b"index "):
            found = _INDEX.match(line)
            key = (found[1], found[2], self._path) if found else (b"", b"", line.decode("latin-1"))
            self._skip = key in self._seen
            self._seen.add(key)
        elif line.startswith((b"commit ", b"diff ")):
            self._flush()
            self._skip = False
            if line.startswith(b"commit "):
                self._commit = line[7:].decode("ascii", "replace")

    def _flush(self) -> None:
        if self._added:
            data = b"\n".join(self._added) + b"\n"
            text = b"\0" not in data[:4096]
            for leak in scan_block(self._path, data, self._values, line=self._line, text=text):
                self.leaks.setdefault((leak.path, leak.rule, leak.digest), leak._replace(commit=self._commit))
            self._line += len(self._added)
        self._added.clear()
        self._held = 0


def scan_history(bench: Bench, values: Forms) -> list[Leak]:
    """What any commit has added, told once. Raises DependencyError without git, MissingInputError without history."""
    if bench.which("git") is None:
        raise DependencyError("git is not installed", hint="the history is read by git log")
    inside = bench.run(["git", "rev-parse", "--is-shallow-repository"])
    if not inside.ok:
        raise MissingInputError("this is no git repository", hint="leave out --history")
    if inside.stdout.strip() == "true":
        hint = "fetch all of it: git fetch --unshallow (actions/checkout: fetch-depth: 0)"
        raise UnavailableError("the clone is shallow, its history is not all here", hint=hint)
    reader = Reader(values)
    done = bench.run(_LOG, lines=reader.feed)
    if not done.ok:
        raise UnavailableError(f"git log: {done.failure()}")
    reader.finish()
    return list(reader.leaks.values())
