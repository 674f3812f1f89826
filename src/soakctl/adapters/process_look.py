"""What one look at a process tree finds, and the protocol of those who look."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

Identity = tuple[int, float]  # pid and start (clock ticks since boot on Linux): never shared by two processes of a boot


class ProcessLook(NamedTuple):
    """One process at one moment. None means "could not be read", never 0.

    CPU is in seconds: `cpu_own` of its threads, ended ones included, `cpu_reaped` of the children it has waited for.
    `io_*` are bytes of real disk traffic and include those of waited-for children. A zombie holds no memory, threads
    or descriptors.
    """

    identity: Identity
    zombie: bool
    cpu_own: float | None
    cpu_reaped: float | None
    threads: int | None
    rss: int | None
    vms: int | None
    fds: int | None
    io_read: int | None
    io_write: int | None


class TreeLook(NamedTuple):
    """A process and all its descendants, each read before its children. `hidden` counts those that may not be read."""

    root: ProcessLook
    descendants: Sequence[ProcessLook]
    hidden: int


def no_such_process(pid: int) -> UnavailableError:
    """The error for a root that does not exist."""
    return UnavailableError(f"process {pid} does not exist", hint="it has ended, or the number is wrong")


def no_permission(pid: int) -> UnavailableError:
    """The error for a root that may not be read."""
    return UnavailableError(f"process {pid} may not be read", hint="run soakctl as the user of the process, or as root")


class Processes(Protocol):
    """Reads the operating system's table of processes."""

    def look(self, root_pid: int, *, known: Collection[Identity] = ()) -> TreeLook:
        """The tree under a process, and those of `known` that live on outside of it with their descendants.

        Raises UnavailableError when the root does not exist or may not be read.
        """
        ...

    def unique_memory(self, processes: Sequence[ProcessLook]) -> tuple[int | None, int | None]:
        """USS and PSS of the processes together, in bytes; None where one could not be read. Costly: read it seldom."""
        ...
