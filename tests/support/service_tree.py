"""A keeper with a service below it that does what real ones do. Run as a program; see `start`.

Below the keeper, which is subreaper: a service with threads and open files, a zombie it never waits for, and a daemon
that has left its parent. On a line "burn" the service has a child burn CPU and die. All end when their input does.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

THREADS = 5
FILES = 30
BURN_S = 0.3
_PR_SET_CHILD_SUBREAPER = 36


@contextlib.contextmanager
def start() -> Iterator[subprocess.Popen[str]]:
    """Start the tree and wait until it stands; the process is the keeper. Nothing is left afterwards."""
    command = [sys.executable, "-S", "-W", "ignore", __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as keeper:
        assert keeper.stdout is not None
        assert keeper.stdout.readline() == "ready\n"
        yield keeper


def say(keeper: subprocess.Popen[str], word: str) -> str:
    """Give the service a word and return its answer."""
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    keeper.stdin.write(f"{word}\n")
    keeper.stdin.flush()
    return keeper.stdout.readline().strip()


def _daemon() -> None:
    """Start a process that leaves its parent and lives until the keeper closes the other end of its pipe."""
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            os.setsid()
            os.read(int(os.environ["LIFE"]), 1)
        os._exit(0)
    os.waitpid(child, 0)


def _burn() -> None:
    child = os.fork()
    if child == 0:
        while time.process_time() < BURN_S:
            pass
        os._exit(0)
    os.waitpid(child, 0)


def _answer(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _service() -> None:
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(FILES)]
    _daemon()
    if os.fork() == 0:
        os._exit(0)
    for _ in range(THREADS):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    _answer("ready")
    for line in sys.stdin:
        if line == "burn\n":
            _burn()
        _answer("done")
    os._exit(len(files) - FILES)


def _keeper() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    reading, writing = os.pipe()
    os.environ["LIFE"] = str(reading)
    service = os.fork()
    if service == 0:
        os.close(writing)
        _service()
    with contextlib.suppress(ChildProcessError):
        while True:
            if os.wait()[0] == service:
                os.close(writing)


if __name__ == "__main__":
    _keeper()
