"""Watching a process that is not ours."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.attach import AttachedProcess
from soakctl.domain.signal import Exited, Gone, Started, StartFailed
from soakctl.errors import UnavailableError
from soakctl.keeper.system import LINUX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.signal import Signal


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process to watch."""
    one = subprocess.Popen(["sleep", "100"])
    yield one
    one.kill()
    one.wait()


@pytest.fixture(params=["told by the kernel", "looked for"])
def watching(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to notice a death."""
    if request.param == "looked for":
        monkeypatch.delattr(os, "pidfd_open", raising=False)


@pytest.mark.usefixtures("watching")
def test_its_death_is_told(process: subprocess.Popen[bytes]) -> None:
    """The code is its parent's to know; a zombie counts as dead."""
    signals: queue.SimpleQueue[Signal] = queue.SimpleQueue()
    attached = AttachedProcess(process.pid, signals.put)
    attached.start()
    started = signals.get(timeout=20)
    assert isinstance(started, Started)
    assert started.pid == attached.root_pid == process.pid
    assert abs(started.started_unix - time.time()) < 60
    process.kill()
    assert signals.get(timeout=20) == Exited(None)
    attached.stop(1.0)
    attached.close()
    assert signals.get(timeout=20) == Gone(0)


@pytest.mark.usefixtures("watching")
def test_it_is_never_stopped(process: subprocess.Popen[bytes]) -> None:
    """To stop means to stop watching."""
    signals: queue.SimpleQueue[Signal] = queue.SimpleQueue()
    attached = AttachedProcess(process.pid, signals.put)
    attached.start()
    attached.stop(0.0)
    attached.close()
    attached.close()
    assert isinstance(signals.get(timeout=20), Started)
    assert signals.get(timeout=20) == Gone(0)
    assert process.poll() is None


def test_one_that_ends_before_the_start_is_gone(process: subprocess.Popen[bytes]) -> None:
    """Between the look and the start of the run it may end."""
    signals: queue.SimpleQueue[Signal] = queue.SimpleQueue()
    attached = AttachedProcess(process.pid, signals.put)
    process.kill()
    process.wait()
    attached.start()
    attached.close()
    assert signals.get(timeout=20) == StartFailed("gone", f"process {process.pid} has ended")


def test_a_pid_that_is_nobodys_is_refused(process: subprocess.Popen[bytes]) -> None:
    """Never existed, or has ended: there is no such process."""
    process.kill()
    process.wait()
    for pid in (process.pid, 0, -1, 1 << 40):
        with pytest.raises(UnavailableError, match=f"no process {pid}"):
            AttachedProcess(pid, _nobody)


@pytest.mark.skipif(not LINUX, reason="threads have numbers of their own elsewhere")
def test_a_thread_is_refused_with_the_pid_to_use() -> None:
    """/proc shows a directory for it, but it is only a part of a process."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with pytest.raises(UnavailableError, match=f"a thread of process {os.getpid()}") as refused:
            AttachedProcess(thread.native_id or 0, _nobody)
    finally:
        done.set()
        thread.join()
    assert refused.value.hint == f"use --pid {os.getpid()}"


_AS_NOBODY = """
import os, sys
sys.path.append(sys.argv[1])
from soakctl.adapters.attach import AttachedProcess
from soakctl.errors import UnavailableError
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try: AttachedProcess(int(sys.argv[2]), print)
except UnavailableError as error: sys.exit(error.message)
"""


@pytest.mark.skipif(not LINUX or os.geteuid() != 0, reason="only root can become another user")
def test_another_users_process_is_refused(process: subprocess.Popen[bytes]) -> None:
    """Its descriptors and memory could not be counted: that is said before hours were spent."""
    source = str(Path(__file__).parents[2] / "src")
    argv = [sys.executable, "-c", _AS_NOBODY, source, str(process.pid)]
    ended = subprocess.run(argv, capture_output=True, check=False)
    assert ended.stderr.decode().strip() == f"process {process.pid} belongs to another user and cannot be read"
    assert ended.returncode == 1


def _nobody(_signal: Signal) -> None:
    message = "nothing is told about a process that was refused"
    raise AssertionError(message)
