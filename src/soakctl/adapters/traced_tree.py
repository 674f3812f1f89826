"""The processes of a service as a trace sees them: which have an agent, what it says, and why the others have none."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, NamedTuple

from soakctl.adapters.agent_client import ask
from soakctl.adapters.agent_home import home_of
from soakctl.awaits.model import read_look
from soakctl.awaits.trace import BusyError, Process
from soakctl.errors import UnavailableError
from soakctl.keeper.tree import descendants, look

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from soakctl.awaits.model import Look

LOOK_S = 8.0
NOT_PYTHON = "not a Python program"
_OLDEST = (3, 11)
# A main thread that had so much of the CPU while nobody answered did not wait (share; of at least so many seconds).
_BUSY = 0.25
_LONG_S = 2.0
_PYTHON = re.compile(r"(python|pypy)[0-9.]*$")


class Entered(NamedTuple):
    """How a process without an agent of its own is looked into: by a socket, or its threads alone."""

    how: str
    socket: Path
    note: str = ""
    threads: Callable[[], Look] | None = None


class TracedTree:
    """A process and those below it. `root` is the keeper with `include_root=False`."""

    def __init__(
        self, root: int, *, include_root: bool, home: Path | None, entered: Mapping[int, Entered] | None = None
    ) -> None:
        """`home`: where the agents are, for a service of ours; else each process's environment says so.

        `entered`: processes without an agent of their own, and how they are looked into.
        """
        self._entered = entered or {}
        self._root = root
        self._include_root = include_root
        self._home = home

    def processes(self) -> list[Process]:
        """All of them that live, parents first."""
        if not os.path.exists("/proc/self/stat"):  # elsewhere than on Linux: those that can answer
            sockets = sorted(self._home.glob("*.sock")) if self._home is not None else []
            return [Process(int(path.stem), "", how="agent") for path in sockets]
        root = look(self._root)
        members = [root] if self._include_root and root is not None else []
        members += [each for each in descendants(self._root) if not each.zombie]
        return [self._process(each.pid) for each in members]

    def look(self, pid: int) -> Look:
        """What the agent of this process sees now. Raises UnavailableError."""
        entered = self._entered.get(pid)
        if entered is not None and entered.threads is not None:
            return entered.threads()
        home = self._home or home_of(pid)
        path = entered.socket if entered is not None else home / f"{pid}.sock" if home is not None else None
        if path is None:
            raise UnavailableError(f"process {pid} has no agent")
        before = _on_cpu(pid)
        try:
            answer = ask(path, "look", timeout_s=LOOK_S)
        except UnavailableError as error:
            raise _explained(pid, error, before) from None
        try:
            found = read_look(answer)
        except ValueError as error:
            raise UnavailableError(f"the answer of process {pid} cannot be read: {error}") from None
        if found.pid != pid:
            raise UnavailableError(f"process {found.pid} answered for process {pid}")
        return found

    def _process(self, pid: int) -> Process:
        words = _command(pid)
        command = " ".join(words)
        if pid in self._entered:
            entered = self._entered[pid]
            return Process(pid, command, how=entered.how, note=entered.note, whole=entered.threads is None)
        home = self._home or home_of(pid)
        if home is not None and (home / f"{pid}.sock").exists():
            return Process(pid, command, how="agent")
        note, blind = _why_not(pid, words, home)
        return Process(pid, command, note=note, blind=blind)


def _why_not(pid: int, words: list[str], home: Path | None) -> tuple[str, bool]:
    """Why there is no agent to ask, and whether there should be one: then nothing is known of it."""
    moved = _another_user(pid, home)
    return (moved, True) if moved else (_no_agent(pid, words, home), False)


def _another_user(pid: int, home: Path | None) -> str:
    """For a process that gave up the user it was started as: the agent's directory is not that user's."""
    if home is None:
        return ""
    try:
        before, now = os.stat(home / f"{pid}.hello").st_uid, os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return ""
    if before == now:
        return ""
    return f"it runs as user {now} but was started as user {before}, so the agent cannot make its socket"


def _no_agent(pid: int, words: list[str], home: Path | None) -> str:
    try:
        version = (home / f"{pid}.hello").read_text(encoding="utf-8") if home is not None else ""
    except OSError:
        version = ""
    if version:
        numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
        if numbers < _OLDEST:
            return f"Python {version}: the agent needs 3.11 or newer"
        seen = "trio and gevent are not looked into"
        return (
            f"Python {version}: no event loop of asyncio has run in it; {seen}, py-spy dump --pid {pid} shows threads"
        )
    try:
        program = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        program = os.path.basename(words[0]) if words else ""
    if not _PYTHON.match(program):
        return NOT_PYTHON
    if home is None:
        return "it was not started by soakctl, so there is no agent in it"
    flags = [word for word in words[1:] if re.fullmatch(r"-[A-Za-z]*[IES][A-Za-z]*", word)]
    if flags:
        return f"started with {flags[0]}, which keeps the agent out"
    return "the agent was not loaded: the environment was cleaned, or the interpreter has no site module"


def _on_cpu(pid: int) -> tuple[str, float, float]:
    """The state of the main thread, the seconds of CPU it has used, and the time."""
    try:
        with open(f"/proc/{pid}/task/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return fields[0], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), time.monotonic()
    except (OSError, ValueError, IndexError):
        return "", 0.0, time.monotonic()


def _explained(pid: int, error: UnavailableError, before: tuple[str, float, float]) -> UnavailableError:
    """The same, with what /proc says of a process that did not answer."""
    state, used_s, now = _on_cpu(pid)
    spent, passed = used_s - before[1], now - before[2]
    if state in {"T", "t"}:
        return UnavailableError(f"{error.message}: it is stopped (state {state}); kill -CONT {pid} lets it go on")
    if state and passed >= _LONG_S and spent >= passed * _BUSY:
        return BusyError(
            f"{error.message}: its main thread was on the CPU for {spent:.1f} of {passed:.1f} s, "
            "so one call holds the interpreter"
        )
    return error


def _command(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]
    except OSError:
        return []
