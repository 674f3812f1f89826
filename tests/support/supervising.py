"""A soakctl reduced to supervision, to be killed: `python supervising.py RUN_ID LOCK COMMAND...`."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from pathlib import Path

from soakctl.adapters.launch import Launch
from soakctl.adapters.run_lock import RunLock
from soakctl.adapters.service_host import ServiceHost


def main() -> None:
    """Hold the lock, start the service, read its output, say who the keeper is, and go on for ever."""
    run_id, lock_path, *argv = sys.argv[1:]
    lock = RunLock(Path(lock_path))
    lock.acquire()
    signals: queue.SimpleQueue[object] = queue.SimpleQueue()
    host = ServiceHost(signals.put)
    host.start(Launch(tuple(argv), "/", dict(os.environ), signal.SIGTERM, run_id, 1, 10.0, lock.fd))
    for fd in (host.out_fd, host.err_fd):
        threading.Thread(target=_pump, args=(fd,), daemon=True).start()
    signals.get()
    os.write(1, f"{host.root_pid}\n".encode())
    signals.get()


def _pump(fd: int) -> None:
    while os.read(fd, 1 << 16):
        continue


if __name__ == "__main__":
    main()
