"""What a helper command has started: followed by parents, by session and by a mark, killed and reaped together."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from soakctl.keeper.system import LINUX, become_subreaper
from soakctl.keeper.tree import Member, descendants, look, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MARK = "SOAKCTL_COMMAND"
_REAP_S = 1.0
# A killed process may need a while to give back its memory; one in an uninterruptible wait never ends.
_KILL_S = 10.0
_POLL_S = 0.002
_FREEZE_ROUNDS = 20

_numbers = itertools.count(1)
# Held while a command is started, so that nobody takes it for an orphan before its pid is known.
_lock = threading.Lock()
_commands: set[int] = set()


class CommandTree:
    """One command and what comes of it.

    With `daemons` this process adopts its orphans, and what left the command's session is ended with it, too, however
    the command ends. A daemon is known by the mark in its environment; one that cleared it, by having come to this
    process as an orphan while no other command was running.
    """

    def __init__(self, env: Mapping[str, str], *, daemons: bool = False) -> None:
        """`env` is that of the command to be; run it with the property of the same name."""
        token = f"{os.getpid()}.{next(_numbers)}.{time.time_ns():x}"
        self._token = token.encode()
        outer = env.get(MARK)
        self.env = {**env, MARK: f"{outer}/{token}" if outer else token}
        self._daemons = daemons
        self._adopts = daemons and become_subreaper()
        self._before = {_key(member) for member in descendants(os.getpid())} if self._adopts else set[tuple[int, int]]()
        self._known: set[tuple[int, int]] = set()
        self._since = 0

    def start(self, launch: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        """Start the command, which must get a session of its own."""
        with _lock:
            child = launch()
            _commands.add(child.pid)
        born = look(child.pid) if LINUX else None
        self._since = born.start if born is not None else 0
        return child

    def end(self, child: subprocess.Popen[bytes], *, whole: bool) -> None:
        """Kill what is left and reap it: the process group; with `whole` or `daemons` everything that came of it."""
        try:
            everything = whole or self._daemons
            frozen = _freeze(child.pid) if whole else []
            self._known |= {_key(member) for member in self._left(child.pid, everything=everything)}
            for process in frozen:
                with suppress(psutil.Error):  # gone already
                    process.kill()
            _kill_group(child, whole=whole)
            try:
                child.wait(_REAP_S)
            except subprocess.TimeoutExpired:
                return  # in uninterruptible sleep: subprocess reaps it later
            self._sweep(child.pid, everything=everything)
        finally:
            with _lock:
                _commands.discard(child.pid)

    def _sweep(self, pid: int, *, everything: bool) -> None:
        deadline = time.monotonic() + _KILL_S
        if not LINUX:
            if everything:
                self._kill_marked()
            return
        while time.monotonic() < deadline:
            left = self._left(pid, everything=everything)
            self._known |= {_key(member) for member in left}
            # One that may not be signalled, as of another user, is waited for no longer.
            if not [member for member in left if _is_ended(member)]:
                return
            time.sleep(_POLL_S)

    def _left(self, pid: int, *, everything: bool) -> list[Member]:
        """What came of the command, zombies that are ours to reap among it. Without the command itself.

        Looked for while no other command is being started, which would look like an orphan.
        """
        if not LINUX:
            return []
        with _lock:
            return self._sorted_out(pid, self._candidates(everything=everything), everything=everything)

    def _sorted_out(self, pid: int, found: list[Member], *, everything: bool) -> list[Member]:
        mine: dict[int, Member] = {}
        alone = len(_commands) <= 1
        for member in found:  # parents first
            if member.pid == pid or member.start < self._since:
                continue
            inherited = _key(member) in self._known or member.group == pid
            if everything:
                inherited = inherited or pid in (member.session, member.ppid) or member.ppid in mine
                inherited = inherited or self._is_marked(member.pid) or self._is_orphan(member, alone=alone)
            if inherited and not (member.zombie and member.ppid != os.getpid()):
                mine[member.pid] = member
        return list(mine.values())

    def _candidates(self, *, everything: bool) -> list[Member]:
        if self._adopts or not everything:
            return descendants(os.getpid())
        found = (look(pid) for pid in psutil.pids() if pid != os.getpid())
        return [member for member in found if member is not None]

    def _is_orphan(self, member: Member, *, alone: bool) -> bool:
        """Whether it came to this process from a command: nothing else here starts processes in other sessions."""
        if not self._adopts or member.ppid != os.getpid() or member.pid in _commands:
            return False
        adopted = member.session != os.getsid(0) and _key(member) not in self._before
        return adopted and (alone or member.zombie)

    def _is_marked(self, pid: int) -> bool:
        try:
            return self._token in _mark(Path(f"/proc/{pid}/environ").read_bytes()).split(b"/")
        except OSError:
            return False  # gone, or of another user

    def _kill_marked(self) -> None:
        for process in _marked_by_psutil(self._token.decode()):
            with suppress(psutil.Error):  # gone already
                process.kill()


def _key(member: Member) -> tuple[int, int]:
    return member.pid, member.start


def _is_ended(member: Member) -> bool:
    """Whether it was there to be reaped, or to be killed."""
    if not member.zombie:
        if send(member, signal.SIGKILL):
            return True
        now = look(member.pid)
        return now is None or now.start != member.start or now.zombie  # it has died meanwhile: the next look reaps it
    with _lock, suppress(ChildProcessError):  # reaped by someone else
        if member.pid not in _commands:
            os.waitpid(member.pid, os.WNOHANG)
    return True


def _mark(environ: bytes) -> bytes:
    name = f"{MARK}=".encode()
    return next((each[len(name) :] for each in environ.split(b"\0") if each.startswith(name)), b"")


def _marked_by_psutil(token: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):  # gone, or of another user
            if process.pid != os.getpid() and token in process.environ().get(MARK, "").split("/"):
                yield process


def _kill_group(child: subprocess.Popen[bytes], *, whole: bool) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):  # nobody left; or, on macOS, only zombies
            os.killpg(child.pid, signal.SIGKILL)
    elif whole:
        child.kill()


def _freeze(pid: int) -> list[psutil.Process]:
    """Stop the command and its descendants, so that none can fork away while they are collected. Without itself."""
    found: dict[int, psutil.Process] = {}
    with suppress(psutil.Error):  # ended in this very moment: what it left is in its group
        root = psutil.Process(pid)
        root.suspend()
        for _ in range(_FREEZE_ROUNDS):
            fresh = [process for process in root.children(recursive=True) if process.pid not in found]
            if not fresh:
                break
            for process in fresh:
                found[process.pid] = process
                with suppress(psutil.Error):  # gone already
                    process.suspend()
    return list(found.values())
