"""What judging a soak of 72 hours with a sample a second costs: `python benchmarks/long_run.py [rounds] [hours]`.

A run is written through the real store, every column of every sample known and the figures of a busy service: noise,
sawteeth, a day's wave, a leak, counts that come and go. `soakctl gate` judges it as a process of its own, at a
sixteenth, a quarter and the whole of its length; CPU time and the most memory that it held are those of the process,
the least of the rounds. The judging alone is timed once in another process, by series. Exits with 1 where a target is
missed.
"""

from __future__ import annotations

import json
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as soakctl does; waiting threads would count as CPU time

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from soakctl.adapters.run_reader import read_record
from soakctl.adapters.run_store import DirectoryStore
from soakctl.domain.config.root import Config
from soakctl.domain.plan import Plan
from soakctl.domain.sample import FIELDS, Sample
from soakctl.judge.resources import RESOURCES, budget_of, gaps_of
from soakctl.judge.trend import judge_series
from soakctl.judge.verdict import Options, judge
from tests.support.records import BOOTED, ended, entries_of, iteration_of
from tests.support.scripted import START_UNIX, config_of, manifest_of

ROUNDS, HOURS = 3, 72
SHARES = (16, 4, 1)
HOUR = 3600
SOAKCTL = "import sys; from soakctl.__main__ import main; sys.exit(main())"
GATE_S, GATE_MB, JUDGING_S, SERIES_S = 3.5, 150.0, 2.0, 0.25
GROWTH_SLACK = 1.25  # of a ratio of differences of measured times

Column = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Cost:
    """What a gate took."""

    cpu_s: float
    peak_mb: float


def columns_of(n: int) -> dict[str, list[Any]]:
    """Every column of a sample; sizes are whole pages, and counts whole."""
    rng = np.random.default_rng(1)
    seconds = np.arange(n, dtype=np.float64)
    hours = seconds / HOUR
    load = 1 + 0.5 * np.sin(2 * np.pi * hours / 24)

    def pages(values: Column) -> list[int]:
        return (np.round(values / 4096) * 4096).astype(np.int64).tolist()

    def whole(values: Column) -> list[int]:
        return np.round(values).astype(np.int64).tolist()

    rss = 2e8 + 3e7 * load + 8e7 * (hours * 3 % 1) + rng.normal(0, 3e6, n)
    cpu = np.cumsum(0.2 * load + rng.exponential(0.05, n))
    counters = {name: np.cumsum(rng.integers(0, 9000, n)) for name in COUNTERS}
    figures: dict[str, list[Any]] = {
        "elapsed_s": np.round(seconds + 1.25 + rng.uniform(0, 0.01, n), 6).tolist(),
        "rss_bytes": pages(rss),
        "uss_bytes": pages(rss - 3e7 + 2e6 * hours),
        "pss_bytes": pages(rss - 1e7),
        "vms_bytes": pages(rss + 5e8),
        "cpu_seconds_total": np.round(cpu, 2).tolist(),
        "cpu_percent": np.round(np.diff(cpu, prepend=0.0) * 100, 2).tolist(),
        "num_fds": rng.poisson(40 * load).tolist(),
        "num_threads": rng.poisson(12, n).tolist(),
        "num_processes": (3 + rng.binomial(2, 0.1, n)).tolist(),
        "num_tasks": rng.poisson(200 * load).tolist(),
        "loop_lag_ms": np.round(rng.exponential(2.0, n), 3).tolist(),
        "zombies": rng.binomial(1, 0.001, n).tolist(),
        "data_bytes": pages(4e7 + 3e5 * hours + rng.normal(0, 1e5, n)),
        "artifacts_bytes": whole(2e5 + 890.0 * seconds),
        "system_cpu_percent": np.round(rng.uniform(5, 60, n), 1).tolist(),
        "system_memory_used_bytes": pages(rng.normal(6.2e9, 1e8, n)),
        "system_memory_available_bytes": pages(rng.normal(9.8e9, 1e8, n)),
        "system_disk_used_bytes": pages(8e10 + 1e6 * hours),
        "system_disk_free_bytes": pages(1.2e11 - 1e6 * hours),
        "self_rss_bytes": pages(rng.normal(3.8e7, 1e5, n)),
        "self_cpu_percent": np.round(rng.uniform(0.1, 0.9, n), 2).tolist(),
        "log_critical_total": [0] * n,
        "log_dropped_total": [0] * n,
        **{name: values.tolist() for name, values in counters.items()},
    }
    return figures


COUNTERS = tuple(
    "io_read_bytes io_write_bytes system_net_sent_bytes system_net_received_bytes events_total log_lines_total".split()
)


