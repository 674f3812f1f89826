"""A /proc of our own making, for what a live system shows too seldom."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")
ROLLUP = """\
55d0c0000000-7fff00000000 ---p 00000000 00:00 0                          [rollup]
Rss:                {rss} kB
Pss:                {pss} kB
Pss_Dirty:          1 kB
Private_Clean:      {clean} kB
Private_Dirty:      {dirty} kB
Private_Hugetlb:    0 kB
"""


class FakeProc:
    """A directory laid out like /proc. Counters of CPU are ticks, of memory pages."""

    def __init__(self, root: Path, *, children_files: bool = True) -> None:
        """`children_files`: the kernel has CONFIG_PROC_CHILDREN."""
        self.root = root
        self._children_files = children_files
        self._children: dict[int, list[int]] = {}

    def add(
        self,
        pid: int,
        ppid: int = 0,
        *,
        name: bytes = b"service",
        state: str = "S",
        own: int = 0,
        reaped: int = 0,
        threads: int = 1,
        start: int = 100,
        rss: int = 10,
        vms: int = 20,
        fds: int = 3,
        io: tuple[int, int] = (0, 0),
    ) -> Path:
        """Add a process or change what there is of it; returns its directory."""
        folder = self.root / str(pid)
        stat = f"{state} {ppid} 1 1 0 -1 4194560 9 9 0 0 {own} 0 {reaped} 0 20 0 {threads} 0 {start} {vms * PAGE} {rss}"
        task = folder / "task" / str(pid)
        task.mkdir(parents=True, exist_ok=True)
        for place in (folder, task):
            (place / "stat").write_bytes(b"%d (%s) %s 18446744073709551615 1 1\n" % (pid, name, stat.encode()))
            (place / "statm").write_text(f"{vms} {rss} 1 1 0 9 0\n")
            (place / "fd").mkdir(exist_ok=True)
            for number in range(fds):
                (place / "fd" / str(number)).touch()
        (folder / "io").write_text(
            f"rchar: 7\nwchar: 7\nread_bytes: {io[0]}\nwrite_bytes: {io[1]}\ncancelled_write_bytes: 5\n"
        )
        (folder / "smaps_rollup").write_text(ROLLUP.format(rss=rss * 4, pss=rss * 3, clean=rss, dirty=rss))
        if self._children_files:
            (task / "children").touch()
            if ppid:
                self.adopt(ppid, pid)
        return folder

    def adopt(self, parent: int, *pids: int) -> None:
        """Name these pids as children in the file of the parent, whether they exist or not."""
        known = self._children.setdefault(parent, [])
        known += [pid for pid in pids if pid not in known]
        self._write(parent)

    def disown(self, parent: int, pid: int) -> None:
        """Leave a child out of its parent's file."""
        self._children[parent].remove(pid)
        self._write(parent)

    def remove(self, pid: int) -> None:
        """The process has ended and was waited for."""
        shutil.rmtree(self.root / str(pid))
        for parent, children in self._children.items():
            if pid in children:
                self.disown(parent, pid)

    def _write(self, parent: int) -> None:
        file = self.root / str(parent) / "task" / str(parent) / "children"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{pid} " for pid in self._children[parent]))
