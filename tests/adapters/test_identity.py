"""Telling a process from a later one with its pid."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import replace

import psutil

from soakctl.adapters.identity import identity_of, send_signals, started_unix
from tests.support.polling import eventually


def test_this_process_is_itself() -> None:
    """Alive, and started when the system says."""
    me = identity_of(os.getpid())
    assert me is not None
    assert me.alive
    assert abs(started_unix(me) - psutil.Process().create_time()) < 2
    assert started_unix(me) <= time.time()


def test_another_start_or_boot_is_another_process() -> None:
    """The pid alone is not enough, and such a process gets no signal."""
    me = identity_of(os.getpid())
    assert me is not None
    for other in (replace(me, start=me.start - 1), replace(me, boot_id="another")):
        assert not other.alive
    assert not send_signals(replace(me, start=me.start - 1), signal.SIGKILL)


def test_a_zombie_is_not_alive() -> None:
    """It has ended, whether or not its parent has noticed."""
    process = subprocess.Popen(["sleep", "100"])
    identity = identity_of(process.pid)
    assert identity is not None
    assert send_signals(identity, signal.SIGKILL)
    eventually(lambda: not identity.alive)
    assert identity_of(process.pid) is None
    assert process.wait(20) == -signal.SIGKILL
