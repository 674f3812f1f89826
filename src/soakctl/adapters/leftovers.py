"""Processes of a run that outlived their keeper, found by what they inherited, never by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from soakctl.adapters.identity import Identity, boot_id, send_signals
from soakctl.errors import UnavailableError
from soakctl.keeper.system import LINUX
from soakctl.keeper.tree import Member, descendants, look, send

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MARK = "SOAKCTL_RUN"
_POLL_S = 0.02
# A killed process may need a while to give back its memory; one in an uninterruptible wait never ends.
_KILL_S = 10.0


def stop_leftovers(
    run_id: str, stop_signal: int, grace_s: float, *, life: int | None = None, sessions: Collection[int] = ()
) -> int:
    """Stop what is left of a run, or of one life of it: signal, shared deadline, kill. How many processes there were.

    Found by the mark in their environment. Servers that write their title over it (nginx, redis, postgres) are found
    by session too: `sessions` are the pids of the run's main processes, of this boot only.
    Raises UnavailableError when some could not be ended.
    """
    mark = f"{MARK}={run_id}:{'' if life is None else life}".encode()
    deadline = time.monotonic() + grace_s
    told: set[Identity] = set()
    while left := set(_leftovers(mark, sessions)):
        killing = time.monotonic() >= deadline
        if time.monotonic() >= deadline + _KILL_S:
            raise _not_ended(run_id, left)
        for identity in left if killing else left - told:
            send_signals(identity, *((signal.SIGKILL,) if killing else (stop_signal, signal.SIGCONT)))
        told |= left
        _wait_for(left, time.monotonic() + _POLL_S if killing else deadline)
    return len(told)


def end_adopted(mark: str, sessions: Collection[int]) -> tuple[int, int]:
    """Kill and reap what came to this process as subreaper when a keeper died: how many were killed, how many live on.

    Only what carries the mark, belongs to one of the sessions or descends from such a process: the other children of
    this process are not touched. Nothing comes here where there are no subreapers.
    """
    if not LINUX:
        return 0, 0
    killed: set[tuple[int, int]] = set()
    known: set[tuple[int, int]] = set()
    deadline = time.monotonic() + _KILL_S
    while True:
        mine = _adopted(mark, sessions, known)
        known |= {(member.pid, member.start) for member in mine}
        alive = [member for member in mine if not member.zombie]
        killed |= {(member.pid, member.start) for member in alive if send(member, signal.SIGKILL)}
        _reap(member.pid for member in mine if member.ppid == os.getpid())
        if not mine or time.monotonic() >= deadline:
            return len(killed), len(alive)
        time.sleep(_POLL_S / 4)


def _adopted(mark: str, sessions: Collection[int], known: Collection[tuple[int, int]]) -> list[Member]:
    mine: dict[int, Member] = {}
    for member in descendants(os.getpid()):  # parents first
        inherited = member.ppid in mine or member.session in sessions or (member.pid, member.start) in known
        if inherited or f"{MARK}={mark}".encode() in _environment(member.pid):
            mine[member.pid] = member
    return list(mine.values())


def _reap(pids: Iterator[int]) -> None:
    for pid in pids:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            continue  # reaped by someone else


def _wait_for(identities: set[Identity], until: float) -> None:
    """Until all of them are gone, or it is time."""
    while time.monotonic() < until and any(identity.alive for identity in identities):
        time.sleep(_POLL_S)


def _leftovers(mark: bytes, sessions: Collection[int]) -> Iterator[Identity]:
    """By a mark that ends in ":", any life of a run; else that life."""
    if not LINUX:
        yield from _leftovers_by_psutil(mark, sessions)
        return
    boot = boot_id()
    for pid in psutil.pids():
        if pid == os.getpid():
            continue
        environment = _environment(pid)
        marked = _carries(mark, environment)
        if not marked and (not sessions or _is_intact(environment)):
            continue
        member = look(pid)
        if member is not None and not member.zombie and (marked or member.session in sessions):
            yield Identity(boot, member.pid, member.start)


def _leftovers_by_psutil(mark: bytes, sessions: Collection[int]) -> Iterator[Identity]:
    for process in psutil.process_iter():
        try:
            marked = _carries(mark, [f"{MARK}={process.environ().get(MARK, '')}".encode()])
            if process.pid != os.getpid() and (marked or os.getsid(process.pid) in sessions):
                yield Identity(boot_id(), process.pid, int(process.create_time() * 100))
        except (psutil.Error, OSError):
            continue  # gone, or of another user


def _carries(mark: bytes, environment: list[bytes]) -> bool:
    return any(variable.startswith(mark) if mark.endswith(b":") else variable == mark for variable in environment)


def _environment(pid: int) -> list[bytes]:
    """The variables a process was started with; none when it is gone, a zombie, or of another user."""
    try:
        return [variable for variable in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") if variable]
    except OSError:
        return []


def _is_intact(environment: list[bytes]) -> bool:
    """Whether it is still the environment and not a title written over it: then the missing mark says "not ours"."""
    return bool(environment) and all(b"=" in variable for variable in environment)


def _not_ended(run_id: str, left: set[Identity]) -> UnavailableError:
    pids = ", ".join(str(pid) for pid in sorted(identity.pid for identity in left))
    return UnavailableError(
        f"processes left over from run {run_id} could not be ended: {pids}",
        hint="end them by hand, then start again",
    )
