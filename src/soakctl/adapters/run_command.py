"""The one place that runs a helper command to its end: bounded in time and output, and nothing of it stays behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import IO, TYPE_CHECKING

from soakctl.adapters.command_tree import CommandTree
from soakctl.domain.signal import Verified
from soakctl.domain.wording import show_seconds, signal_name

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from soakctl.domain.config.service import StopVerify

LARGEST_OUTPUT = 1_000_000
_CHUNK = 65536
_CHUNKS_AT_ONCE = 64
_MOST_WAITING = 32_000_000
_PAUSES_S = (0.001, 0.02)


@dataclass(frozen=True, slots=True)
class Completed:
    """How a helper command ended.

    Attributes:
        code: its exit code, -N for signal N; None where there is none (not started, out of time, taken by another).
        stdout: decoded with replacement; where it was cut, whole lines only.
        stderr: likewise.
        timed_out: it was ended because it ran too long.
        not_found: there is no such command.
        cut: it wrote more to its standard output than was allowed, and the rest was thrown away.
        problem: why there is no exit code, or "".
        took_s: how long it ran, without what was still to be copied to `tee` at its end; seconds.
    """

    code: int | None
    stdout: str = ""
    stderr: str = ""
    timed_out: bool = False
    not_found: bool = False
    cut: bool = False
    problem: str = ""
    took_s: float = field(default=0.0, compare=False)

    @property
    def ok(self) -> bool:
        """Whether it ran to its end and said success."""
        return self.code == 0 and not self.problem

    def failure(self) -> str:
        """Why it is not `ok`, with the last line it wrote, or "". May hold secrets of the command: redact it."""
        if self.ok:
            return ""
        why = self.problem
        if not why and self.code is not None:
            why = f"ended by {signal_name(-self.code)}" if self.code < 0 else f"exit code {self.code}"
        written = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return f"{why}: {written[-1].strip()}" if written else why


def run_bounded(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout_s: float,
    max_output: int = LARGEST_OUTPUT,
    cancel: threading.Event | None = None,
    tee: Callable[[str, bytes], None] | None = None,
    daemons: bool = False,
) -> Completed:
    """Run a command without a shell, in a session of its own, and wait for it.

    It has no input. Each of its two outputs is kept up to `max_output` bytes; `tee` gets all of it, as it comes, with
    the name of the output: out or err; where that is slower than the command, the rest follows after its end and does
    not count as its time. When it runs longer than `timeout_s`, or `cancel` is set, its whole tree is killed; when it
    ends by itself, what it left running in its process group is, and with `daemons` what left that, too.
    """
    began = time.monotonic()
    tree = CommandTree(env, daemons=daemons)
    try:
        child = tree.start(partial(_popen, argv, cwd, tree.env))
    except (OSError, ValueError) as error:
        return _not_started(argv, cwd, env, error)
    assert child.stdout is not None
    assert child.stderr is not None
    with child.stdout, child.stderr:
        copies = _Copies(tee)
        outputs = tuple(
            _Output(name, pipe, max_output, copies) for name, pipe in (("out", child.stdout), ("err", child.stderr))
        )
        problem = ""
        code: int | None = None
        try:
            ended, code, problem = _follow(child, outputs, copies, timeout_s, cancel)
        except BaseException:
            tree.end(child, whole=True)
            raise
        tree.end(child, whole=not ended)
        took_s = time.monotonic() - began
        copies.copy_all()
    return Completed(
        code=code,
        stdout=outputs[0].text(),
        stderr=outputs[1].text(),
        timed_out=problem.startswith(_TOO_LONG),
        cut=outputs[0].cut,
        problem=problem,
        took_s=took_s,
    )


def verify(
    asked: StopVerify,
    *,
    cwd: Path,
    env: Mapping[str, str],
    redact: Callable[[str], str] = str,
    cancel: threading.Event | None = None,
) -> Verified:
    """Run the command that verifies a clean stop; only exit code 0 is ok. Blocks for its time-out at most."""
    done = run_bounded(asked.command, cwd=cwd, env=env, timeout_s=float(asked.timeout), cancel=cancel)
    return Verified(done.ok, redact(f"{asked.command[0]}: {done.failure() or 'exit code 0'}"))


_TOO_LONG = "no end within"


def _popen(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - the user's own command, as an argument vector
        list(argv),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _not_started(argv: Sequence[str], cwd: Path, env: Mapping[str, str], error: OSError | ValueError) -> Completed:
    if isinstance(error, OSError) and not cwd.is_dir():
        return Completed(None, problem=f"the working directory {cwd} does not exist")
    if isinstance(error, FileNotFoundError):
        there = shutil.which(cwd / argv[0] if os.sep in argv[0] else argv[0], path=env.get("PATH"))
        problem = "the interpreter named in its first line was not found" if there else "command not found"
        return Completed(None, not_found=True, problem=problem)
    if isinstance(error, PermissionError):
        return Completed(None, problem="not executable: permission denied")
    return Completed(None, problem=f"cannot be run: {getattr(error, 'strerror', None) or error}")


class _Output:
    """One output of a command, read without ever waiting."""

    def __init__(self, name: str, pipe: IO[bytes], limit: int, copies: _Copies) -> None:
        self._name = name
        self._copies = copies
        self._descriptor = pipe.fileno()
        os.set_blocking(self._descriptor, False)
        self._limit = limit
        self._content = bytearray()
        self._open = True
        self.cut = False

    def drain(self, *, last: bool = False) -> bool:
        """Take what is there; whether there was anything. Bounded, so that a flood cannot hold the deadline up."""
        for chunks in range(_CHUNKS_AT_ONCE):
            if not self._open or (self._copies.are_many and not last):
                return chunks > 0
            try:
                chunk = os.read(self._descriptor, _CHUNK)
            except BlockingIOError:
                return chunks > 0
            self._open = bool(chunk)
            self._copies.add(self._name, chunk)
            room = self._limit - len(self._content)
            self._content += chunk[:room]
            self.cut = self.cut or len(chunk) > room
        return True

    def text(self) -> str:
        """What was kept. Half a line is left out: half a secret in it could not be recognised and hidden."""
        kept = self._content.rpartition(b"\n")[0] if self.cut else self._content
        return kept.decode("utf-8", "replace")


class _Copies:
    """What was read and is not copied yet: a command is read first, so that copying does not slow it down."""

    def __init__(self, tee: Callable[[str, bytes], None] | None) -> None:
        self._tee = tee
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._bytes = 0

    @property
    def are_many(self) -> bool:
        """Whether the command has to wait until some are copied."""
        return self._bytes >= _MOST_WAITING

    def add(self, name: str, chunk: bytes) -> None:
        """To be copied later."""
        if self._tee is not None and chunk:
            self._waiting.append((name, chunk))
            self._bytes += len(chunk)

    def copy_one(self) -> bool:
        """Copy a piece; whether there was one."""
        if not self._waiting or self._tee is None:
            return False
        name, chunk = self._waiting.popleft()
        self._bytes -= len(chunk)
        self._tee(name, chunk)
        return True

    def copy_all(self) -> None:
        """Copy what is left."""
        while self.copy_one():
            pass


def _follow(
    child: subprocess.Popen[bytes],
    outputs: Iterable[_Output],
    copies: _Copies,
    timeout_s: float,
    cancel: threading.Event | None,
) -> tuple[bool, int | None, str]:
    """Read until the command ends: (whether it did by itself, its code, why there is none)."""
    deadline = time.monotonic() + timeout_s
    pause = _PAUSES_S[0]
    while True:
        ended, code = _look(child)
        # All of them, always: a full pipe would block the command. After its end this takes what it wrote last.
        busy = [output.drain(last=ended) for output in outputs]
        if ended:
            return True, code, "" if code is not None else "its exit code is unknown: something else took it"
        if cancel is not None and cancel.is_set():
            return False, None, "ended because the run is over"
        left = deadline - time.monotonic()
        if left <= 0:
            return False, None, f"{_TOO_LONG} {show_seconds(timeout_s)}"
        if any(busy) or copies.copy_one():
            pause = _PAUSES_S[0]
            continue
        pause = min(pause * 2, _PAUSES_S[1])
        time.sleep(min(pause, left))


def _look(child: subprocess.Popen[bytes]) -> tuple[bool, int | None]:
    """Whether the command has ended, and its code.

    Where SIGCHLD is ignored, or another part of the program waits for all children, Popen says 0 for a code that it
    never saw. A failed check would pass; so look first whether the code is there to be taken.
    """
    if hasattr(os, "waitid"):
        try:
            if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return False, None
        except ChildProcessError:
            child.poll()
            return True, None
    return child.poll() is not None, child.returncode