def write_run(path: Path, hours: float) -> int:
    """A run of so many hours with a sample a second; how large its samples are, in bytes."""
    n = int(hours * HOUR)
    config = config_of(soak={"hours": hours, "iteration": f"{n // 8}s", "sample_every": "1s"})
    plan = Plan.of(config.soak)
    store = DirectoryStore(path, redact=lambda value: value, durable=False)
    store.write("run.json", {**manifest_of(config, plan).to_json(), "state": "finished"})
    each = plan.duration_s / 8
    iterations = [
        iteration_of(place, {}, started_s=1 + (place - 1) * each, ended_s=1 + place * each, samples=int(each))
        for place in range(1, 9)
    ]
    last = 1 + plan.duration_s
    events = [*BOOTED, *map(ended, iterations), *((last, kind, data) for kind, data in STOPPED)]
    for entry in entries_of(*events):
        store.append(entry)
    columns = columns_of(n)
    always = {"life": 1, "service_pid": 100, "service_started_unix": START_UNIX}
    names = [name for name in FIELDS if name in columns]
    for values in zip(*(columns[name] for name in names), strict=True):
        row = dict(zip(names, values, strict=True))
        unix = START_UNIX + row["elapsed_s"]
        store.append_sample(Sample(timestamp_unix=unix, timestamp_utc="2023-11-14T22:13:20.000Z", **always, **row))
    store.close()
    return (path / "resources.jsonl").stat().st_size


STOPPED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("stop_rung", {"rung": "requested", "reason": "planned end"}),
    ("stop_rung", {"rung": "asked", "signal": "SIGTERM", "targets": 1}),
    ("service_exited", {"code": 0, "expected": True}),
    ("stop_rung", {"rung": "gone", "left": 0}),
    ("run_ended", {"reason": "planned end", "signum": None}),
)


def gate(path: Path, *arguments: str) -> Cost:
    """Judge a run as a user does; the verdict itself is of no interest here."""
    argv = [sys.executable, "-c", SOAKCTL, "-q", "gate", *arguments]
    with subprocess.Popen(argv, cwd=path.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in {0, 1}, f"gate ended with {process.returncode}"
    assert arguments[0] == "--resources" or json.loads((path / "verdict.json").read_bytes())["resources"]["rss"]
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def judging(path: Path) -> dict[str, float]:
    """Seconds of CPU of judging a run, and of each series by itself."""
    record = read_record(path)
    config = Config.model_validate(record.manifest.config)
    before = time.process_time()
    judge(record, config, Options())
    found = {"all": time.process_time() - before}
    for item in RESOURCES:
        values = record.series.columns[item.column]
        budget = budget_of(item, config.gate.resources, run_s=record.state.observed_s)
        before = time.process_time()
        judge_series(record.series.times, values, lives=record.series.lives, excluded=gaps_of(record), budget=budget)
        found[item.name] = time.process_time() - before
    return found


def apart(what: str, *arguments: Any) -> Any:
    """Do it in a process of its own: at its start, a child is charged with the memory of its parent."""
    argv = [sys.executable, __file__, what, *map(str, arguments)]
    return json.loads(subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout)


def line(what: str, value: float, unit: str, target: float) -> bool:
    """Print a figure beside its target; whether it is met."""
    met = value <= target
    print(f"  {what:44}{value:9.2f} {unit:3}{target:9.2f} {unit:3}{'' if met else '  MISSED'}")
    return met


def main(rounds: int, hours: float) -> int:
    costs: dict[int, Cost] = {}
    met = []
    with tempfile.TemporaryDirectory() as name:
        for share in SHARES:
            path = Path(name) / str(share)
            size = apart("--write", path, hours / share)
            found = [gate(path, "--path", str(path)) for _ in range(rounds)]
            costs[share] = Cost(min(each.cpu_s for each in found), max(each.peak_mb for each in found))
            cost = costs[share]
            print(f"{hours / share:6.4g} h{size / 1e6:9.1f} MB{cost.cpu_s:9.2f} s{cost.peak_mb:9.1f} MB")
        bare = gate(path, "--resources", str(path / "resources.jsonl"))
        times = apart("--judge", path)
    print(f"  {'soakctl gate, ' + format(hours, 'g') + ' h at 1 Hz':46}{'found':>11}{'target':>13}")
    met += [line("CPU of the process", costs[1].cpu_s, "s", GATE_S), line("peak RSS", costs[1].peak_mb, "MB", GATE_MB)]
    more, less = (costs[1].cpu_s - costs[4].cpu_s), (costs[4].cpu_s - costs[16].cpu_s)
    met.append(line("growth of CPU, 4 times the file", more / less, "x", 4 * GROWTH_SLACK))
    met += [
        line("--resources: CPU", bare.cpu_s, "s", GATE_S),
        line("--resources: peak RSS", bare.peak_mb, "MB", GATE_MB),
    ]
    met.append(line("judging alone", times.pop("all"), "s", JUDGING_S))
    met += [line(f"judging {name}", spent, "s", SERIES_S) for name, spent in times.items()]
    return int(not all(met))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        print(write_run(Path(sys.argv[2]), float(sys.argv[3])))
    elif sys.argv[1:2] == ["--judge"]:
        print(json.dumps(judging(Path(sys.argv[2]))))
    else:
        given = [float(word) for word in sys.argv[1:]]
        sys.exit(main(int(given[0]) if given else ROUNDS, given[1] if len(given) > 1 else HOURS))
