"""Secrets in git's history: all commits as one stream, added lines only, each content of a file once.

A merge is told by what stands in none of its parents: the rest of it was read with them. Such a difference has a
column for each parent before the text of a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.validation import MissingInputError
from soakctl.errors import DependencyError, UnavailableError
from soakctl.services.validate.leaks import plain_text, scan_block, scan_name

if TYPE_CHECKING:
    from soakctl.ports import Bench
    from soakctl.services.validate.leaks import Forms, Leak

_LOG = (
    "git", "-c", "core.quotePath=false", "-c", "log.showRoot=true", "log", "-p", "-c", "--all", "--no-color",
    "--no-ext-diff", "--no-textconv", "--no-renames", "--no-show-signature", "--src-prefix=a/", "--dst-prefix=b/",
    "--submodule=short", "--unified=0", "--full-index", "--text", "--format=commit %H",
)  # fmt: skip
_HUNK = re.compile(rb"(?P<signs>@{2,}) (?:-\S+ )+\+(?P<line>\d+)")
_INDEX = re.compile(rb"index ([0-9a-f,]+\.\.[0-9a-f]+)")
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_MOST_HELD = 1 << 20


class Reader:
    """Reads the stream; keeps what the lines added to one place hold."""

    def __init__(self, values: Forms) -> None:
        """Nothing was read yet."""
        self.leaks: dict[tuple[str, str, str], Leak] = {}
        self._values = values
        self._rest = b""
        self._commit = self._path = ""
        self._seen: set[tuple[bytes, str]] = set()
        self._names = {"/dev/null"}
        self._index = b""
        self._skip = self._in_hunk = False
        self._parents = 1
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
        if line.startswith(b"@@"):
            self._begin_hunk(line)
        elif self._in_hunk and line[:1] in (b"+", b"-", b" ", b"\\"):
            self._content(line)
        elif line.startswith((b"commit ", b"diff ")):
            self._flush()
            self._skip = self._in_hunk = False
            self._index = b""
            if line.startswith(b"commit "):
                self._commit = line[7:].decode("ascii", "replace")
        elif line.startswith(b"index "):
            found = _INDEX.match(line)
            self._index = found[1] if found else b""
        elif line.startswith(b"+++ "):
            self._path = _path_of(line[4:])
            key = self._index, self._path
            self._skip = bool(self._index) and key in self._seen
            self._seen.add(key)
            self._name(self._path)

    def _begin_hunk(self, line: bytes) -> None:
        self._flush()
        hunk = _HUNK.match(line)
        self._parents = len(hunk["signs"]) - 1 if hunk else 1
        self._line = int(hunk["line"]) if hunk else 1
        self._in_hunk = True

    def _content(self, line: bytes) -> None:
        """A line with a sign for each parent: `+` where the parent has it not."""
        signs = line[: self._parents]
        if self._skip or b"-" in signs or signs.startswith(b"\\"):
            return
        if signs.count(b"+") < self._parents:  # a parent had it
            self._flush()
            self._line += 1
            return
        self._added.append(line[self._parents :])
        self._held += len(line)
        if self._held > _MOST_HELD:
            self._flush()

    def _name(self, path: str) -> None:
        """The name of a file may hold a secret, too."""
        if path not in self._names:
            self._names.add(path)
            for leak in scan_name(path, self._values):
                self._keep(leak)

    def _keep(self, leak: Leak) -> None:
        self.leaks.setdefault((leak.path, leak.rule, leak.digest), leak._replace(commit=self._commit))

    def _flush(self) -> None:
        if self._added:
            data = b"\n".join(self._added) + b"\n"
            data, text = plain_text(data)
            for leak in scan_block(self._path, data, self._values, line=self._line, text=text):
                self._keep(leak)
            self._line += len(self._added)
        self._added.clear()
        self._held = 0


def _path_of(told: bytes) -> str:
    """The path after `+++`: git ends one with a space in it by a tab, and quotes one with control characters."""
    path = told.removesuffix(b"\t")
    if path.startswith(b'"') and path.endswith(b'"'):
        path = _ESCAPED.sub(_unescaped, path[1:-1])
    return path.decode("utf-8", "replace").removeprefix("b/")


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 8) & 255]) if len(match[1]) > 1 else _ESCAPES.get(match[1], match[1])


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
