"""Whether soakctl itself stays flat: `python benchmarks/memory.py [samples] [lines]`.

Resident memory of a process that records 100,000 samples, one a second in virtual time, through the real engine into a
real run directory with `status.json` written at each; and of one that reads 1,000,000 log lines, every one looked at,
redacted and logged, from a pipe through the pump and the engine. Each has a tenth of the way to warm up; what it
grows by
afterwards is shown beside what it may. Exits with 1 where that is too much.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil

from soakctl.adapters.pump import StreamPump
from soakctl.adapters.run_store import DirectoryStore
from soakctl.adapters.service_log import ServiceLog
from soakctl.cli.light import look_as_usual
from soakctl.domain.command import StartService, StopService, TakeSample
from soakctl.domain.plan import Plan
from soakctl.domain.sample import Sample
from soakctl.domain.signal import Exited, Gone, Interrupted, Moment, Sampled, Started
from soakctl.domain.state import RunState
from soakctl.domain.watch import LineWatch
from soakctl.judge.so_far import verdict_so_far
from soakctl.mock.sim_world import SimWorld
from soakctl.redact.redactor import Redactor
from soakctl.services.soak.parts import kpi_columns
from soakctl.services.soak.run import Soak, run_soak
from soakctl.services.soak.status import StatusWriter
from tests.support.scripted import START_UNIX, Script, config_of, manifest_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.command import Command
    from soakctl.domain.config.root import Config
    from soakctl.domain.signal import Signal
    from soakctl.ports import World

SAMPLES = 100_000
LINES = 1_000_000
MAY_GROW_MB = 2.0  # Python gets memory in pieces of 1 MiB
MARKS = 10
_KPIS = [
    {"name": "latency", "source": {"log": r"latency=(?P<value>[\d.]+)", "reduce": "p95"}, "max": 340},
    {"name": "memory", "source": {"resource": "rss_bytes", "reduce": "p95"}, "max": 5e8},
]


class Marks:
    """Resident megabytes at each tenth of the way; an observer that also keeps `status.json`, as a soak does."""

    def __init__(self, status: StatusWriter) -> None:
        self._status = status
        self._me = psutil.Process()
        self.sizes: list[float] = []

    def take(self) -> None:
        self.sizes.append(round(self._me.memory_info().rss / 1e6, 2))

    def seen(self, state: RunState, entry: Any) -> None:
        self._status.seen(state, entry)

    def sampled(self, state: RunState, sample: Sample) -> None:
        self._status.sampled(state, sample)
        if state.samples % (SAMPLES // MARKS) == 0:
            self.take()


class PipeWorld:
    """A world in real time whose service is a pipe full of log lines; it is interrupted when they are over."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.queue: queue.SimpleQueue[Signal] = queue.SimpleQueue()

    def elapsed_s(self) -> float:
        return time.monotonic() - self.began

    def now(self) -> Moment:
        elapsed = self.elapsed_s()
        return Moment(elapsed, START_UNIX + elapsed)

    def wait(self, until: float) -> Signal | None:
        try:
            return self.queue.get(timeout=max(0.0, until - self.elapsed_s()))
        except queue.Empty:
            return None

    def do(self, command: Command) -> None:
        if isinstance(command, StartService):
            self.queue.put(Started(100, START_UNIX))
        elif isinstance(command, TakeSample):
            now = self.now()
            self.queue.put(Sampled(Sample(now.elapsed_s, now.unix, "", rss_bytes=50_000_000, service_pid=100)))
        elif isinstance(command, StopService):
            self.queue.put(Exited(0))
            self.queue.put(Gone(0))


def soak(config: Config, world: World, directory: Path) -> Marks:
    """Run the real engine over a world; every way out is redacted as in a run."""
    plan = Plan.of(config.soak)
    hide = Redactor().value
    store = DirectoryStore(directory, redact=hide, durable=False)
    job = Soak(
        config, manifest_of(config, plan), RunState(plan=plan, columns=kpi_columns(config)), mock=False, resumed=False
    )
    so_far = StatusWriter("run", store, lambda state: verdict_so_far(state, config, mock=False), every_sample=True)
    marks = Marks(so_far)
    if isinstance(world, PipeWorld):
        threading.Thread(target=feed, args=(config, world, directory, marks), daemon=True).start()
    run_soak(job, world, store, redact=hide, observer=marks)
    store.close()
    return marks


