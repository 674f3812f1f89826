"""Finding and stopping what is left of a run."""

from __future__ import annotations

import os
import signal
import subprocess
import uuid
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.leftovers import stop_leftovers
from tests.support.services import end, marked

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def run_id() -> Iterator[str]:
    """A run; whatever a failed test leaves of it is killed."""
    one = f"test-{uuid.uuid4().hex[:12]}"
    yield one
    end(*marked(one), *marked(f"{one}0"))


def _start(mark: str, script: str = "echo up; exec sleep 100") -> subprocess.Popen[bytes]:
    """A process with a mark, once it has said that it is up."""
    env = {"PATH": os.environ["PATH"], "SOAKCTL_RUN": mark}
    process = subprocess.Popen(["sh", "-c", script], env=env, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"up\n"
    return process


def test_only_the_processes_of_the_run_are_stopped(run_id: str) -> None:
    """Every life of it; the ones that ignore the signal are killed; a run whose name begins alike is left alone."""
    obedient = _start(f"{run_id}:1")
    stubborn = _start(f"{run_id}:2", "trap '' TERM; echo up; while :; do sleep 0.1; done")
    other = _start(f"{run_id}0:1")
    try:
        assert stop_leftovers(run_id, signal.SIGTERM, 0.3) >= 2
        assert obedient.wait(20) == -signal.SIGTERM
        assert stubborn.wait(20) == -signal.SIGKILL
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_one_life_can_be_meant(run_id: str) -> None:
    """Life 1 is not life 11."""
    first, eleventh = _start(f"{run_id}:1"), _start(f"{run_id}:11")
    assert stop_leftovers(run_id, signal.SIGTERM, 10.0, life=1) == 1
    assert first.wait(20) == -signal.SIGTERM
    assert eleventh.poll() is None
    eleventh.kill()
    eleventh.wait()
