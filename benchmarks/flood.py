"""What reading a flood costs: `python benchmarks/flood.py [MB per second] [seconds]`.

A child writes log lines at a rate into a pipe that soakctl's pump reads, matches, redacts and logs as in a run. Shown
are the pump's share of a core, what was looked at and dropped, the growth of memory, and whether the child was held up,
with `cat` reading in the pump's place for comparison. Then a million lines are read, every one of them looked at.
"""

from __future__ import annotations

import json
import os
import random
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np  # as in a soak: it counts lines  # noqa: F401
import psutil

from soakctl.adapters.pump import StreamPump
from soakctl.adapters.service_log import ServiceLog
from soakctl.domain.config.root import Config
from soakctl.domain.signal import Lines
from soakctl.domain.watch import LineWatch
from soakctl.redact.redactor import Redactor

if TYPE_CHECKING:
    from soakctl.domain.signal import Signal

_CHUNK = 65_536
_PIPE_BYTES = 1 << 20  # as the keeper makes them
_MILLION = 1_000_000
_WORDS = "service request handled in ms user order price received event loop running latency total state market".split()
_CHECKPOINTS = {
    "service_start": "Risk Manager starting",
    "config_loaded": r"Config loaded: (?P<rules>\d+) rules",
    "sdk_connected": "SDK connected",
    "rules_initialised": "Rules initialized",
    "event_loop": "Event loop running",
    "event_received": "Event received",
    "rule_evaluated": r"Rule evaluated: \w+",
    "enforcement": "Enforcement triggered",
}


def lines_of(kind: str) -> list[bytes]:
    rng = random.Random(1)
    lines = []
    for number in range(20_000):
        words = " ".join(rng.choices(_WORDS, k=8))
        at = f"{number // 60 % 60:02d}:{number % 60:02d}"
        lines.append(
            {
                "text": f"2026-11-21 07:{at},{number % 1000:03d} INFO  app.{words[:5]}: {words} id={rng.random():.6f}",
                "json": json.dumps({"time": f"2026-11-21T07:{at}Z", "level": "info", "msg": words, "n": number}),
                "same": "x" * 99,
            }[kind].encode()
        )
    return lines


def child(kind: str, rate: float, seconds: float) -> None:
    """Write at the rate; say how much came through and the longest time that a write took."""
    data = b"".join(line + b"\n" for line in lines_of(kind)) * 2
    place, sent, longest = 0, 0, 0.0
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        if sent >= passed * rate:
            time.sleep(0.0005)
            continue
        before = time.monotonic()
        written = os.write(1, data[place : place + _CHUNK])
        longest = max(longest, time.monotonic() - before)
        sent, place = sent + written, (place + written) % (len(data) // 2)
    rest = data.find(b"\n", place) + 1
    os.write(1, data[place:rest])
    print(json.dumps({"rate": sent / (time.monotonic() - began), "longest_ms": longest * 1000}), file=sys.stderr)


class Totals(Counter[str]):
    """Adds up what a pump emits."""

    def __call__(self, signal: Signal) -> None:
        """The `emit` of the pump."""
        assert isinstance(signal, Lines)
        self.update(signals=1, lines=signal.count, dropped=signal.dropped, critical=signal.critical)


def watch() -> LineWatch:
    checkpoints = [{"name": name, "pattern": pattern} for name, pattern in _CHECKPOINTS.items()]
    kpis = [{"name": "latency", "source": {"log": r"latency=(?P<value>[\d.]+)", "reduce": "p95"}, "max": 340}]
    return LineWatch.of(Config.model_validate({"smoke": {"checkpoints": checkpoints}, "kpis": kpis}))


def start_child(*arguments: str, stdout: int) -> subprocess.Popen[bytes]:
    argv = [sys.executable, __file__, "--child", *arguments]
    return subprocess.Popen(argv, stdout=stdout, stderr=subprocess.PIPE)


def report_of(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stderr is not None
    with process.stderr:
        report: dict[str, Any] = json.loads(process.stderr.read())
    process.wait()
    return report


def wide_pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    with suppress(ImportError, AttributeError, OSError):
        import fcntl  # noqa: PLC0415 - Linux alone can change the size

        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return reading, writing


def by_cat(*arguments: str) -> dict[str, Any]:
    reading, writing = wide_pipe()
    with subprocess.Popen(["cat"], stdin=reading, stdout=subprocess.DEVNULL) as cat:  # noqa: S607 - any cat will do
        os.close(reading)
        writer = start_child(*arguments, stdout=writing)
        os.close(writing)
        began = time.monotonic()
        report = report_of(writer)
        *_, used = os.wait4(cat.pid, 0)
        report["share"] = (used.ru_utime + used.ru_stime) / (time.monotonic() - began)
        cat.returncode = 0
    return report


def flood(kind: str, rate: float, seconds: float) -> None:
    arguments = (kind, str(rate), str(seconds))
    beside = by_cat(*arguments)
    totals = Totals()
    with tempfile.TemporaryDirectory() as directory:
        sink = ServiceLog(Path(directory) / "service.log", lambda: Redactor().stream().line, time.time)
        reading, writing = wide_pipe()
        writer = start_child(*arguments, stdout=writing)
        os.close(writing)
        select.select([reading], [], [])
        me = psutil.Process()
        rss, cpu, began = me.memory_info().rss, time.process_time(), time.monotonic()
        pump = StreamPump(reading, "out", watch=watch(), emit=totals, now=time.monotonic, sink=sink)
        pump.start()
        pump.join()
        share = (time.process_time() - cpu) / (time.monotonic() - began)
        grown = me.memory_info().rss - rss
        os.close(reading)
        sink.close()
    assert pump.fault is None
    report = report_of(writer)
    print(
        f"{kind:5} {report['rate'] / 1e6:6.0f} MB/s (cat {beside['rate'] / 1e6:.0f})   pump {share:6.1%} of a core"
        f" (cat {beside['share']:.1%})"
        f"   {totals['lines']:>9,} lines, looked at {totals['lines'] - totals['dropped']:>7,}, dropped"
        f" {totals['dropped']:>9,}   {totals['signals']} signals   RSS {grown / 1e6:+.1f} MB"
        f"   longest write {report['longest_ms']:.0f} ms (cat {beside['longest_ms']:.0f})"
    )


def million() -> None:
    data = b"".join(line + b"\n" for line in lines_of("text"))
    totals = Totals()
    me = psutil.Process()
    sizes: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        sink = ServiceLog(Path(directory) / "service.log", lambda: Redactor().stream().line, time.time)
        reading, writing = os.pipe()
        endless = float("inf")
        pump = StreamPump(
            reading, "out", watch=watch(), emit=totals, now=time.monotonic, sink=sink, budget_bytes_per_s=endless
        )
        pump.start()
        cpu = time.process_time()
        for _ in range(_MILLION // 20_000):
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(writing, rest) :]
            sizes.append(me.memory_info().rss / 1e6)
        os.close(writing)
        pump.join()
        cpu = time.process_time() - cpu
        os.close(reading)
        sink.close()
    assert (totals["lines"], totals["dropped"]) == (_MILLION, 0)
    shown = "  ".join(f"{size:.1f}" for size in sizes[4::5])
    print(
        f"{_MILLION:,} lines, all looked at: {cpu / _MILLION * 1e6:.1f} us of CPU a line; RSS in MB on the way: {shown}"
    )


def main() -> None:
    rate = float(sys.argv[1]) if len(sys.argv) > 1 else 100.0
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5.0
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    for kind in ("text", "json", "same"):
        flood(kind, rate * 1e6, min(seconds, 60.0))
    million()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
    else:
        main()
