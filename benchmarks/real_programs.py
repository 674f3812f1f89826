"""Small programs, leaking and healthy, really run side by side, sampled each second and judged.

    python benchmarks/real_programs.py --seconds 120

Linux only: memory, files and threads are read from /proc. Prints what each program was judged after a half and after
the whole of the time, with the default budgets of that length.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from soakctl.judge.budgets import default_budget
from soakctl.judge.trend import judge_series

PAGE = os.sysconf("SC_PAGE_SIZE")
START = "import gc, random, threading, time, queue, json\nr = random.Random(3)\n"
# name: (resource, leaks, what runs before the loop, what runs ten times a second)
PROGRAMS = {
    "dictionary grows": ("rss", True, "d = {}", "d.update({len(d) + k: 'x' * 900 + str(k) for k in range(20)})"),
    "queue nobody empties": ("rss", True, "q = queue.Queue()", "[q.put('x' * r.randrange(900)) for _ in range(30)]"),
    "cycles, collector off": (
        "rss", True, "gc.disable()\nclass N: pass", "for _ in range(20):\n  a = N(); a.me = a; a.b = bytes(500)",
    ),
    "leaks from half on": (
        "rss", True, "k = []; t = time.time() + HALF",
        "k.append('x' * (30000 if time.time() > t else 1) + str(len(k)))",
    ),
    "files left open": ("fds", True, "k = []", "k.extend([open('/dev/null')] if r.random() < 0.05 else [])"),
    "threads that never end": (
        "threads", True, "e = threading.Event()",
        "r.random() < 0.05 and threading.Thread(target=e.wait, daemon=True).start()",
    ),
    "idle": ("rss", False, "", "pass"),
    "encoding JSON": ("rss", False, "", "json.loads(json.dumps([{'a': i} for i in range(r.randrange(3000))]))"),
    "bursts of strings": ("rss", False, "", "k = ['y' * r.randrange(3000) for _ in range(int(r.expovariate(1e-3)))]"),
    "cycles, collected": ("rss", False, "class N: pass", "for _ in range(30):\n  a = N(); a.me = a; a.b = bytes(9000)"),
    "cache full early": ("rss", False, "d = {}", "d.update({r.randrange(999): 'x' * 900 + str(k) for k in range(90)})"),
    "sessions come and go": (
        "rss", False, "s = {}",
        "s.update({r.random(): bytes(900)})\nfor k in [k for k in s if r.random() < 0.02]: del s[k]",
    ),
    "files come and go": ("fds", False, "", "k = [open('/dev/null') for _ in range(r.randrange(6))]"),
    "pool of threads": (
        "threads", False, "from concurrent.futures import ThreadPoolExecutor\np = ThreadPoolExecutor(8)",
        "p.submit(time.sleep, r.random())",
    ),
}  # fmt: skip


def start(name: str, seconds: float) -> subprocess.Popen[bytes]:
    """Run one program in a Python of its own."""
    _, _, before, each = PROGRAMS[name]
    loop = "while True:\n " + each.replace("\n", "\n ") + "\n time.sleep(0.1)\n"
    code = f"{START}HALF = {seconds / 2}\n{before}\n{loop}"
    return subprocess.Popen([sys.executable, "-c", code])


def look(pid: int, resource: str) -> float:
    """One sample of a process."""
    proc = Path("/proc") / str(pid)
    if resource == "rss":
        return float(proc.joinpath("statm").read_text("ascii").split()[1]) * PAGE
    return float(len(list(proc.joinpath("fd" if resource == "fds" else "task").iterdir())))


def record(seconds: float) -> dict[str, list[tuple[float, float]]]:
    """Samples a second of all programs."""
    running = {name: start(name, seconds) for name in PROGRAMS}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in running}
    began = time.monotonic()
    try:
        while (now := time.monotonic() - began) < seconds:
            for name, process in running.items():
                found[name].append((now, look(process.pid, PROGRAMS[name][0])))
            time.sleep(max(0.0, 1.0 - (time.monotonic() - began - now)))
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    return found


def main() -> None:
    """Run, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    seconds = parser.parse_args().seconds
    for name, samples in record(seconds).items():
        resource, leaks, _, _ = PROGRAMS[name]
        verdicts = []
        for length in (seconds / 2, seconds):
            taken = np.array([sample for sample in samples if sample[0] <= length])
            trend = judge_series(
                taken[:, 0], taken[:, 1], lives=np.ones(len(taken)), excluded=(),
                budget=default_budget(resource, length),
            )  # fmt: skip
            verdicts.append(f"{length:5.0f} s {trend.verdict:13}{trend.shape:9}")
        print(f"{'leaks' if leaks else 'healthy':8}{resource:8}{name:24}{'  '.join(verdicts)}")


if __name__ == "__main__":
    main()
