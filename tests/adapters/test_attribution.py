"""Where real growth comes from: the lines of a program that leaks everything, and what descriptors are called."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.agent_client import ask
from soakctl.adapters.agent_home import AgentHome
from soakctl.adapters.attribution.attribution import Attributor
from soakctl.adapters.attribution.descriptors import descriptors, together
from soakctl.adapters.attribution.inventory import take_inventory
from soakctl.domain.command import Attribute
from soakctl.errors import UnavailableError
from soakctl.keeper.tree import descendants
from tests.support.polling import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

GROWS = Path(__file__).parent.parent / "e2e" / "apps" / "grows.py"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")


def _line(word: str) -> str:
    lines = GROWS.read_text(encoding="utf-8").splitlines()
    return f"{GROWS}:{next(number for number, line in enumerate(lines, start=1) if line.endswith(f'# @ {word}'))}"


@contextmanager
def _growing(*, attribute: bool) -> Iterator[tuple[int, Path]]:
    home = AgentHome(attribute=attribute)
    env = home.environment({"PATH": os.environ["PATH"]})
    process = subprocess.Popen([sys.executable, str(GROWS)], env=env, stdin=subprocess.PIPE)
    try:
        eventually((home.path / f"{process.pid}.sock").exists, within_s=40)
        yield process.pid, home.path
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdin is not None
        process.stdin.close()  # which ends its children
        home.close()


@LINUX
def test_growth_is_traced_to_its_lines() -> None:
    """Memory to the line that allocates, threads and tasks to the line that starts them, files to their path."""
    with _growing(attribute=True) as (pid, home):
        attributor = Attributor(lambda: [pid, *(one.pid for one in descendants(pid))], home)
        never = threading.Event()
        assert attributor.attribute(Attribute("fds", 1.0, 1.0), never).reason
        attributor.note()
        memory = attributor.attribute(Attribute("rss", 1e6, 1.0), never)
        assert memory.rows[0].where == _line("memory"), memory
        assert memory.cost["memory_bytes"]
        with pytest.raises(UnavailableError, match="nothing is traced"):
            ask(home / f"{pid}.sock", "memory", timeout_s=10, do="look")
        eventually(lambda: len(take_inventory([pid], home).tasks) > 1, within_s=40)
        for resource, where in (("threads", _line("thread")), ("tasks", _line("task")), ("fds", str(GROWS))):
            eventually(partial(_names, attributor, resource, where), within_s=40)


def _names(attributor: Attributor, resource: str, where: str) -> bool:
    found = attributor.attribute(Attribute(resource, 1.0, 1.0), threading.Event())
    return where in [row.where for row in found.rows]


@LINUX
def test_memory_is_not_looked_into_unless_asked_for_at_the_start() -> None:
    """The agent of a program that was not started for it refuses."""
    with _growing(attribute=False) as (pid, home), pytest.raises(UnavailableError, match="unknown question"):
        ask(home / f"{pid}.sock", "memory", timeout_s=10, do="begin", for_s=1)


@LINUX
def test_descriptors_have_names() -> None:
    """Files, pipes, kernel objects, and sockets by who is at the other end."""
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.NamedTemporaryFile() as file:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            accepted, _ = server.accept()
            ends = os.pipe()
            found = descriptors(os.getpid())
            for end in ends:
                os.close(end)
            accepted.close()
        assert client.fileno() == -1
    assert found[f"listening at 127.0.0.1:{port}", "tcp socket"] == 1
    assert found[f"to 127.0.0.1:{port}", "tcp socket"] == 1
    assert found[f"from 127.0.0.1 at port {port}", "tcp socket"] == 1
    assert found["pipe", "pipe"] >= len(ends)
    assert found[file.name, "file"] == 1
    assert descriptors(2**22 + 1) == Counter()


def test_many_files_of_one_directory_are_one() -> None:
    """Names made of random letters say nothing; a file that is open many times keeps its name."""
    found = Counter({("/tmp/a1", "file"): 1, ("/tmp/b2", "file"): 1, ("/tmp/c3", "file"): 2, ("/tmp/log", "file"): 9})
    assert together(found) == Counter({("/tmp/*", "file"): 4, ("/tmp/log", "file"): 9})
