"""SIGKILL of soakctl itself: the service still ends cleanly, and a resume waits for that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from soakctl.adapters.leftovers import stop_leftovers
from soakctl.adapters.run_lock import RunLock
from soakctl.errors import UnavailableError
from soakctl.keeper.system import LINUX
from tests.support.polling import eventually
from tests.support.services import end, keepers, marked, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not LINUX, reason="looks into /proc")

_DRIVER = Path(__file__).parents[1] / "support" / "supervising.py"
# Writes without a pause, and far more than a pipe holds after it was asked to end: it would block, or die of SIGPIPE.
_TALKER = """
import os, signal, sys
marker, gate = sys.argv[1:]
def ended(number, frame):
    while not os.path.exists(gate): os.write(1, b"x" * 65536)
    for _ in range(100): os.write(1, b"x" * 65536); os.write(2, b"y" * 65536)
    open(marker, "w").write("clean")
    os._exit(0)
signal.signal(signal.SIGTERM, ended)
open(marker, "w").write("up")
while True: os.write(1, b"x" * 4096)
"""


@pytest.fixture
def run_id() -> Iterator[str]:
    """A run; whatever a failed test leaves of it is killed."""
    one = f"test-{uuid.uuid4().hex[:12]}"
    yield one
    end(*keepers(one), *marked(one))


def _supervising(run_id: str, lock: Path, *argv: str) -> tuple[subprocess.Popen[bytes], int]:
    """A soakctl of its own, and the pid of its keeper."""
    soakctl = subprocess.Popen([sys.executable, str(_DRIVER), run_id, str(lock), *argv], stdout=subprocess.PIPE)
    assert soakctl.stdout is not None
    with soakctl.stdout:
        return soakctl, int(soakctl.stdout.readline())


def test_the_service_ends_cleanly_and_a_resume_waits(run_id: str, tmp_path: Path) -> None:
    """The keeper asks, reads on what the service still writes, and holds the run's lock until it is gone."""
    marker, gate, lock_path = tmp_path / "marker", tmp_path / "gate", tmp_path / "run.lock"
    talker = [sys.executable, "-I", "-S", "-c", _TALKER, str(marker), str(gate)]
    soakctl, keeper = _supervising(run_id, lock_path, *talker)
    eventually(lambda: marker.exists() and marker.read_text() == "up")
    second = RunLock(lock_path)
    with pytest.raises(UnavailableError, match=f"in use by another soakctl .pid {soakctl.pid}."):
        second.acquire(5.0)
    os.kill(soakctl.pid, signal.SIGKILL)
    soakctl.wait()
    with pytest.raises(UnavailableError, match="still being stopped by its keeper"):
        second.acquire(0.0)
    told: list[str] = []

    def on_wait(why: str) -> None:
        told.append(why)
        gate.touch()

    second.acquire(20.0, on_wait)
    second.release()
    assert marker.read_text() == "clean"
    assert told == [
        f"waiting for the service started by soakctl pid {soakctl.pid}, which has ended, to be stopped by its keeper"
    ]
    assert not marked(run_id)
    eventually(lambda: not _runs(keeper))


def test_what_outlives_soakctl_and_keeper_is_found_and_stopped(run_id: str, tmp_path: Path) -> None:
    """With both killed the main process dies too; the rest is found by what it inherited."""
    script = "trap '' TERM; sleep 100 & env -i sleep 100 & setsid -f sleep 100; echo up; wait"
    soakctl, keeper = _supervising(run_id, tmp_path / "run.lock", "sh", "-c", script)
    below = tree(keeper, "sh", "sleep", "sleep", "sleep")
    main = next(pid for pid in below if psutil.Process(pid).name() == "sh")
    assert len(marked(run_id)) == 3
    os.kill(soakctl.pid, signal.SIGKILL)  # first, or it would clean up after its keeper
    soakctl.wait()
    os.kill(keeper, signal.SIGKILL)
    eventually(lambda: not _runs(main))
    assert stop_leftovers(run_id, signal.SIGTERM, 0.3, sessions=[main]) == 3
    eventually(lambda: not [pid for pid in below if _runs(pid)])
    assert stop_leftovers(run_id, signal.SIGTERM, 0.3) == 0


def _runs(pid: int) -> bool:
    """Lives: whoever inherited it may take a while to wait for it."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
