"""Helper commands: bounded, and nothing of them stays behind."""

from __future__ import annotations

import ctypes
import os
import shlex
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from soakctl.adapters import command_tree
from soakctl.adapters.command_tree import CommandTree
from soakctl.adapters.run_command import Completed, run_bounded, verify
from soakctl.domain.config.service import StopVerify
from soakctl.domain.signal import Verified
from soakctl.keeper.tree import Member, descendants
from tests.support.polling import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands of these tests are POSIX ones")

ENV = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}


def _sh(script: str, cwd: Path, **given: Any) -> Completed:
    options: dict[str, Any] = {"env": ENV, "timeout_s": 30.0, **given}
    return run_bounded(["sh", "-c", script], cwd=cwd, **options)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """After each test there is no child more than before, alive or zombie."""
    before = _children()
    yield
    assert _children() <= before


def test_what_a_command_wrote_and_said(tmp_path: Path) -> None:
    """Both outputs and the exit code come back; it ran where and with what it was told."""
    done = _sh("pwd; echo $A; echo oops >&2; cat; exit 3", tmp_path, env={**ENV, "A": "b c"})
    assert done == Completed(3, f"{tmp_path.resolve()}\nb c\n", "oops\n")
    assert not done.ok
    assert done.failure() == "exit code 3: oops"


def test_success(tmp_path: Path) -> None:
    """Exit code 0 is success, and nothing is told of it."""
    done = _sh("echo fine", tmp_path)
    assert done.ok
    assert done.failure() == ""


def test_no_shell(tmp_path: Path) -> None:
    """The arguments reach the command as they are."""
    done = run_bounded(["echo", "$HOME", "; rm", "*"], cwd=tmp_path, env=ENV, timeout_s=30)
    assert done.stdout == "$HOME ; rm *\n"


def test_a_session_of_its_own(tmp_path: Path) -> None:
    """Ctrl-C in soakctl's terminal does not reach it."""
    done = run_bounded(
        [sys.executable, "-S", "-c", "import os; print(os.getsid(0) == os.getpid())"],
        cwd=tmp_path,
        env=ENV,
        timeout_s=30,
    )
    assert done.stdout == "True\n"


def _script(path: Path, text: str, mode: int) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return str(path)


def test_a_command_that_cannot_be_started(tmp_path: Path) -> None:
    """Not found, no interpreter, not executable, no such directory, a NUL byte: each is a result and no exception."""

    def problem(command: str, cwd: Path = tmp_path) -> tuple[bool, str]:
        done = run_bounded([command], cwd=cwd, env=ENV, timeout_s=30)
        assert done.code is None
        assert not done.ok
        return done.not_found, done.failure()

    lost = _script(tmp_path / "lost", "#!/no/such/interpreter\n", 0o755)
    plain = _script(tmp_path / "plain", "#!/bin/sh\n", 0o644)
    noise = _script(tmp_path / "noise", "\x7fELF but not really", 0o755)
    assert problem("no-such-command-anywhere") == (True, "command not found")
    assert problem(lost) == (True, "the interpreter named in its first line was not found")
    assert problem("./lost") == (True, "the interpreter named in its first line was not found")
    assert problem(plain) == (False, "not executable: permission denied")
    assert problem(noise) == (False, "cannot be run: Exec format error")
    assert problem("sh", tmp_path / "gone") == (False, f"the working directory {tmp_path / 'gone'} does not exist")
    assert problem("a\0b")[1].startswith("cannot be run: ")


def test_a_command_that_is_killed_by_a_signal(tmp_path: Path) -> None:
    """The signal is named."""
    done = _sh("kill -9 $$", tmp_path)
    assert done.code == -9
    assert done.failure() == "ended by SIGKILL"


def test_a_command_that_runs_too_long(tmp_path: Path) -> None:
    """It is ended, its output up to then is kept, and it has no exit code."""
    done = _sh("echo so far; exec sleep 300", tmp_path, timeout_s=0.5)
    assert done.timed_out
    assert not done.ok
    assert done.code is None
    assert done.failure() in {"no end within 0.5s: so far", "no end within 0.5s"}


def test_a_command_that_ignores_being_told_to_end(tmp_path: Path) -> None:
    """No trap helps against the time-out."""
    assert _sh("trap '' TERM INT HUP; while :; do sleep 1; done", tmp_path, timeout_s=0.3).timed_out


