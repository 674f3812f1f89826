"""The tree sampler: one look at the service's processes, the machine and the disk, as one sample."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from soakctl.adapters.disk_usage import DiskUsage
from soakctl.adapters.machine import Machine
from soakctl.adapters.tally import Tally
from soakctl.adapters.throttle import Throttle
from soakctl.domain.sample import Sample
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from soakctl.adapters.process_look import Identity, Processes, ProcessLook, TreeLook
    from soakctl.domain.sample import Totals


def default_processes() -> Processes:
    """What reads this platform's processes: /proc on Linux, psutil elsewhere."""
    if sys.platform == "linux" and os.path.exists("/proc/self/stat"):
        from soakctl.adapters.procfs import ProcFs  # noqa: PLC0415 - one of the two is needed, and psutil takes 40 ms

        return ProcFs()
    from soakctl.adapters.psutil_processes import PsutilProcesses  # noqa: PLC0415

    return PsutilProcesses()


class _Tree(NamedTuple):
    """The columns that are sums over the processes of one look."""

    rss_bytes: int | None = None
    vms_bytes: int | None = None
    num_fds: int | None = None
    num_threads: int | None = None
    num_processes: int | None = None
    zombies: int | None = None


class _Use(NamedTuple):
    """The columns that need more than one look, or are read seldom."""

    cpu_seconds_total: float | None = None
    cpu_percent: float | None = None
    io_read_bytes: int | None = None
    io_write_bytes: int | None = None
    uss_bytes: int | None = None
    pss_bytes: int | None = None


