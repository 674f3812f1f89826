"""Searching a large log beside grep, ripgrep and lnav: `python benchmarks/logs.py [MB] [directory]`.

Each program writes the same lines into a file. Times are wall and CPU seconds, the best of three; memory is the peak.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 3
SEED_BYTES = 40_000_000
NAMES = ("app.http", "app.db", "risk.engine", "app.worker", "feed.ws")
PATHS = ("/api/orders", "/api/quotes", "/health", "/api/positions/7")
TRACE = """Traceback (most recent call last):
  File "/srv/app/worker.py", line {n}, in handle
    result = await self.fetch(order)
  File "/srv/app/db.py", line 88, in fetch
    raise TimeoutError("timed out after 5s")
TimeoutError: timed out after 5s"""
BOOT = ("Risk Manager starting...", "Config loaded: 12 rules", "SDK connected: demo", "Event loop running")
CONFIG = """version: 1
smoke:
  checkpoints:
    - {name: service_start, pattern: Risk Manager starting}
    - {name: config_loaded, pattern: 'Config loaded: (?P<rules>\\d+) rules'}
    - {name: sdk_connected, pattern: SDK connected}
    - {name: loop, pattern: Event loop running}
    - {name: event, pattern: Event received, liveness: true}
"""


class Cost(NamedTuple):
    """What a program took."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    lines: int


def line(numbers: random.Random, at: int) -> str:
    clock = f"2026-11-21 {at // 36_000 % 24:02d}:{at // 600 % 60:02d}:{at // 10 % 60:02d},{at % 1000:03d}"
    name, chance, n = numbers.choice(NAMES), numbers.random(), numbers.randrange(400)
    if at < len(BOOT):
        return f"{clock} INFO app: {BOOT[at]}"
    if chance < 0.60:
        path, ident = numbers.choice(PATHS), f"{numbers.getrandbits(64):016x}"
        return f"{clock} INFO {name}: GET {path} status=200 duration_ms={n} request_id={ident} client=10.0.{n % 256}.7"
    if chance < 0.95:
        return f"{clock} DEBUG {name}: cache lookup key=order:{numbers.randrange(10**6)} hit=true retries=0 errors=0"
    if chance < 0.985:
        return f"{clock} WARNING {name}: slow query took {n + 500} ms: table=fills row={n}"
    if chance < 0.998:
        return f"{clock} ERROR {name}: request failed: connection refused to db-{n}:5432 attempt={n % 5}"
    if chance < 0.9995:
        return f"{clock} ERROR {name}: unhandled exception\n" + TRACE.format(n=n)
    return f"{clock} CRITICAL {name}: circuit breaker open for venue-{n % 9}"


def make(path: Path, size: int) -> None:
    numbers = random.Random(7)
    rows: list[str] = []
    done = 0
    while done < min(size, SEED_BYTES):
        rows.append(line(numbers, len(rows)))
        done += len(rows[-1]) + 1
    data = ("\n".join(rows) + "\n").encode()
    with path.open("wb") as file:
        for _ in range(max(1, size // len(data))):
            file.write(data)


def cost(argv: list[str], cwd: Path) -> Cost:
    """The best of some runs, its output in a file."""
    best: Cost | None = None
    for _ in range(REPEATS):
        out = cwd / "out.txt"
        with out.open("wb") as file:
            began = time.perf_counter()
            process = subprocess.Popen(argv, stdout=file, cwd=cwd, env={**os.environ, "LC_ALL": "C.UTF-8"})
            _, _, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
            process.returncode = 0
        with out.open("rb") as file:
            lines = sum(1 for _ in file)
        found = Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, lines)
        best = found if best is None or found.wall_s < best.wall_s else best
    assert best is not None
    return best


def first_line(argv: list[str], cwd: Path) -> float:
    """Milliseconds to the first line, the best of some runs."""
    best = float("inf")
    for _ in range(REPEATS * 3):
        began = time.perf_counter()
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=cwd)
        assert process.stdout is not None
        process.stdout.readline()
        best = min(best, time.perf_counter() - began)
        process.stdout.read()
        process.stdout.close()
        process.wait()
    return best * 1000


def main() -> None:
    size = int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 1_000_000_000
    base = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory(dir=base) as home:
        cwd = Path(home)
        big = cwd / "big.log"
        # In a process of its own: the memory of this one would count as that of its children.
        subprocess.run([sys.executable, __file__, "--make", str(big), str(size)], check=True)
        (cwd / "soakctl.yaml").write_text(CONFIG)
        plain = cwd / "plain"
        plain.mkdir()
        (plain / ".git").mkdir()  # where the search for a configuration ends
        ours = [sys.executable, "-m", "soakctl", "logs", str(big)]
        record = "^[^ ]+ [^ ]+ (ERROR|CRITICAL) |^Traceback|^  +|^[A-Za-z]+Error: "
        boot = "Risk Manager starting|Config loaded: [0-9]+ rules|SDK connected|Event loop running|Event received"
        tasks = {
            "--grep literal": (["--grep", "circuit breaker"], "circuit breaker"),
            "--grep regex": (["--grep", r"took 8\d\d ms.*row=3"], "took 8[0-9][0-9] ms.*row=3"),
            "--grep any case": (["--grep", "(?i)circuit BREAKER"], "(?i)circuit BREAKER"),
            "--grep digits": (["--grep", r"\b\d{3}:\d{4} "], "\\b[0-9]{3}:[0-9]{4} "),
            "--level ERROR": (["--level", "ERROR"], record),
            "--checkpoints": (["--checkpoints"], boot),
        }
        print(f"{big.stat().st_size / 1e6:,.0f} MB; wall s, CPU s, MB, lines; x is CPU beside grep's")
        for name, (options, pattern) in tasks.items():
            mine = cost([*ours, *options], cwd if name == "--checkpoints" else plain)
            bare = pattern.removeprefix("(?i)")
            peers = {"grep": ["grep", "-aE" if bare == pattern else "-aiE", bare, str(big)]}
            if shutil.which("rg"):
                peers["rg"] = ["rg", "-aN", pattern, str(big)]
            if shutil.which("lnav"):
                peers["lnav"] = ["lnav", "-n", "-c", f":filter-in {pattern}", str(big)]
            theirs = {peer: cost(argv, cwd) for peer, argv in peers.items()}
            print(f"{name:16} soakctl {shown(mine)}   x {mine.cpu_s / theirs['grep'].cpu_s:.1f}")
            for peer, found in theirs.items():
                print(f"{'':16} {peer:7} {shown(found)}")
        print(f"-n 100           first line after {first_line([*ours, '-n', '100'], plain):.0f} ms")
        print(f"                 with a soakctl.yaml {first_line([*ours, '-n', '100'], cwd):.0f} ms")


def shown(found: Cost) -> str:
    return f"{found.wall_s:6.2f} {found.cpu_s:6.2f} {found.peak_mb:5.0f} {found.lines:8,}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
