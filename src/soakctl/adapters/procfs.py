"""Direct reading of /proc on Linux: a process tree in a few system calls a process."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, NamedTuple

from soakctl.adapters.process_look import ProcessLook, TreeLook, no_permission, no_such_process

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from soakctl.adapters.process_look import Identity

_GONE = (FileNotFoundError, ProcessLookupError)
_CHUNK = 4096  # /proc hands out no more than a page at a time


class Stat(NamedTuple):
    """The part of /proc/<pid>/stat that matters here; times in clock ticks."""

    state: bytes
    ppid: int
    own_ticks: int
    reaped_ticks: int
    threads: int
    start_ticks: int

    @property
    def zombie(self) -> bool:
        """Ended and not waited for. A leader that ended before its threads shows Z too, but lives on in them."""
        return self.state in b"ZX" and self.threads <= 1


def parse_stat(data: bytes) -> Stat:
    """Read the text of a stat file. Raises ValueError when it is not one.

    The name in the second field may hold spaces, parentheses, newlines and bytes of any encoding: the last
    parenthesis ends it.
    """
    part = data[data.rindex(b")") + 2 :].split(None, 20)
    if len(part) < 20:  # noqa: PLR2004 - the last one used here is the start time, field 22 of the file
        message = "a stat file with too few fields"
        raise ValueError(message)
    return Stat(
        part[0],
        int(part[1]),
        int(part[11]) + int(part[12]),
        int(part[13]) + int(part[14]),
        int(part[17]),
        int(part[19]),
    )


def parse_rollup(data: bytes) -> tuple[int, int]:
    """USS and PSS in bytes from the text of a smaps_rollup file. Raises ValueError when it is not one."""
    sizes = {fields[0]: int(fields[1]) * 1024 for line in data.splitlines()[1:] if len(fields := line.split()) > 1}
    if b"Pss:" not in sizes:
        message = "a smaps_rollup file without Pss"
        raise ValueError(message)
    return sum(size for name, size in sizes.items() if name.startswith(b"Private_")), sizes[b"Pss:"]


class ProcFs:
    """Reads /proc. `signal` tells hidden processes from ended ones; it is called with 0, which sends nothing."""

    def __init__(self, root: str = "/proc", *, signal: Callable[[int, int], None] = os.kill) -> None:
        """Remember where /proc is mounted; nothing is read yet."""
        self._root = root
        self._signal = signal
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._tick = os.sysconf("SC_CLK_TCK")
        self._children_files = True  # until one is found missing (CONFIG_PROC_CHILDREN)
        self._fd_sizes = False  # until the size of an fd directory was seen to be the count (Linux 6.2)
        self._threads = 0
        self._by_parent: dict[int, list[int]] | None = None

    def look(self, root_pid: int, *, known: Collection[Identity] = ()) -> TreeLook:
        """See `Processes.look`."""
        # The link count of /proc is that of the machine's processes: with more threads than that, scanning is cheaper.
        scan = not self._children_files or self._threads > os.stat(self._root).st_nlink
        self._by_parent = self._scan() if scan else None
        looks: dict[int, ProcessLook | None] = {}
        hidden = self._follow([root_pid], looks)
        root = looks.pop(root_pid, None)
        if root is None:
            raise no_permission(root_pid) if hidden else no_such_process(root_pid)
        # A child can be missed while its siblings end, and an orphan can leave the tree: both are still ours.
        missed = [pid for pid, start in known if pid not in looks and pid != root_pid and self._lives(pid, start)]
        hidden += self._follow(missed, looks)
        descendants = [look for look in looks.values() if look is not None]
        self._threads = (root.threads or 0) + sum(look.threads or 0 for look in descendants)
        return TreeLook(root, descendants, hidden)

    def unique_memory(self, processes: Sequence[ProcessLook]) -> tuple[int | None, int | None]:
        """See `Processes.unique_memory`."""
        uss = pss = 0
        for process in processes:
            pid, start = process.identity
            try:
                if not process.zombie:
                    unique, fair = parse_rollup(self._read_all(f"{self._base(pid)}/smaps_rollup"))
                    uss, pss = uss + unique, pss + fair
            except (OSError, ValueError):
                stat = self._stat(pid)
                if stat is not None and stat.start_ticks == start and not stat.zombie:
                    return None, None
        return uss, pss

    def _follow(self, pids: Iterable[int], looks: dict[int, ProcessLook | None]) -> int:
        """Look at processes and all below them, parents first; return how many are hidden."""
        hidden = 0
        todo = [*pids]
        while todo:
            pid = todo.pop()
            if pid in looks:
                continue
            looks[pid] = None
            try:
                stat = parse_stat(self._read(f"{self._root}/{pid}/stat"))
                looks[pid] = self._details(pid, stat)
                todo += self._children(pid, stat.threads)
            except _GONE:
                hidden += self._is_hidden(pid)
            except (OSError, ValueError):
                hidden += 1
        return hidden

    def _details(self, pid: int, stat: Stat) -> ProcessLook | None:
        """All there is to know about a process; None when it ended meanwhile."""
        base = f"{self._root}/{pid}"
        read, written = self._io(base)
        if stat.zombie:
            return self._look(pid, stat, (0, 0), 0, (read, written))
        if stat.state in b"ZX":  # the leader's own memory and descriptors are gone, those of its threads are not
            base = self._base(pid)
        rss, vms = self._memory(base)
        fds = self._descriptors(base)
        if None in (read, rss, fds):
            again = self._stat(pid)
            if again is None or again.start_ticks != stat.start_ticks:
                return None
            if again.zombie:
                return self._details(pid, again)
        return self._look(pid, stat, (rss, vms), fds, (read, written))

    def _look(
        self,
        pid: int,
        stat: Stat,
        memory: tuple[int | None, int | None],
        fds: int | None,
        io: tuple[int | None, int | None],
    ) -> ProcessLook:
        own, reaped = stat.own_ticks / self._tick, stat.reaped_ticks / self._tick
        threads = 0 if stat.zombie else stat.threads
        return ProcessLook((pid, stat.start_ticks), stat.zombie, own, reaped, threads, *memory, fds, *io)

    def _io(self, base: str) -> tuple[int | None, int | None]:
        try:
            fields = self._read(f"{base}/io").split()
            return int(fields[fields.index(b"read_bytes:") + 1]), int(fields[fields.index(b"write_bytes:") + 1])
        except (OSError, ValueError, IndexError):
            return None, None

    def _memory(self, base: str) -> tuple[int | None, int | None]:
        # statm, not stat: recent kernels add up their per-CPU counters exactly only for it
        try:
            vms, rss = self._read(f"{base}/statm").split(None, 2)[:2]
            return int(rss) * self._page, int(vms) * self._page
        except (OSError, ValueError):
            return None, None

    def _descriptors(self, base: str) -> int | None:
        try:
            size = os.stat(f"{base}/fd").st_size
            if size and self._fd_sizes:
                return size
            count = len(os.listdir(f"{base}/fd"))
        except OSError:
            return None
        self._fd_sizes = 0 < count == size
        return count

    def _children(self, pid: int, threads: int) -> list[int]:
        if self._by_parent is not None:
            return self._by_parent.get(pid, [])
        tasks = f"{self._root}/{pid}/task"
        found: list[int] = []
        missing = 0
        names = [str(pid)] if threads <= 1 else os.listdir(tasks)
        for name in names:
            try:
                found += map(int, self._read_all(f"{tasks}/{name}/children").split())
            except _GONE:
                missing += 1
        if missing == len(names) and os.path.exists(f"{tasks}/{pid}/stat"):
            self._children_files = False
            self._by_parent = self._scan()
            return self._by_parent.get(pid, [])
        return found

    def _scan(self) -> dict[int, list[int]]:
        """The children of every process of the machine."""
        by_parent: dict[int, list[int]] = {}
        for name in os.listdir(self._root):
            stat = self._stat(int(name)) if name.isdecimal() else None
            if stat is not None:
                by_parent.setdefault(stat.ppid, []).append(int(name))
        return by_parent

    def _base(self, pid: int) -> str:
        """Where memory and descriptors are to be read: at the leader, or at a thread that has outlived it."""
        stat = self._stat(pid)
        if stat is None or stat.state not in b"ZX":
            return f"{self._root}/{pid}"
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"{self._root}/{pid}/task"):
                if int(thread) != pid:
                    return f"{self._root}/{pid}/task/{thread}"
        return f"{self._root}/{pid}"

    def _stat(self, pid: int) -> Stat | None:
        """The stat of a process, None when it is gone or may not be read."""
        try:
            return parse_stat(self._read(f"{self._root}/{pid}/stat"))
        except (OSError, ValueError):
            return None

    def _lives(self, pid: int, start: float) -> bool:
        stat = self._stat(pid)
        return stat is not None and stat.start_ticks == start

    def _is_hidden(self, pid: int) -> bool:
        """A process that is not in /proc but is there: /proc is mounted so that others' processes are not shown."""
        try:
            self._signal(pid, 0)
        except PermissionError:
            return True
        except (OSError, OverflowError):
            return False
        return False

    @staticmethod
    def _read(path: str) -> bytes:
        file = os.open(path, os.O_RDONLY)
        try:
            return os.read(file, _CHUNK)
        finally:
            os.close(file)

    @staticmethod
    def _read_all(path: str) -> bytes:
        file = os.open(path, os.O_RDONLY)
        try:
            return b"".join(iter(lambda: os.read(file, _CHUNK), b""))
        finally:
            os.close(file)