def samples(count: int, directory: Path) -> Marks:
    section = {"duration": f"{count}s", "iteration": "1h", "sample_every": "1s"}
    config = config_of(service={"liveness": {"pattern": "tick"}}, soak=section, kpis=_KPIS)
    service = Script(config, every=(60.0, "tick latency=12.5"), columns={"rss_bytes": lambda age: 50e6 + age % 4096})
    return soak(config, SimWorld(service, start_unix=START_UNIX), directory)


def lines(directory: Path) -> Marks:
    section = {"hours": 24, "sample_every": "1s"}
    config = config_of(service={"liveness": {"pattern": "handled"}}, soak=section, kpis=_KPIS)
    return soak(config, PipeWorld(), directory)


def blocks(count: int) -> Iterator[bytes]:
    """So many log lines, every one different, in blocks of a thousand."""
    for block in range(count // 1000):
        yield b"".join(
            b"2026-11-21 07:%02d:%02d,%03d INFO  app.web: request %d handled in latency=%d.5 ms for ann@example.com\n"
            % (block // 60 % 60, block % 60, number, block * 1000 + number, number % 300)
            for number in range(1000)
        )


def feed(config: Config, world: PipeWorld, directory: Path, marks: Marks) -> None:
    """Write all lines into a pipe that the pump reads, then interrupt the run."""
    sink = ServiceLog(directory / "service.log", lambda: Redactor().stream().line, time.time)
    reading, writing = os.pipe()
    pump = StreamPump(
        reading,
        "out",
        watch=LineWatch.of(config),
        emit=world.queue.put,
        now=world.elapsed_s,
        sink=sink,
        budget_bytes_per_s=1e12,
    )
    pump.start()
    for number, block in enumerate(blocks(LINES), start=1):
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(writing, rest) :]
        if number % (LINES // 1000 // MARKS) == 0:
            marks.take()
    os.close(writing)
    pump.join()
    sink.close()
    world.queue.put(Interrupted(2))


def child(what: str) -> None:
    look_as_usual()  # as a soak does
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        marks = samples(SAMPLES, directory) if what == "samples" else lines(directory)
        text = (directory / "resources.jsonl").read_bytes()
        entries = [json.loads(line) for line in (directory / "events.jsonl").read_bytes().splitlines()]
        seen = sum(entry.get("lines", 0) for entry in entries if entry["kind"] == "log_observed")
    print(json.dumps({"sizes": marks.sizes, "samples": text.count(b"\n"), "lines": seen}))


def measure(what: str, count: int) -> bool:
    """Print the row of one child process; whether it stayed flat."""
    argv = [sys.executable, __file__, "--child", what, str(SAMPLES), str(LINES)]
    before = time.monotonic()
    found = json.loads(subprocess.run(argv, capture_output=True, check=True).stdout)
    assert found[what] >= count, found
    sizes = found["sizes"]
    grown = max(sizes[1:]) - sizes[0]
    flat = grown <= MAY_GROW_MB
    shown = " ".join(f"{size:.1f}" for size in sizes)
    print(
        f"{count:>9,} {what:8}{sizes[0]:8.1f} MB{sizes[-1]:8.1f} MB{grown:+8.2f} MB{MAY_GROW_MB:8.1f} MB"
        f"   {time.monotonic() - before:4.0f} s   {shown}{'' if flat else '  MISSED'}"
    )
    return flat


def main() -> int:
    print(f"{'RSS of soakctl':18}{'at 10 %':>11}{'at 100 %':>11}{'grown':>11}{'target':>11}   took     at each tenth")
    return int(not all([measure("samples", SAMPLES), measure("lines", LINES)]))


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    SAMPLES, LINES = (numbers + [SAMPLES, LINES][len(numbers) :])[:2]
    if "--child" in sys.argv:
        child(sys.argv[2])
    else:
        sys.exit(main())