def test_the_whole_tree_goes(tmp_path: Path) -> None:
    """Children, grandchildren in sessions of their own and background jobs whose parent is gone are all ended."""
    script = """
        sleep 300 & echo $! >> pids
        setsid sh -c 'echo $$ >> pids; sleep 300 & echo $! >> pids; wait' &
        (sleep 300 & echo $! >> pids)
        echo $$ >> pids; wait
    """
    pids, cancel = tmp_path / "pids", threading.Event()
    results: list[Completed] = []
    runner = threading.Thread(target=lambda: results.append(_sh(script, tmp_path, cancel=cancel)))
    runner.start()
    try:
        eventually(lambda: pids.exists() and len(pids.read_text().split()) == 5)
    finally:
        cancel.set()
        runner.join()
    assert results[0].failure() == "ended because the run is over"
    assert not results[0].timed_out
    eventually(lambda: not any(_alive(int(pid)) for pid in pids.read_text().split()))


def test_a_background_job_does_not_hold_the_answer_up(tmp_path: Path) -> None:
    """A command that ends while a job of it still holds the output is done; the job is ended."""
    done = _sh("sleep 300 & echo $! ; exit 0", tmp_path)
    assert done.ok
    eventually(lambda: not _alive(int(done.stdout)))


@pytest.fixture
def subreaper() -> Iterator[None]:
    """This process inherits orphans, as soakctl does while it watches a service."""
    if sys.platform != "linux":
        pytest.skip("only Linux has subreapers")
    libc = ctypes.CDLL(None)
    assert libc.prctl(36, 1, 0, 0, 0) == 0
    yield
    libc.prctl(36, 0, 0, 0, 0)


@pytest.mark.usefixtures("subreaper")
@pytest.mark.parametrize(("ending", "timeout_s"), [("exit 0", 30.0), ("wait; sleep 300", 0.5)])
def test_a_subreaper_is_left_without_zombies(tmp_path: Path, ending: str, timeout_s: float) -> None:
    """Orphans that come to soakctl are reaped by it, after a normal end and after a time-out."""
    _sh(f"(sleep 300 &) ; setsid sleep 300 & {ending}", tmp_path, timeout_s=timeout_s)
    zombies = [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]
    assert zombies == []
    for child in psutil.Process().children():  # what left the session before the normal end lives on
        child.kill()
        os.waitpid(child.pid, 0)


@pytest.mark.usefixtures("subreaper")
def test_one_that_leaves_the_group_while_it_is_killed_is_reaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signal has reached it, and then it is in a session of its own: nobody finds it by its group any more."""
    program = "import os, pathlib, time; p = pathlib.Path('go')\nwhile not p.exists(): time.sleep(0.005)\n"
    program += "os.setsid(); time.sleep(300)"
    pid_file, kill = tmp_path / "pid", os.killpg

    def killpg(group: int, number: int) -> None:
        if number:
            pid = int(pid_file.read_text())
            (tmp_path / "go").touch()
            eventually(lambda: os.getpgid(pid) == pid)
            os.kill(pid, number)
        kill(group, number)

    monkeypatch.setattr(os, "killpg", killpg)
    _sh(f"(sleep 300 &) ; {shlex.quote(sys.executable)} -S -c {shlex.quote(program)} & echo $! > pid", tmp_path)
    assert [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE] == []


@pytest.mark.usefixtures("subreaper")
def test_one_that_dies_between_the_look_and_the_signal_is_reaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was seen alive, and is a zombie when it is to be killed."""
    looked: list[int] = []

    def seen_alive(pid: int) -> list[Member]:
        if not looked:
            eventually(lambda: any(each.zombie for each in descendants(pid)))
        found = descendants(pid)
        for each in found if len(looked) < 2 else ():  # before the signal to the group, and after it
            each.state = "S"
        looked.append(pid)
        return found

    monkeypatch.setattr(command_tree, "descendants", seen_alive)
    _sh("(sleep 0 &) ; exit 0", tmp_path)
    assert len(looked) > 2
    assert [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE] == []


def test_more_output_than_allowed(tmp_path: Path) -> None:
    """The beginning is kept, in whole lines, the rest is thrown away, and the command can end."""
    done = _sh("yes 123456789 | head -c 3000000; exit 4", tmp_path, max_output=25)
    assert done == Completed(4, "123456789\n123456789", cut=True)


def test_a_flood_does_not_hold_the_deadline_up(tmp_path: Path) -> None:
    """Output without an end is ended in time."""
    done = run_bounded(["yes"], cwd=tmp_path, env=ENV, timeout_s=0.3, max_output=100)
    assert done.timed_out
    assert done.cut


