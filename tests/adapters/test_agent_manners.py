"""The agent as a guest: what its host does must never hurt either of them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from soakctl.adapters.agent_client import ask
from soakctl.adapters.agent_home import AgentHome, home_of
from soakctl.adapters.task_counter import TaskCounter
from soakctl.adapters.traced_tree import TracedTree
from soakctl.errors import UnavailableError
from tests.support.polling import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

LASTS = "import asyncio\nasync def main():\n{body}\n    print('ready', flush=True)\n    await asyncio.sleep(600)\n"


@pytest.fixture
def home() -> Iterator[AgentHome]:
    """A meeting place, gone afterwards."""
    made = AgentHome()
    try:
        yield made
    finally:
        made.close()


class Guest:
    """A program with an agent that has said `ready`; killed on leaving the context."""

    def __init__(self, home: AgentHome, code: str, *flags: str, env: dict[str, str] | None = None) -> None:
        """`code` prints `ready` once it is where it should be looked at."""
        given = home.environment({"PATH": os.environ["PATH"], **(env or {})})
        self.process = subprocess.Popen(
            [sys.executable, *flags, "-c", code], env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.socket = home.path / f"{self.process.pid}.sock"

    def __enter__(self) -> Self:
        """Wait for its word."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", self.process.communicate()[1]
        return self

    def __exit__(self, *_exception: object) -> None:
        """End it by its pid."""
        self.process.kill()
        self.process.communicate()

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None


def lasting(body: str = "    pass", before: str = "") -> str:
    """A program that goes on for ever."""
    return f"{before}\n{LASTS.format(body=body)}\nasyncio.run(main())\n"


def test_the_meeting_place_is_the_owners_alone(home: AgentHome) -> None:
    """The directory, and the socket in it."""
    with Guest(home, lasting()) as guest:
        assert home.path.stat().st_mode & 0o777 == 0o700
        assert guest.socket.stat().st_mode & 0o777 == 0o600
        assert home_of(guest.process.pid) == home.path


def test_the_programs_own_sitecustomize_still_runs(home: AgentHome, tmp_path: Path) -> None:
    """And our directory is not left on its path."""
    (tmp_path / "sitecustomize.py").write_text("import builtins\nbuiltins.own = 'here'\n", encoding="utf-8")
    before = "import sys\nassert own == 'here'\nassert not [p for p in sys.path if 'agent' in p], sys.path"
    with Guest(home, lasting(before=before), env={"PYTHONPATH": str(tmp_path)}) as guest:
        assert ask(guest.socket, "count", timeout_s=10)["tasks"] == 1


def test_a_program_without_asyncio_has_no_thread_and_no_socket(home: AgentHome) -> None:
    """It pays for a file of five letters."""
    code = "import time, threading, sys; print('ready', flush=True); time.sleep(600)"
    with Guest(home, code) as guest:
        assert not guest.socket.exists()
        assert len(list(Path(f"/proc/{guest.process.pid}/task").iterdir())) == 1
        (process,) = TracedTree(guest.process.pid, include_root=True, home=home.path).processes()
        assert "no event loop" in process.note


def test_forked_children_answer_for_themselves(home: AgentHome) -> None:
    """The parent's socket stays the parent's, and each child with a loop has its own."""
    code = textwrap.dedent(
        """
        import asyncio, os
        asyncio.run(asyncio.sleep(0))
        children = [os.fork() for _ in range(2)]
        async def main():
            if all(children): print('ready', flush=True)
            await asyncio.sleep(600)
        asyncio.run(main())
        """
    )
    with Guest(home, code) as guest:
        pids = [guest.process.pid, *_children(guest.process.pid, count=3)]  # the first child forks, too
        try:
            for pid in pids:
                path = home.path / f"{pid}.sock"
                eventually(path.exists)
                assert ask(path, "count", timeout_s=10)["pid"] == pid
            eventually(lambda: TaskCounter(home.path).look().num_tasks == len(pids))
        finally:
            for pid in pids[1:]:
                os.kill(pid, 9)


def _children(pid: int, *, count: int) -> list[int]:
    eventually(lambda: len(_below(pid)) == count)
    return _below(pid)


def _below(pid: int) -> list[int]:
    return [*_direct(pid), *(child for each in _direct(pid) for child in _direct(each))]


def _direct(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]


def test_askers_that_go_away_do_no_harm(home: AgentHome) -> None:
    """Before the question, in the middle of it, before the answer; also where SIGPIPE kills."""
    before = "import signal\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)"
    many = "    tasks = [asyncio.ensure_future(asyncio.sleep(600)) for _ in range(3000)]"
    with Guest(home, lasting(many, before=before)) as guest:
        for said in (b"", b'{"ask":', b'{"ask":"look"}\n', b"nonsense\n", b"[]\n", b"x" * 10_000):
            with socket.socket(socket.AF_UNIX) as peer:
                peer.connect(str(guest.socket))
                peer.sendall(said)
        assert ask(guest.socket, "look", timeout_s=20)["pid"] == guest.process.pid
        assert guest.lives


def test_a_program_that_closes_everything_goes_on(home: AgentHome) -> None:
    """Its next descriptor may have the number of ours, and must never be read by the agent."""
    code = textwrap.dedent(
        """
        import asyncio, os, socket
        def ours():
            for n in map(int, os.listdir('/proc/self/fd')):
                try:
                    if os.readlink(f'/proc/self/fd/{n}').startswith('socket:') and n > 2: yield n
                except OSError: pass
        async def first(): pass
        loop = asyncio.new_event_loop(); loop.run_until_complete(first()); loop.close()
        for n in list(ours()): os.close(n)
        mine = socket.socketpair()
        async def main():
            print('ready', flush=True)
            mine[0].sendall(b'x' * 10)
            await asyncio.sleep(1)
            assert mine[1].recv(100) == b'x' * 10
            await asyncio.sleep(600)
        asyncio.run(main())
        """
    )
    with Guest(home, code) as guest:
        with suppress(UnavailableError):  # the agent may have been waiting for this one already
            ask(guest.socket, "count", timeout_s=2)
        with pytest.raises(UnavailableError):
            ask(guest.socket, "count", timeout_s=2)
        assert guest.lives


def test_the_agent_can_be_switched_off(home: AgentHome) -> None:
    """By the program's own environment."""
    with Guest(home, lasting(), env={"SOAKCTL_AGENT": "0"}) as guest:
        assert [each.name for each in home.path.iterdir()] == ["owner"]
        assert guest.lives


def test_an_answer_that_is_no_json_is_refused(tmp_path: Path) -> None:
    """Whatever listens there."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        listening.settimeout(10)
        with pytest.raises(UnavailableError, match="did not answer"):
            ask(path, "count", timeout_s=0.2)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        ask(path, "count", timeout_s=0.2)


def test_a_dead_process_is_forgotten_by_the_counter(home: AgentHome) -> None:
    """Its files go, so that a long run with many short programs keeps a small directory."""
    (home.path / "4194300.sock").touch()
    (home.path / "4194300.hello").write_text("3.12.1", encoding="utf-8")
    assert TaskCounter(home.path).look() == (None, None)
    assert [each.name for each in home.path.iterdir()] == ["owner"]


def test_nothing_but_questions_is_understood(home: AgentHome) -> None:
    """No code, no names of functions."""
    with Guest(home, lasting()) as guest:
        for question in ("exec", "eval", "__import__", ""):
            with pytest.raises(UnavailableError):
                ask(guest.socket, question, timeout_s=10)
        assert json.dumps(ask(guest.socket, "count", timeout_s=10))
