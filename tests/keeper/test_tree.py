"""Finding and signalling the processes below a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from soakctl.keeper.system import LINUX
from soakctl.keeper.tree import GroupTree, Member, descendants, look, send
from tests.support.polling import eventually

linux = pytest.mark.skipif(not LINUX, reason="reads /proc")
_STAT = b"%d (%s) %s 7 8 9 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 %d 0 4242 0 0 0"


@pytest.mark.parametrize("name", [b"sh", b"a b", b"x) Z 1 1", b"((", b"\xff\n)"])
def test_a_stat_file_is_read_whatever_the_name(name: bytes) -> None:
    """The name may hold spaces, parentheses and newlines; the fields come after the last parenthesis."""
    member = Member(12, _STAT % (12, name, b"S", 1))
    assert (member.pid, member.ppid, member.group, member.session, member.start) == (12, 7, 8, 9, 4242)
    assert not member.zombie


@pytest.mark.parametrize(
    ("state", "threads", "zombie"), [(b"Z", 1, True), (b"X", 1, True), (b"Z", 2, False), (b"T", 1, False)]
)
def test_a_zombie_has_no_thread_left(state: bytes, threads: int, zombie: bool) -> None:
    """A process whose first thread ended lives on in the others."""
    assert Member(12, _STAT % (12, b"x", state, threads)).zombie is zombie


@linux
def test_grandchildren_are_found_and_a_later_process_is_not_signalled() -> None:
    """Descendants come with their parents first; one with another start time is someone else."""
    child = subprocess.Popen(["sh", "-c", "sleep 100 & wait"], start_new_session=True)
    try:
        eventually(lambda: len([one for one in descendants(os.getpid()) if one.session == child.pid]) == 2)
        shell, sleep = (one for one in descendants(os.getpid()) if one.session == child.pid)
        assert (shell.pid, sleep.ppid) == (child.pid, child.pid)
        sleep.start += 1
        assert not send(sleep, signal.SIGKILL)
        sleep.start -= 1
        assert look(sleep.pid) is not None
        assert send(sleep, signal.SIGKILL)
        assert child.wait(20) == 0
        assert not send(shell, signal.SIGKILL)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def test_without_a_subreaper_the_group_is_the_tree() -> None:
    """Where orphans are not adopted, the group is asked, killed, and gone when no member is left."""
    child = subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 100 & wait"], start_new_session=True)
    tree = GroupTree(child.pid)
    assert tree.ask(signal.SIGCONT) == 1
    assert tree.count() == 1
    assert not tree.gone(childless=False)
    assert tree.kill() == 1
    child.wait(20)

    def gone() -> bool:
        # Another test of this process may have made it a subreaper: then the orphan is its own to reap.
        with suppress(ChildProcessError):
            os.waitpid(-child.pid, os.WNOHANG)
        return tree.gone(childless=True)

    eventually(gone)
    assert tree.kill() == 0
    assert tree.count() == 0


def test_the_keeper_loads_nothing_heavy() -> None:
    """Its start is paid for at each start of a service: standard library, little of it, and nothing else of soakctl."""
    source = Path(__file__).parents[2] / "src"
    code = f"import sys; sys.path.append({str(source)!r}); import soakctl.keeper.loop; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, check=True)
        .stdout.decode()
        .split()
    )
    assert not loaded & {"enum", "json", "re", "socket", "subprocess", "typing", "dataclasses", "contextlib", "ctypes"}
    ours = {name for name in loaded if name.split(".")[0] == "soakctl"}
    assert {name for name in ours if not name.startswith("soakctl.keeper")} == {"soakctl"}