def test_long_complaints_do_not_spoil_the_output(tmp_path: Path) -> None:
    """What is written to stderr has a limit of its own."""
    done = _sh("yes | head -c 100000 >&2; echo 5", tmp_path, max_output=100)
    assert done.ok
    assert done.stdout == "5\n"
    assert not done.cut


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """Invalid UTF-8 is replaced."""
    assert _sh(r"printf 'a\377b'", tmp_path).stdout == "a\N{REPLACEMENT CHARACTER}b"


def test_an_exit_code_that_another_took_is_no_success(tmp_path: Path) -> None:
    """Where SIGCHLD is ignored nobody learns the exit code: a failing check must not look like a passing one."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        done = _sh("exit 1", tmp_path)
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert done.code is None
    assert not done.ok
    assert done.failure() == "its exit code is unknown: something else took it"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("exit 0", Verified(ok=True, detail="sh: exit code 0")),
        ("echo '2 open orders of s3cret'; exit 1", Verified(ok=False, detail="sh: exit code 1: 2 open orders of ***")),
        ("exec sleep 300", Verified(ok=False, detail="sh: no end within 0.3s")),
    ],
)
def test_verifying_a_stop(tmp_path: Path, script: str, expected: Verified) -> None:
    """Exit code 0 in time is ok; anything else is not, and is told without secrets."""
    asked = StopVerify.model_validate({"command": ["sh", "-c", script], "timeout": "30s" if "exit" in script else 0.3})
    assert verify(asked, cwd=tmp_path, env=ENV, redact=lambda text: text.replace("s3cret", "***")) == expected


@pytest.mark.usefixtures("subreaper")
@pytest.mark.parametrize("ending", ["sleep 300", "exit 0"])
def test_daemons_end_with_their_command(tmp_path: Path, ending: str) -> None:
    """However it ends: in sessions of their own, their parents gone, one even without its environment."""
    daemon = "sh -c 'echo $$ >> pids; exec sleep 300' > /dev/null 2>&1"
    ready = "while [ $(cat pids | wc -l) -lt 2 ]; do sleep 0.01; done 2> /dev/null; touch ready"
    script = f"(setsid {daemon} &); (setsid env -i PATH=$PATH {daemon} &); {ready}; {ending}"
    cancel, results = threading.Event(), list[Completed]()
    runner = threading.Thread(target=lambda: results.append(_sh(script, tmp_path, cancel=cancel, daemons=True)))
    runner.start()
    try:
        eventually((tmp_path / "ready").exists)
    finally:
        cancel.set()
        runner.join()
    assert len(results) == 1
    assert not any(psutil.pid_exists(int(pid)) for pid in (tmp_path / "pids").read_text().split())


@pytest.mark.usefixtures("subreaper")
def test_a_command_that_is_just_starting_is_no_orphan() -> None:
    """The end of one command does not touch another one whose pid nobody knows yet."""
    born, known = threading.Event(), threading.Event()
    children: list[subprocess.Popen[bytes]] = []

    def launch() -> subprocess.Popen[bytes]:
        children.append(subprocess.Popen(["sleep", "300"], start_new_session=True))
        born.set()
        known.wait(30)
        return children[0]

    first = CommandTree(ENV, daemons=True)
    child = first.start(lambda: subprocess.Popen(["true"], start_new_session=True))
    second = CommandTree(ENV, daemons=True)
    starter = threading.Thread(target=second.start, args=(launch,))
    starter.start()
    born.wait(30)
    soon = threading.Timer(0.2, known.set)
    soon.start()
    first.end(child, whole=False)
    known.set()
    starter.join()
    soon.join()
    assert children[0].poll() is None
    second.end(children[0], whole=True)
    assert children[0].returncode == -signal.SIGKILL


def test_more_than_waits_to_be_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that is quicker than its copies waits for some of them; all are made, in their order."""
    monkeypatch.setattr("soakctl.adapters.run_command._MOST_WAITING", 100_000)
    copied = {"out": b"", "err": b""}

    def tee(output: str, data: bytes) -> None:
        copied[output] += data

    done = _sh("seq 200000; echo end >&2", tmp_path, tee=tee, max_output=10)
    assert done.ok
    assert copied == {"out": "".join(f"{n}\n" for n in range(1, 200_001)).encode(), "err": b"end\n"}
