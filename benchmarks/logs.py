"""Searching large logs beside grep, ripgrep and lnav: `python benchmarks/logs.py [--no-lnav] [MB] [dir] [format ...]`.

Each program writes the same lines into a file. Times are wall and CPU seconds, the best of three; memory is the peak.
Exit code 1 where soakctl takes more than three times grep's wall time, or more than 100 MB.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from made_logs import FORMATS, make

REPEATS = 3
NO_LNAV = "--no-lnav"  # it takes minutes
MOST_TIMES, MOST_MB = 3.0, 100.0
CONFIG = """version: 1
smoke:
  checkpoints:
    - {name: service_start, pattern: Risk Manager starting}
    - {name: config_loaded, pattern: 'Config loaded: (?P<rules>\\d+) rules'}
    - {name: sdk_connected, pattern: SDK connected}
    - {name: loop, pattern: Event loop running}
    - {name: event, pattern: Event received, liveness: true}
"""
RECORD = "^[^ ]+ [^ ]+ (ERROR|CRITICAL) |^Traceback|^  +|^[A-Za-z]+Error: "
BOOT = "Risk Manager starting|Config loaded: [0-9]+ rules|SDK connected|Event loop running|Event received"


class Task(NamedTuple):
    """What is asked of soakctl, and the expression with which grep finds the same lines."""

    name: str
    options: list[str]
    pattern: str
    same: bool = True


TASKS = {
    "app": (
        Task("--grep literal", ["--grep", "circuit breaker"], "circuit breaker"),
        Task("--grep regex", ["--grep", r"took 8\d\d ms.*row=3"], "took 8[0-9][0-9] ms.*row=3"),
        Task("--grep any case", ["--grep", "(?i)circuit BREAKER"], "(?i)circuit BREAKER"),
        Task("--grep digits", ["--grep", r"\b\d{3}:\d{4} "], r"\b[0-9]{3}:[0-9]{4} "),
        Task("--level ERROR", ["--level", "ERROR"], RECORD),
        Task("--checkpoints", ["--checkpoints"], BOOT, same=False),
    ),
    "json": (
        Task("--grep literal", ["--grep", "circuit breaker"], "circuit breaker"),
        Task("--level ERROR", ["--level", "ERROR"], '"level": "(error|critical)"'),
        Task("--level WARNING", ["--level", "WARNING"], '"level": "(warning|error|critical)"'),
    ),
    "nginx": (
        Task("--grep literal", ["--grep", '" 502 '], '" 502 '),
        Task("--grep 1/4", ["--grep", "/api/orders"], "/api/orders"),
        Task("--level ERROR", ["--level", "ERROR"], '" 5[0-9][0-9] '),
        Task("--level WARNING", ["--level", "WARNING"], '" [45][0-9][0-9] '),
    ),
    "uvicorn": (
        Task("--grep literal", ["--grep", '" 502 '], '" 502 '),
        Task("--grep 1/4", ["--grep", "/api/orders"], "/api/orders"),
        Task("--level ERROR", ["--level", "ERROR"], '" 5[0-9][0-9] '),
        Task("--level WARNING", ["--level", "WARNING"], '" [45][0-9][0-9] '),
    ),
}


class Cost(NamedTuple):
    """What a program took."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    lines: int


def run(argv: list[str], cwd: Path) -> Cost:
    """Run it once, its output in a file."""
    out = cwd / "out.txt"
    with out.open("wb") as file:
        began = time.perf_counter()
        process = subprocess.Popen(argv, stdout=file, cwd=cwd, env={**os.environ, "LC_ALL": "C.UTF-8"})
        _, _, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = 0
    with out.open("rb") as file:
        lines = sum(1 for _ in file)
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, lines)


def costs(programs: dict[str, tuple[list[str], Path]]) -> dict[str, Cost]:
    """The best of some runs of each, in turn: what else the machine does meets them all. lnav, which is slow, once."""
    best: dict[str, Cost] = {}
    for turn in range(REPEATS):
        for name, (argv, cwd) in programs.items():
            if turn and name == "lnav":
                continue
            found = run(argv, cwd)
            best[name] = min(found, best.get(name, found))
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


def compare(task: Task, big: Path, ours: list[str], homes: tuple[Path, Path], *, lnav: bool) -> int:
    """Show what a task takes; 1 where that is too much."""
    cwd, plain = homes
    bare = task.pattern.removeprefix("(?i)")
    programs = {
        "soakctl": ([*ours, *task.options], plain if task.same else cwd),
        "grep": (["grep", "-aE" if bare == task.pattern else "-aiE", bare, str(big)], cwd),
    }
    if shutil.which("rg"):
        programs["rg"] = (["rg", "-aN", task.pattern, str(big)], cwd)
    if lnav and shutil.which("lnav") and '"' not in task.pattern:  # which its commands have no way to spell
        programs["lnav"] = (["lnav", "-n", "-c", f":filter-in {task.pattern}", str(big)], cwd)
    found = costs(programs)
    mine, grep = found["soakctl"], found["grep"]
    wall, cpu = mine.wall_s / grep.wall_s, mine.cpu_s / grep.cpu_s
    missed = wall > MOST_TIMES or mine.peak_mb > MOST_MB or (task.same and mine.lines != grep.lines)
    for name, cost in found.items():
        told = f"   x {wall:.1f} wall, {cpu:.1f} CPU{'  MISSED' if missed else ''}" if name == "soakctl" else ""
        print(f"{task.name if cost is mine else '':16} {name:7} {shown(cost)}{told}", flush=True)
    return int(missed)


def main() -> int:
    args = [arg for arg in sys.argv[1:] if arg != NO_LNAV]
    size = int(float(args[0]) * 1e6) if args else 1_000_000_000
    base = Path(args[1]) if len(args) > 1 else None
    lnav = NO_LNAV not in sys.argv
    missed = 0
    with tempfile.TemporaryDirectory(dir=base) as home:
        cwd = Path(home)
        big = cwd / "big.log"
        (cwd / "soakctl.yaml").write_text(CONFIG)
        plain = cwd / "plain"
        plain.mkdir()
        (plain / ".git").mkdir()  # where the search for a configuration ends
        ours = [sys.executable, "-m", "soakctl", "logs", str(big)]
        for format_name in args[2:] or FORMATS:
            # In a process of its own: the memory of this one would count as that of its children.
            subprocess.run([sys.executable, __file__, "--make", str(big), str(size), format_name], check=True)
            print(f"{format_name}, {big.stat().st_size / 1e6:,.0f} MB; wall s, CPU s, MB, lines; x is beside grep's")
            missed += sum(compare(task, big, ours, (cwd, plain), lnav=lnav) for task in TASKS[format_name])
        print(f"-n 100           first line after {first_line([*ours, '-n', '100'], plain):.0f} ms")
        print(f"                 with a soakctl.yaml {first_line([*ours, '-n', '100'], cwd):.0f} ms")
    return int(missed > 0)


def shown(found: Cost) -> str:
    return f"{found.wall_s:6.2f} {found.cpu_s:6.2f} {found.peak_mb:5.0f} {found.lines:8,}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        sys.exit(main())