class TreeSampler:
    """Takes samples of one service, whose main process may be another one after a restart. Used from one thread.

    What cannot be read is None, and so is a sum that lacks one process. Zombies are those seen in two looks running.
    USS and PSS are read, and directories measured, once in max(60 s, 100 x the last cost); they are None in between.
    """

    def __init__(
        self,
        *,
        include_root: bool,
        data_dirs: Sequence[Path],
        artifacts_dir: Path | None,
        disk_path: Path,
        processes: Processes | None = None,
        machine: Machine | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`include_root`: the root is the service itself, not the keeper, of which only ended children are counted."""
        self._include_root = include_root
        self._processes = processes or default_processes()
        self._machine = machine or Machine(disk_path)
        self._clock = clock
        artifacts = [] if artifacts_dir is None else [artifacts_dir]
        apart = [path for path in data_dirs if os.path.realpath(path) not in map(os.path.realpath, artifacts)]
        self._data = DiskUsage(apart, skip=artifacts, clock=clock)
        self._artifacts = DiskUsage(artifacts, skip=apart, clock=clock) if artifacts else None
        self._memory = Throttle()
        self._zombies: set[Identity] = set()
        self._keeper: Identity | None = None
        self._begin(None)

    def sample(
        self,
        root_pid: int,
        main_pid: int | None,
        main_started_unix: float | None,
        *,
        elapsed_s: float,
        unix: float,
        life: int,
        totals: Totals,
    ) -> Sample:
        """Look once. Raises UnavailableError when the root is gone or may not be read.

        A new pair of `main_pid` and `main_started_unix` begins a new life; without one the life before goes on.
        """
        look = self._look(root_pid, None if main_pid is None else (main_pid, main_started_unix))
        ours = [look.root, *look.descendants] if self._include_root else look.descendants
        tree = self._sum(ours, whole=not look.hidden)
        use = self._use(look, ours, elapsed_s) if ours and not look.hidden else _Use()
        return Sample(
            elapsed_s=elapsed_s,
            timestamp_unix=unix,
            timestamp_utc=_iso(unix),
            life=life,
            service_pid=main_pid,
            service_started_unix=main_started_unix,
            data_bytes=self._data.look(elapsed_s),
            artifacts_bytes=None if self._artifacts is None else self._artifacts.look(elapsed_s),
            events_total=totals.events_total,
            log_lines_total=totals.log_lines_total,
            log_critical_total=totals.log_critical_total,
            log_dropped_total=totals.log_dropped_total,
            **tree._asdict(),
            **use._asdict(),
            **self._machine.look(elapsed_s)._asdict(),
        )

    def _begin(self, key: tuple[int, float | None] | None) -> None:
        """A new life: nothing of the one before counts."""
        self._key = key
        self._root: Identity | None = None
        self._known: list[Identity] = []
        self._cpu, self._read, self._written = Tally(), Tally(), Tally()
        self._cpu_before: tuple[float, float] | None = None
        self._memory.reset()

    def _look(self, root_pid: int, key: tuple[int, float | None] | None) -> TreeLook:
        if key is not None and key != self._key:
            self._begin(key)
        look = self._processes.look(root_pid, known=self._known)
        if self._root is None:
            self._root = look.root.identity
            if not self._include_root:
                self._leave_out(look.root)
        elif look.root.identity != self._root:
            raise UnavailableError(f"process {root_pid} has ended, and another one has its number now")
        self._known = [process.identity for process in look.descendants if not process.zombie]
        return look

    def _leave_out(self, keeper: ProcessLook) -> None:
        """Do not count what the keeper read and wrote itself, nor the children that it waited for in earlier lives."""
        for tally, value in ((self._read, keeper.io_read), (self._written, keeper.io_write)):
            if value is not None:
                tally.leave_out(keeper.identity, (0.0, value))
        if self._keeper == keeper.identity and keeper.cpu_reaped is not None:
            self._cpu.leave_out(keeper.identity, (0.0, keeper.cpu_reaped))
        self._keeper = keeper.identity

    def _sum(self, ours: Sequence[ProcessLook], *, whole: bool) -> _Tree:
        zombies = {process.identity for process in ours if process.zombie}
        lasting = len(zombies & self._zombies)
        self._zombies = zombies
        living = [process for process in ours if not process.zombie]
        if not whole:
            return _Tree()
        if not living:
            return _Tree(num_processes=0, zombies=lasting)
        return _Tree(
            _total(process.rss for process in living),
            _total(process.vms for process in living),
            _total(process.fds for process in living),
            _total(process.threads for process in living),
            len(living),
            lasting,
        )

    def _use(self, look: TreeLook, ours: Sequence[ProcessLook], elapsed_s: float) -> _Use:
        keeper = None if self._include_root else look.root
        total = _add(self._cpu, ours, keeper, lambda process: (process.cpu_own, process.cpu_reaped))
        read = _add(self._read, ours, keeper, lambda process: (0.0, process.io_read))
        written = _add(self._written, ours, keeper, lambda process: (0.0, process.io_write))
        uss = pss = None
        if self._memory.due(elapsed_s):
            began = self._clock()
            uss, pss = self._processes.unique_memory(ours)
            self._memory.spent(elapsed_s, self._clock() - began)
        return _Use(
            None if total is None else round(total, 6),
            None if total is None else self._cpu_percent(total, elapsed_s),
            None if read is None else int(read),
            None if written is None else int(written),
            uss,
            pss,
        )

    def _cpu_percent(self, total: float, elapsed_s: float) -> float | None:
        """Of one core, over the time since the last look of this life that could read it."""
        before, self._cpu_before = self._cpu_before, (elapsed_s, total)
        if before is None or elapsed_s <= before[0]:
            return None
        return round((total - before[1]) / (elapsed_s - before[0]) * 100.0, 3)


def _add(
    tally: Tally,
    ours: Sequence[ProcessLook],
    keeper: ProcessLook | None,
    parts: Callable[[ProcessLook], tuple[float | None, float | None]],
) -> float | None:
    """Take a look into account; None, with nothing counted, when it lacks a living process."""
    living: dict[Identity, tuple[float, float] | None] = {}
    for process in ours:
        own, reaped = parts(process)
        if own is not None and reaped is not None:
            living[process.identity] = (own, reaped)
        elif process.zombie:
            living[process.identity] = None
        else:
            return None
    if keeper is not None:
        reaped = parts(keeper)[1]
        if reaped is None:
            return None
        living[keeper.identity] = (0.0, reaped)
    return tally.add(living)


def _total(values: Iterable[int | None]) -> int | None:
    """The sum, or None when one of them is missing."""
    known: list[int] = []
    for value in values:
        if value is None:
            return None
        known.append(value)
    return sum(known)


def _iso(unix: float) -> str:
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
