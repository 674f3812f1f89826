"""A service that runs into trouble of one kind, a while after it came up: `trouble.py KIND [SECONDS]`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
KIND = sys.argv[1]
AFTER_S = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0
kept: list[bytes] = []
children: list[subprocess.Popen[bytes]] = []


def trouble() -> None:
    """Do it."""
    if KIND == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif KIND == "exit":
        os._exit(0)
    elif KIND == "critical":
        sys.stderr.write("2025-11-21 10:00:00,000 CRITICAL engine: position book is corrupt\n")
    elif KIND == "zombie":
        children.append(subprocess.Popen(["/bin/true"]))
    elif KIND == "silence":
        stop.wait()


sys.stdout.write("Event received: up\n")
passed_s = 0.0
while not stop.wait(0.1):
    passed_s += 0.1
    if KIND == "leak":
        kept.append(os.urandom(1 << 20))
    elif passed_s >= AFTER_S:
        trouble()
        AFTER_S = float("inf")
    sys.stdout.write("Event received: tick\n")
sys.stdout.write("stopped\n")
