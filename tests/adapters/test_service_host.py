"""Supervision of real processes: nothing is left on any way out."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from soakctl.domain.signal import Exited, Gone, Started, StartFailed, StopRung
from soakctl.keeper.system import LINUX
from tests.support.polling import eventually
from tests.support.services import Supervised, end, keepers, marked, tree, zombies

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not LINUX, reason="looks into /proc")

_TELLS_WHAT_IT_INHERITED = """
import json, os, signal, sys
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({
    "ignored": int(status["SigIgn"], 16) & ~(3 << 31), "blocked": int(status["SigBlk"], 16),
    "fds": sorted(int(fd) for fd in os.listdir("/proc/self/fd")), "stdin": os.readlink("/proc/self/fd/0"),
    "leads": os.getsid(0) == os.getpid(), "run": os.environ["SOAKCTL_RUN"], "cwd": os.getcwd(),
    "secret": os.environ["SECRET"],
}), flush=True)
signal.pause()
"""
# Forks for ever, so that a list of its pids is old before it is read; ends by itself should the kill fail.
_HYDRA = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
end = time.monotonic() + 30
os.write(1, b"up")
if os.fork():
    while time.monotonic() < end: time.sleep(0.1)
while time.monotonic() < end:
    if os.fork(): os._exit(0)
"""
_LEAVES_ZOMBIES = """
import os, signal
for _ in range(3):
    if os.fork() == 0: os._exit(0)
os.write(1, b"up")
signal.pause()
"""


@pytest.fixture
def supervised() -> Iterator[Supervised]:
    """A host; whatever a failed test leaves of its run is killed."""
    one = Supervised()
    yield one
    end(*keepers(one.run_id), *marked(one.run_id))
    one.close()


def _rungs(one: Supervised) -> list[StopRung]:
    return [signal_ for signal_ in one.signals if isinstance(signal_, StopRung)]


def test_a_service_inherits_nothing_by_accident_and_stops_cleanly(supervised: Supervised, tmp_path: Path) -> None:
    """Signals ignored by a shell are its own again, no descriptor leaks, and it leads a session."""
    numbers = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        supervised.start(sys.executable, "-c", _TELLS_WHAT_IT_INHERITED, cwd=str(tmp_path), env={"SECRET": "hush=\n1"})
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    started = supervised.until(Started)
    supervised.says("\n")
    assert json.loads(supervised.output) == {
        # Signals 32 and 33 belong to the C library, and nobody can reset them.
        "ignored": 1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1),  # by Python itself, when it starts
        "blocked": 0,
        "fds": [0, 1, 2, 3],  # 3 is the listing itself
        "stdin": "/dev/null",
        "leads": True,
        "run": f"{supervised.run_id}:1",
        "cwd": str(tmp_path.resolve()),
        "secret": "hush=\n1",
    }
    keeper = supervised.host.root_pid
    assert psutil.Process(started.pid).ppid() == keeper
    assert b"hush" not in Path(f"/proc/{keeper}/environ").read_bytes()
    assert supervised.stop(10.0) == Gone(0)
    assert supervised.signals[1:] == [StopRung("asked", "SIGTERM", 1), Exited(-signal.SIGTERM), Gone(0)]
    assert supervised.nothing_left()
    assert keeper not in zombies()


def test_a_service_that_ignores_the_signal_is_killed_after_its_grace(supervised: Supervised) -> None:
    """The deadline is shared by the whole tree, and each rung is told."""
    supervised.start("sh", "-c", "trap '' TERM; sleep 100 & echo up; sleep 100")
    supervised.says("up")
    eventually(lambda: len(marked(supervised.run_id)) == 3)
    assert supervised.stop(0.3) == Gone(0)
    assert _rungs(supervised) == [StopRung("asked", "SIGTERM", 1), StopRung("killed", "SIGKILL", 3)]
    assert Exited(-signal.SIGKILL) in supervised.signals
    assert supervised.nothing_left()


def test_a_second_stop_shortens_the_first(supervised: Supervised) -> None:
    """Ctrl-C a second time does not wait for the grace of the first."""
    supervised.start("sh", "-c", "trap 'echo asked' TERM; echo up; while :; do sleep 0.01; done")
    supervised.says("up")
    supervised.host.stop(3600.0)
    supervised.says("asked")
    assert supervised.stop(0.0) == Gone(0)
    assert supervised.nothing_left()


def test_a_daemon_outlives_its_service_until_it_is_stopped(supervised: Supervised) -> None:
    """Death is told at once with its code; what has left the session is still in the tree, and is asked to end."""
    supervised.start("sh", "-c", "setsid -f sleep 100; exit 7")
    assert supervised.until(Exited) == Exited(7)
    (daemon,) = marked(supervised.run_id)
    assert psutil.Process(daemon).ppid() == supervised.host.root_pid
    assert supervised.stop(10.0) == Gone(0)
    assert _rungs(supervised) == [StopRung("asked_rest", "SIGTERM", 1)]
    assert supervised.nothing_left()


