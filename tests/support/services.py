"""Real services for tests of supervision: a host whose signals are kept, and proof that nothing is left."""

from __future__ import annotations

import os
import queue
import signal
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psutil

from soakctl.adapters.launch import Launch
from soakctl.adapters.service_host import ServiceHost
from soakctl.domain.signal import Gone
from tests.support.polling import eventually

if TYPE_CHECKING:
    from soakctl.domain.signal import Signal

Kind = TypeVar("Kind")

_LIMIT_S = 20.0


class Supervised:
    """A host with its signals kept and its service's output read, as the engine and the pumps do."""

    def __init__(self) -> None:
        """Nothing is started yet."""
        self.signals: list[Signal] = []
        self.output = b""
        self.run_id = f"test-{uuid.uuid4().hex[:12]}"
        self._queue: queue.SimpleQueue[Signal] = queue.SimpleQueue()
        self._pumps: list[threading.Thread] = []
        self.host = ServiceHost(self._queue.put)

    def start(self, *argv: str, cwd: str = "/", env: dict[str, str] | None = None) -> None:
        """Start a life and read its output."""
        full = {"PATH": os.environ["PATH"], **(env or {})}
        self.host.start(Launch(argv, cwd, full, signal.SIGTERM, self.run_id, 1, 5.0))
        if self.host.root_pid is not None:
            for fd in (self.host.out_fd, self.host.err_fd):
                pump = threading.Thread(target=self._read, args=(fd,), daemon=True)
                pump.start()
                self._pumps.append(pump)

    def until(self, kind: type[Kind]) -> Kind:
        """Wait for the first signal of this kind, keeping those before it."""
        while True:
            heard = self._queue.get(timeout=_LIMIT_S)
            self.signals.append(heard)
            if isinstance(heard, kind):
                return heard

    def says(self, word: str) -> None:
        """Wait until the service has said it."""
        eventually(lambda: word.encode() in self.output)

    def stop(self, grace_s: float) -> Gone:
        """Stop and wait for the end, which every test must reach."""
        self.host.stop(grace_s)
        gone = self.until(Gone)
        self.close()
        return gone

    def close(self) -> None:
        """Wait for the end of the output, then let the host go."""
        for pump in self._pumps:
            pump.join(_LIMIT_S)
        self.host.close()

    def nothing_left(self) -> bool:
        """No process of the run lives, nor its keeper."""
        return not marked(self.run_id) and not keepers(self.run_id)

    def _read(self, fd: int) -> None:
        while data := os.read(fd, 1 << 20):
            self.output += data


def marked(run_id: str) -> list[int]:
    """The living processes whose environment names the run."""
    mark = f"SOAKCTL_RUN={run_id}:".encode()
    return [pid for pid in psutil.pids() if mark in _contents(f"/proc/{pid}/environ")]


def keepers(run_id: str) -> list[int]:
    """The living keepers of the run."""
    return [pid for pid in psutil.pids() if f"\0{run_id}:".encode() in _contents(f"/proc/{pid}/cmdline")]


def tree(keeper: int, *names: str) -> list[int]:
    """Wait until just these programs run below a keeper; their pids."""
    found: list[psutil.Process] = []

    def settled() -> bool:
        found[:] = psutil.Process(keeper).children(recursive=True)
        try:
            return sorted(one.name() for one in found) == sorted(names)
        except psutil.NoSuchProcess:
            return False

    eventually(settled)
    return [one.pid for one in found]


def zombies() -> list[int]:
    """The dead children of this process that nobody waited for."""
    return [child.pid for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]


def end(*pids: int) -> None:
    """Kill what a failed test left."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _contents(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
