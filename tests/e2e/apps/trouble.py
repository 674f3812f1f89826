"""A service that runs into trouble a while after it came up: `trouble.py KIND[,KIND...] [SECONDS]`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

KINDS = sys.argv[1].split(",")
AFTER_S = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
kept: list[bytes] = []
children: list[subprocess.Popen[bytes]] = []


def trouble() -> None:
    """Run into it."""
    if "zombie" in KINDS:
        children.append(subprocess.Popen(["true"]))
    if "critical" in KINDS:
        sys.stderr.write("2025-11-21 10:00:00,000 CRITICAL engine: position book is corrupt\n")
    if "crash" in KINDS:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "exit" in KINDS:
        os._exit(0)
    if "silence" in KINDS:
        stop.wait()


sys.stdout.write("Event received: up\n")
ticks = 0
while not stop.wait(0.05):
    ticks += 1
    if "leak" in KINDS:
        kept.append(os.urandom(1 << 20))
    elif ticks == int(AFTER_S / 0.05) + 1:
        trouble()
    sys.stdout.write("Event received: tick\n")
sys.stdout.write("stopped\n")