def test_the_foreground_child_of_a_script_is_stopped_too(supervised: Supervised, tmp_path: Path) -> None:
    """The shell dies of the signal without passing it on; its child is asked next."""
    script = tmp_path / "serve.sh"
    script.write_text("#!/bin/sh\necho up\nsleep 100\necho never\n")
    script.chmod(0o755)
    supervised.start("./serve.sh", cwd=str(tmp_path))
    supervised.says("up")
    eventually(lambda: len(marked(supervised.run_id)) == 2)
    assert supervised.stop(10.0) == Gone(0)
    assert _rungs(supervised) == [StopRung("asked", "SIGTERM", 1), StopRung("asked_rest", "SIGTERM", 1)]
    assert b"never" not in supervised.output
    assert supervised.nothing_left()


def test_a_stopped_service_can_end_cleanly(supervised: Supervised) -> None:
    """SIGSTOP holds the signal back; SIGCONT follows it."""
    supervised.start("sh", "-c", "trap 'exit 3' TERM; echo up; kill -STOP $$; while :; do sleep 0.01; done")
    pid = supervised.until(Started).pid
    eventually(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    assert supervised.stop(10.0) == Gone(0)
    assert Exited(3) in supervised.signals
    assert _rungs(supervised)[0] == StopRung("asked", "SIGTERM", 1)
    assert not [rung for rung in _rungs(supervised) if rung.rung == "killed"]


def test_a_tree_that_forks_while_it_is_killed_is_killed(supervised: Supervised) -> None:
    """A group is killed in one step, so that no pid gets away."""
    supervised.start(sys.executable, "-I", "-S", "-c", _HYDRA)
    supervised.says("up")
    assert supervised.stop(0.2) == Gone(0)
    assert supervised.nothing_left()


def test_the_zombies_of_a_service_go_with_it(supervised: Supervised) -> None:
    """Children it never waited for come to the keeper when it dies, and are waited for there."""
    supervised.start(sys.executable, "-I", "-S", "-c", _LEAVES_ZOMBIES)
    pid = supervised.until(Started).pid
    supervised.says("up")
    eventually(lambda: [one.status() for one in psutil.Process(pid).children()] == [psutil.STATUS_ZOMBIE] * 3)
    children = [one.pid for one in psutil.Process(pid).children()]
    assert supervised.stop(10.0) == Gone(0)
    assert not [child for child in children if psutil.pid_exists(child)]
    assert _rungs(supervised) == [StopRung("asked", "SIGTERM", 1)]


def test_the_keeper_heeds_no_terminal_and_takes_sigterm_as_a_stop(supervised: Supervised) -> None:
    """Ctrl-C and a closed terminal are soakctl's business; a service manager that ends all processes is obeyed."""
    supervised.start("sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.01; done")
    supervised.says("up")
    keeper = supervised.host.root_pid
    assert keeper is not None
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP, signal.SIGTERM):
        os.kill(keeper, number)
    assert supervised.until(Exited) == Exited(0)
    assert supervised.stop(10.0) == Gone(0)
    assert _rungs(supervised) == [StopRung("asked", "SIGTERM", 1)]
    assert supervised.nothing_left()


def test_when_the_keeper_is_killed_the_tree_is_killed_and_reaped(supervised: Supervised) -> None:
    """The service dies with its keeper; daemons and children without the mark come to soakctl, which ends them."""
    supervised.start("sh", "-c", "setsid -f sleep 100; env -i sleep 100 & echo up; sleep 100")
    main = supervised.until(Started).pid
    supervised.says("up")
    keeper = supervised.host.root_pid
    assert keeper is not None
    below = tree(keeper, "sh", "sleep", "sleep", "sleep")
    assert main in below
    os.kill(keeper, signal.SIGKILL)
    assert supervised.until(Exited) == Exited(None, "soakctl's keeper was ended from outside, by SIGKILL")
    assert supervised.until(Gone) == Gone(0)
    assert [rung.rung for rung in _rungs(supervised)] == ["killed"]
    assert not [pid for pid in [keeper, *below] if psutil.pid_exists(pid)]
    assert supervised.stop(1.0) == Gone(0)


@pytest.mark.parametrize(
    ("argv", "cwd", "reason", "detail"),
    [
        (["no-such-command-here"], "/", "not_found", "command not found: no-such-command-here in the service's PATH"),
        (["./orphan"], "{tmp}", "not_found", "the interpreter its first line names is not"),
        (["./plain"], "{tmp}", "not_executable", "./plain cannot be executed: Permission denied"),
        (["true"], "{tmp}/none", "cwd", "none cannot be used: No such file or directory"),
    ],
)
def test_a_service_that_cannot_start_says_why(
    supervised: Supervised, tmp_path: Path, argv: list[str], cwd: str, reason: str, detail: str
) -> None:
    """The reason is one the engine knows, the detail is for people, and nothing is left of the attempt."""
    (tmp_path / "plain").write_text("echo never")
    (tmp_path / "orphan").write_text("#!/no/such/interpreter\n")
    (tmp_path / "orphan").chmod(0o755)
    supervised.start(*argv, cwd=cwd.format(tmp=tmp_path))
    failed = supervised.until(StartFailed)
    assert failed.reason == reason
    assert detail in failed.detail
    assert supervised.stop(1.0) == Gone(0)
    assert supervised.signals == [failed, Gone(0)]
    assert not keepers(supervised.run_id)


def test_what_exec_cannot_pass_on_is_a_failed_start(supervised: Supervised) -> None:
    """A NUL byte in an argument is said, not raised."""
    supervised.host.stop(1.0)
    assert supervised.until(Gone) == Gone(0)
    supervised.start("true", env={"A": "b\0c"})
    assert supervised.until(StartFailed).reason == "other"
