"""Samples of real processes: daemons, dying children, zombies, threads and files; and psutil's view of the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.procfs import ProcFs
from soakctl.adapters.psutil_processes import PsutilProcesses
from soakctl.adapters.sampler import TreeSampler
from soakctl.domain.sample import Totals
from soakctl.errors import UnavailableError
from tests.support import service_tree
from tests.support.polling import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.adapters.process_look import Processes, ProcessLook, TreeLook
    from soakctl.domain.sample import Sample

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and a subreaper")

READERS = pytest.mark.parametrize("make", [ProcFs, PsutilProcesses])
LEADERLESS = """
import ctypes, sys, threading
def work():
    sys.stdin.read()
    import os
    os._exit(0)
threading.Thread(target=work).start()
print("ready", flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""
# Starts a shell, and says when it has ended.
MIDDLE = """
import subprocess, sys
subprocess.run(["sh", "-c", sys.argv[1]])
print("ended", flush=True)
sys.stdin.read()
"""
# Looks at root's child as an ordinary user does.
AS_NOBODY = """
import os, subprocess
from soakctl.adapters.procfs import ProcFs
child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
os.setresuid(65534, 65534, 65534)
reader = ProcFs()
(cat,) = reader.look(os.getpid()).descendants
print(cat.io_read, cat.io_write, *reader.unique_memory([cat]), cat.rss > 0, cat.threads, cat.cpu_own >= 0)
child.stdin.close()
"""


@pytest.fixture(scope="module")
def keeper() -> Iterator[subprocess.Popen[str]]:
    """The keeper of a service tree that stands, its zombie included."""
    with service_tree.start() as process:
        eventually(lambda: any(look.zombie for look in ProcFs().look(process.pid).descendants))
        yield process


def _sampler(processes: Processes, *, include_root: bool = False) -> TreeSampler:
    return TreeSampler(
        include_root=include_root, data_dirs=[], artifacts_dir=None, disk_path=Path("/"), processes=processes
    )


def _take(sampler: TreeSampler, pid: int, second: float) -> Sample:
    return sampler.sample(pid, 1, 1.0, elapsed_s=second, unix=second, life=1, totals=Totals())


@READERS
def test_a_service_under_a_keeper(keeper: subprocess.Popen[str], make: type[Processes]) -> None:
    """Threads, files, the daemon that left and the zombie are all in the sample."""
    sampler = _sampler(make())
    first, second = _take(sampler, keeper.pid, 0.0), _take(sampler, keeper.pid, 1.0)
    assert (first.num_processes, first.num_threads, first.zombies) == (2, service_tree.THREADS + 2, 0)
    assert (second.num_processes, second.zombies) == (2, 1)
    assert first.num_fds is not None
    assert first.num_fds >= 2 * service_tree.FILES  # the daemon has inherited them
    assert first.rss_bytes is not None
    assert first.uss_bytes is not None
    assert first.pss_bytes is not None
    assert 0 < first.uss_bytes < first.pss_bytes < first.rss_bytes
    assert (second.uss_bytes, second.pss_bytes) == (None, None)


@READERS
def test_a_child_that_burns_and_dies_unseen(keeper: subprocess.Popen[str], make: type[Processes]) -> None:
    """The CPU of a child that lived and died between two samples is in the second one."""
    sampler = _sampler(make())
    before = _take(sampler, keeper.pid, 0.0)
    assert service_tree.say(keeper, "burn") == "done"
    after = _take(sampler, keeper.pid, 1.0)
    assert before.cpu_seconds_total is not None
    assert after.cpu_seconds_total is not None
    assert after.cpu_percent is not None
    assert after.cpu_seconds_total >= before.cpu_seconds_total + service_tree.BURN_S - 0.05
    assert after.cpu_percent == pytest.approx((after.cpu_seconds_total - before.cpu_seconds_total) * 100, abs=0.01)


def test_psutil_sees_the_same(keeper: subprocess.Popen[str]) -> None:
    """Both ways of reading find the same processes with the same values."""
    ours, theirs = ProcFs(), PsutilProcesses()
    for look in (ours.look(keeper.pid), ours.look(keeper.pid)):  # the second one counts files the quick way
        other = theirs.look(keeper.pid)
        assert _by_pid(look).keys() == _by_pid(other).keys()
        for pid, process in _by_pid(look).items():
            twin = _by_pid(other)[pid]
            assert (process.zombie, process.threads, process.fds) == (twin.zombie, twin.threads, twin.fds)
            assert (process.rss, process.vms) == (twin.rss, twin.vms)
            assert (process.cpu_own, process.cpu_reaped) == pytest.approx((twin.cpu_own, twin.cpu_reaped), abs=0.05)
            if not process.zombie:
                assert (process.io_read, process.io_write) == (twin.io_read, twin.io_write)
        memory = ours.unique_memory(list(look.descendants)), theirs.unique_memory(list(other.descendants))
        assert memory[0] == pytest.approx(memory[1], rel=0.01)


def _by_pid(look: TreeLook) -> dict[int, ProcessLook]:
    return {process.identity[0]: process for process in [look.root, *look.descendants]}


@READERS
def test_a_process_that_does_not_exist(make: type[Processes]) -> None:
    """A pid that nobody has is refused."""
    with pytest.raises(UnavailableError, match="does not exist"):
        make().look(2**22 + 1)


@READERS
def test_an_orphan_of_a_watched_process(make: type[Processes]) -> None:
    """A process watched by pid keeps its daemonised child in the sample after the one between them has ended."""
    script = "sleep 600 & echo $!; read _"
    with subprocess.Popen(
        [sys.executable, "-S", "-c", MIDDLE, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as root:
        assert root.stdin is not None
        assert root.stdout is not None
        orphan = int(root.stdout.readline())
        try:
            reader = make()
            before = reader.look(root.pid)
            assert orphan in _by_pid(before)
            root.stdin.write("end\n")
            root.stdin.flush()
            assert root.stdout.readline() == "ended\n"
            known = [process.identity for process in before.descendants]
            assert set(_by_pid(reader.look(root.pid, known=known))) == {root.pid, orphan}
        finally:
            os.kill(orphan, signal.SIGKILL)


def test_a_process_whose_first_thread_has_ended() -> None:
    """A process whose first thread has ended shows as a zombie but runs: its memory and files are still read."""
    with subprocess.Popen(
        [sys.executable, "-S", "-c", LEADERLESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        stat = Path(f"/proc/{process.pid}/stat")
        eventually(lambda: b") Z " in stat.read_bytes())
        root = ProcFs().look(process.pid).root
        assert not root.zombie
        assert root.threads == 2
        assert root.rss
        assert root.fds is not None
        assert root.fds >= 3
        assert all(ProcFs().unique_memory([root]))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can become another user")
def test_a_process_of_another_user() -> None:
    """What the kernel does not show of another user's process is None, and the rest is there."""
    found = subprocess.run([sys.executable, "-c", AS_NOBODY], check=True, capture_output=True, text=True)
    assert found.stdout.split() == ["None", "None", "None", "None", "True", "1", "True"]
