"""The lock of a run."""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.identity import identity_of
from soakctl.adapters.run_lock import RunLock, read_holder
from soakctl.errors import ExitCode, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DEAD = {
    "boot_id": "another boot",
    "pid": os.getpid(),
    "schema": "soakctl.lock/1",
    "start_ticks": 1,
    "started_unix": 1.0,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the lock is."""
    return tmp_path / "run.lock"


@pytest.fixture
def held(path: Path) -> Iterator[int]:
    """The lock as the keeper of a dead soakctl holds it: without having written anything."""
    path.write_text(json.dumps(_DEAD))
    fd = os.open(path, os.O_RDWR)
    fcntl.flock(fd, fcntl.LOCK_EX)
    yield fd
    os.close(fd)


def test_it_says_who_holds_it(path: Path) -> None:
    """The file names this process so that no later one can be taken for it."""
    with RunLock(path) as lock:
        assert lock.fd >= 0
        assert read_holder(path) == identity_of(os.getpid())
        assert json.loads(path.read_text())["schema"] == "soakctl.lock/1"


def test_a_second_one_is_refused_at_once(path: Path) -> None:
    """A living soakctl is named, not waited for."""
    with RunLock(path), pytest.raises(UnavailableError) as refused:
        RunLock(path).acquire(3600.0)
    assert refused.value.message == f"the run is in use by another soakctl (pid {os.getpid()})"
    assert refused.value.where == str(path)
    assert refused.value.exit_code is ExitCode.UNAVAILABLE


def test_it_can_be_taken_again_after_release(path: Path) -> None:
    """What the last holder wrote does not matter once the lock is free."""
    RunLock(path).__enter__().release()
    with RunLock(path) as again:
        assert again.fd >= 0


def test_the_keeper_of_a_dead_soakctl_is_waited_for(path: Path, held: int) -> None:
    """The reason is told once, and the lock is taken when the keeper lets go."""
    told: list[str] = []

    def on_wait(why: str) -> None:
        told.append(why)
        fcntl.flock(held, fcntl.LOCK_UN)

    lock = RunLock(path)
    lock.acquire(20.0, on_wait)
    lock.release()
    who = f"soakctl pid {os.getpid()}, which has ended,"
    assert told == [f"waiting for the service started by {who} to be stopped by its keeper"]


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("text", [json.dumps(_DEAD), '{"pid": 1'])
def test_a_wait_ends_with_a_reason(path: Path, text: str) -> None:
    """Also when the holder's name cannot be read."""
    path.write_text(text)
    with pytest.raises(UnavailableError, match="still being stopped by its keeper"):
        RunLock(path).acquire(0.0)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"boot_id": "b", "pid": "x", "start_ticks": 1}', "\xff"])
def test_a_torn_file_names_nobody(path: Path, text: str) -> None:
    """A kill can come between taking the lock and writing the name."""
    path.write_text(text, encoding="latin-1")
    assert read_holder(path) is None


def test_a_directory_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(UnavailableError, match="cannot be written to: No such file") as refused:
        RunLock(tmp_path / "none" / "run.lock").acquire()
    assert refused.value.where.endswith("none/run.lock")


def test_it_has_no_descriptor_before_it_is_held(path: Path) -> None:
    """Passing on a lock that is not held would hold nothing."""
    with pytest.raises(RuntimeError, match="not held"):
        _ = RunLock(path).fd
