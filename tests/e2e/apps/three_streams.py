"""Boots in three checkpoints, one on each of stdout, stderr and a log file: `three_streams.py LOG`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
threads = os.environ.get("OPENBLAS_NUM_THREADS", "default")
sys.stdout.write(f"starting, pid {os.getpid()}, threads {threads}\n")
sys.stderr.write("Config loaded: 12 rules from rules.yaml\n")
with Path(sys.argv[1]).open("a", encoding="utf-8") as log:
    log.write("2025-11-21 10:00:00 INFO Connected to venue TESTNET as trader-7\n")
count = 0
while not stop.wait(0.1):
    count += 1
    sys.stdout.write(f"Event received: fill-{count}\n")
sys.stdout.write("stopped\n")
