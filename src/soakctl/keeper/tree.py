"""The processes below a process, found in /proc, and signals that reach the one that was meant."""

from __future__ import annotations

import os

from soakctl.keeper.system import LINUX, signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_GONE = (FileNotFoundError, ProcessLookupError)


class Member:
    """One process at one moment. `start` (clock ticks since boot) tells it from a later one with the same pid."""

    __slots__ = ("group", "pid", "ppid", "session", "start", "state", "threads")

    def __init__(self, pid: int, stat: bytes) -> None:
        """Take what matters from the text of its stat file, whose second field may hold anything up to the last ")"."""
        fields = stat[stat.rindex(b")") + 2 :].split()
        self.pid = pid
        self.state = fields[0].decode()
        self.ppid, self.group, self.session = (int(field) for field in fields[1:4])
        self.threads = int(fields[17])
        self.start = int(fields[19])

    @property
    def zombie(self) -> bool:
        """Ended and not waited for. A leader that ended before its threads shows Z too, but lives on in them."""
        return self.state in "ZX" and self.threads <= 1


def look(pid: int) -> Member | None:
    """The process, or None when there is none or it may not be seen."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return Member(pid, file.read())
    except (*_GONE, PermissionError):
        return None


def descendants(root: int) -> list[Member]:
    """All processes below `root`, parents first. One that is born or adopted meanwhile can be missed: look again."""
    parents = None if os.path.exists(f"/proc/{root}/task/{root}/children") else _children_of_all()
    found: list[Member] = []
    seen = {root}
    todo = [root]
    while todo:
        pid = todo.pop(0)
        children = _children(pid) if parents is None else parents.get(pid, [])
        for child in children:
            member = look(child) if child not in seen else None
            if member is not None:
                seen.add(child)
                found.append(member)
                todo.append(child)
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            try:
                with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                    children += map(int, file.read().split())
            except _GONE:
                continue  # a thread that ended
    except (*_GONE, PermissionError):
        return children
    return children


def _children_of_all() -> dict[int, list[int]]:
    """For kernels without the children files (CONFIG_PROC_CHILDREN)."""
    members = (look(int(name)) for name in os.listdir("/proc") if name.isdecimal())
    children: dict[int, list[int]] = {}
    for member in members:
        if member is not None:
            children.setdefault(member.ppid, []).append(member.pid)
    return children


def send(member: Member, *signums: int) -> bool:
    """Send signals to this very process, never to a later one with its pid. False when it is gone or not ours."""
    handle = _handle(member.pid)
    try:
        now = look(member.pid)
        if now is None or now.start != member.start or now.zombie:
            return False
        for signum in signums:
            _send(member.pid, handle, signum)
    except (ProcessLookupError, PermissionError):
        return False
    finally:
        if handle is not None:
            os.close(handle)
    return True


def _handle(pid: int) -> int | None:
    """A descriptor that stands for the process for good, where the system has such."""
    try:
        return os.pidfd_open(pid) if LINUX else None
    except (AttributeError, OSError):  # an old Python or kernel, a sandbox, or gone: the look that follows says which
        return None


def _send(pid: int, handle: int | None, signum: int) -> None:
    if handle is not None:
        signal.pidfd_send_signal(handle, signum)
    else:
        os.kill(pid, signum)


class AdoptedTree:
    """The tree of a subreaper: everything below it, however it daemonised. Gone when there is no child left."""

    def __init__(self, main: int) -> None:
        """`main` is the service's main process, a child of this one."""
        self._main = main
        self._me = os.getpid()

    def alive(self) -> list[Member]:
        """The living processes of the tree."""
        return [member for member in descendants(self._me) if not member.zombie]

    def count(self) -> int:
        """How many of them there are."""
        return len(self.alive())

    def ask_main(self, signum: int) -> None:
        """Ask the main process, which must not have been waited for; its pid is then its own.

        Stopped workers are woken too: a main process that waits for one cannot end cleanly.
        """
        _ask_child(self._main, signum)
        for member in self.alive():
            if member.state == "T":
                send(member, signal.SIGCONT)

    def ask(self, signum: int) -> int:
        """Ask every process to end, waking stopped ones; how many were there to be asked."""
        return sum(send(member, signum, signal.SIGCONT) for member in self.alive())

    def kill(self) -> int:
        """Kill everything there is at this moment; how many living processes were seen.

        By group: the kernel kills a group in one step, so that not even a fork bomb outruns it.
        """
        members = self.alive()
        mine = os.getpgrp()
        _kill_groups({member.group for member in members if member.group > 1} - {mine})
        for member in members:
            if member.group in (0, 1, mine):  # seen from outside its namespace, or not yet in its own session
                send(member, signal.SIGKILL)
        return len(members)

    def gone(self, *, childless: bool) -> bool:
        """Whether nothing is left. `childless`: there is no child to wait for."""
        return childless


class GroupTree:
    """The tree where orphans are not adopted: the service's process group. What left the group is not seen."""

    def __init__(self, main: int) -> None:
        """`main` is the leader of the group."""
        self._main = main

    def count(self) -> int:
        """1 while there is a group: its members cannot be counted."""
        return int(_signal_group(self._main, 0))

    def ask_main(self, signum: int) -> None:
        """Ask the main process, which must not have been waited for, and wake the group."""
        _ask_child(self._main, signum)
        _signal_group(self._main, signal.SIGCONT)

    def ask(self, signum: int) -> int:
        """Ask the group to end; 1 when there was one."""
        return int(_signal_group(self._main, signum) and _signal_group(self._main, signal.SIGCONT))

    def kill(self) -> int:
        """Kill the group; 1 when there was one."""
        return int(_signal_group(self._main, signal.SIGKILL))

    def gone(self, *, childless: bool) -> bool:
        """Whether nothing is left. `childless`: there is no child to wait for."""
        return childless and not _signal_group(self._main, 0)


def _ask_child(pid: int, signum: int) -> None:
    os.kill(pid, signum)
    os.kill(pid, signal.SIGCONT)


def _kill_groups(groups: Iterable[int]) -> None:
    for group in groups:
        _signal_group(group, signal.SIGKILL)


def _signal_group(group: int, signum: int) -> bool:
    """Whether there is such a group; one that may not be signalled is there."""
    try:
        os.killpg(group, signum)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
