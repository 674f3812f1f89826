"""Process trees told rather than read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.adapters.process_look import ProcessLook, TreeLook

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from soakctl.adapters.process_look import Identity


def a_process(
    pid: int,
    *,
    start: float = 1,
    zombie: bool = False,
    own: float | None = 0.0,
    reaped: float | None = 0.0,
    threads: int | None = 1,
    rss: int | None = 100,
    vms: int | None = 200,
    fds: int | None = 3,
    io: tuple[int | None, int | None] = (0, 0),
) -> ProcessLook:
    """A process with ordinary values."""
    if zombie:
        threads = rss = vms = fds = 0
    return ProcessLook((pid, start), zombie, own, reaped, threads, rss, vms, fds, *io)


class FakeProcesses:
    """Answers every look with the tree it was given last; USS is RSS / 2 and PSS is RSS / 4 of what it is asked for."""

    def __init__(self) -> None:
        """No tree yet."""
        self.tree: TreeLook | None = None
        self.known: list[Collection[Identity]] = []
        self.memory_reads = 0

    def show(self, root: ProcessLook, *descendants: ProcessLook, hidden: int = 0) -> None:
        """The tree from here on."""
        self.tree = TreeLook(root, descendants, hidden)

    def look(self, root_pid: int, *, known: Collection[Identity] = ()) -> TreeLook:
        """The tree it was given."""
        assert self.tree is not None
        assert self.tree.root.identity[0] == root_pid
        self.known.append(known)
        return self.tree

    def unique_memory(self, processes: Sequence[ProcessLook]) -> tuple[int | None, int | None]:
        """Shares of RSS, and the count of readings."""
        self.memory_reads += 1
        rss = sum(process.rss or 0 for process in processes)
        return rss // 2, rss // 4
