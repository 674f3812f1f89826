"""What one sample of a tree of 20 processes costs: soakctl beside psutil, psrecord and Procpath.

    python benchmarks/sampler.py [--samples 200] [--peers DIRECTORY]

DIRECTORY holds the executables of psrecord and Procpath (`python -m venv v && v/bin/pip install psrecord Procpath`);
PATH is searched otherwise. Figures are CPU milliseconds, user and system, per sample: those of soakctl and psutil are
the median of five rounds in this process, those of the peers the difference of a long and a short run of the whole
program, so that their start is left out. soakctl's sample is complete: processes, machine, disk, itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from soakctl.adapters.sampler import TreeSampler
from soakctl.domain.sample import Totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROCESSES = 20
TARGET_MS = 5.0  # 0.5 % of a core at one sample a second
SHORT, LONG = 20, 120

# The root ends its children and itself when its input ends, so nothing is left even if the benchmark is killed.
TREE = f"""
import subprocess, sys
children = [subprocess.Popen(["sleep", "3600"]) for _ in range({PROCESSES - 1})]
print("ready", flush=True)
sys.stdin.read()
for child in children:
    child.kill()
    child.wait()
"""


@contextmanager
def tree() -> Iterator[int]:
    """Sleeping processes; yields the pid of the root."""
    with subprocess.Popen([sys.executable, "-c", TREE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as root:
        assert root.stdout is not None
        root.stdout.readline()
        yield root.pid


def per_call_ms(sample: Callable[[int], object], samples: int) -> float:
    """CPU per call in this process, the median of five rounds after one to warm up."""
    rounds = []
    for _ in range(6):
        began = time.process_time()
        for number in range(samples // 5):
            sample(number)
        rounds.append((time.process_time() - began) / (samples // 5) * 1000)
    return statistics.median(rounds[1:])


def soakctl(root: int, samples: int) -> float:
    """Complete samples at one a second of the run, with USS and PSS read once in 60 of them."""
    sampler = TreeSampler(include_root=True, data_dirs=[], artifacts_dir=None, disk_path=Path.cwd())
    clock = iter(range(10**9))

    def sample(_number: int) -> object:
        second = float(next(clock))
        return sampler.sample(root, root, 0.0, elapsed_s=second, unix=second, life=1, totals=Totals())

    return per_call_ms(sample, samples)


def psutil_way(root: int, samples: int) -> float:
    """The same columns of the tree as psutil's documentation reads them, with process objects kept."""
    parent = psutil.Process(root)
    kept: dict[int, psutil.Process] = {}

    def sample(_number: int) -> int:
        nonlocal kept
        found = [parent, *parent.children(recursive=True)]
        kept = {process.pid: kept.get(process.pid, process) for process in found}
        rss = 0
        for process in kept.values():
            with process.oneshot():
                rss += process.memory_info().rss
                process.cpu_times()
                process.num_threads()
                process.num_fds()
                process.io_counters()
                process.status()
        return rss

    return per_call_ms(sample, samples)


def cpu_s(command: list[str]) -> float:
    """CPU seconds of a program from its start to its end."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def psrecord(program: str, root: int, directory: Path) -> float:
    """CPU per line of its log, children and I/O included."""

    def run(seconds: float) -> tuple[float, int]:
        log = directory / "psrecord.log"
        options = ["--include-children", "--include-io", "--interval", "0.02", "--duration", str(seconds)]
        cost = cpu_s([program, str(root), *options, "--log", str(log)])
        return cost, len(log.read_text().splitlines())

    (short, few), (long, many) = run(1.0), run(6.0)
    return (long - short) / (many - few) * 1000


def procpath(program: str, root: int, directory: Path) -> float:
    """CPU per record, of its default files and I/O."""

    def run(records: int) -> float:
        query = f"$..children[?(@.stat.pid == {root})]"
        database = directory / f"procpath{records}.sqlite"
        options = ["-i", "0.02", "-r", str(records), "-f", "stat,cmdline,io", "-d", str(database)]
        return cpu_s([program, "record", *options, query])

    return (run(LONG) - run(SHORT)) / (LONG - SHORT) * 1000


def main() -> int:
    """Measure and print; 1 when soakctl misses its target or is not the cheapest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--peers", type=Path, help="directory of the executables of psrecord and procpath")
    options = parser.parse_args()
    where = None if options.peers is None else str(options.peers)
    with tree() as root, tempfile.TemporaryDirectory() as directory:
        costs: dict[str, float | None] = {
            "soakctl": soakctl(root, options.samples),
            "psutil": psutil_way(root, options.samples),
        }
        for name, measure in {"psrecord": psrecord, "procpath": procpath}.items():
            program = shutil.which(name, path=where)
            costs[name] = None if program is None else measure(program, root, Path(directory))
    ours = costs["soakctl"]
    assert ours is not None
    print(f"{PROCESSES} processes, {len(psutil.pids())} on the machine; CPU per sample")
    for name, cost in costs.items():
        print(f"{name:10}" + ("not installed" if cost is None else f"{cost:8.3f} ms  {cost / ours:6.2f} x soakctl"))
    print(f"at 1 Hz soakctl takes {ours / 10:.3f} % of a core; the target is {TARGET_MS / 10} %")
    cheapest = all(cost is None or cost >= ours for cost in costs.values())
    return 0 if ours < TARGET_MS and cheapest else 1


if __name__ == "__main__":
    sys.exit(main())
