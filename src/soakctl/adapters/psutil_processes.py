"""The process tree as psutil reads it, for systems without /proc."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import psutil

from soakctl.adapters.process_look import ProcessLook, TreeLook, no_permission, no_such_process

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from soakctl.adapters.process_look import Identity


class PsutilProcesses:
    """Reads processes with psutil, whose objects are kept between looks: making them anew costs more than reading."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._kept: dict[int, psutil.Process] = {}

    def look(self, root_pid: int, *, known: Collection[Identity] = ()) -> TreeLook:
        """See `Processes.look`."""
        try:
            root = self._keep(psutil.Process(root_pid))
            found = {process.pid: self._keep(process) for process in root.children(recursive=True)}
            top = self._process(root)
        except psutil.NoSuchProcess as error:
            raise no_such_process(root_pid) from error
        except psutil.AccessDenied as error:
            raise no_permission(root_pid) from error
        if top is None:
            raise no_such_process(root_pid)
        for process in self._orphans(known, {root_pid, *found}):
            found.setdefault(process.pid, process)
        looks = [self._process(process) for process in found.values()]
        self._kept = {root_pid: root, **found}
        return TreeLook(top, [look for look in looks if look is not None], 0)

    def unique_memory(self, processes: Sequence[ProcessLook]) -> tuple[int | None, int | None]:
        """See `Processes.unique_memory`. PSS is known on Linux alone."""
        uss, pss = 0, 0
        for look in processes:
            process = self._kept.get(int(look.identity[0]))
            if look.zombie or process is None:
                continue
            try:
                memory = process.memory_full_info()
            except psutil.NoSuchProcess:
                continue
            except psutil.AccessDenied:
                return None, None
            uss, pss = uss + memory.uss, pss + getattr(memory, "pss", 0)
        return uss, pss if psutil.LINUX else None

    def _keep(self, process: psutil.Process) -> psutil.Process:
        kept = self._kept.get(process.pid)
        return kept if kept is not None and kept == process else process

    def _orphans(self, known: Collection[Identity], seen: set[int]) -> list[psutil.Process]:
        """Processes of the last look that are no longer below the root, with all below them."""
        orphans: list[psutil.Process] = []
        for pid, _start in known:
            process = self._kept.get(int(pid))
            if pid in seen or process is None:
                continue
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if process.is_running():
                    orphans += [process, *map(self._keep, process.children(recursive=True))]
        return orphans

    @staticmethod
    def _process(process: psutil.Process) -> ProcessLook | None:
        """All there is to know about a process; None when it has ended."""
        try:
            with process.oneshot():
                identity = (process.pid, process.create_time())
                times = _allowed(process.cpu_times)
                own = None if times is None else times.user + times.system
                reaped = None if times is None else _reaped(times)
                if _allowed(process.status) == psutil.STATUS_ZOMBIE:
                    return _zombie(identity, own, reaped)
                memory = _allowed(process.memory_info)
                io = _allowed(getattr(process, "io_counters", _unknown))
                return ProcessLook(
                    identity,
                    zombie=False,
                    cpu_own=own,
                    cpu_reaped=reaped,
                    threads=_allowed(process.num_threads),
                    rss=None if memory is None else memory.rss,
                    vms=None if memory is None else memory.vms,
                    fds=_allowed(lambda: _descriptors(process)),
                    io_read=None if io is None else io.read_bytes,
                    io_write=None if io is None else io.write_bytes,
                )
        except psutil.ZombieProcess:
            return _zombie((process.pid, process.create_time()), None, None)
        except psutil.NoSuchProcess:
            return None


def _zombie(identity: Identity, own: float | None, reaped: float | None) -> ProcessLook:
    return ProcessLook(
        identity,
        zombie=True,
        cpu_own=own,
        cpu_reaped=reaped,
        threads=0,
        rss=0,
        vms=0,
        fds=0,
        io_read=None,
        io_write=None,
    )


def _descriptors(process: psutil.Process) -> int:
    if sys.platform == "win32":
        return process.num_handles()
    return process.num_fds()


def _reaped(times: Any) -> float:
    """Seconds of waited-for children; 0 on systems that do not keep them."""
    return float(getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0))


def _allowed(read: Callable[[], Any]) -> Any:
    """What it reads, or None without the permission."""
    try:
        return read()
    except (psutil.AccessDenied, NotImplementedError):
        return None


def _unknown() -> None:
    """Stands for a reading this system does not offer."""
