"""What a day of virtual time costs: `python benchmarks/engine.py [rounds]`.

CPU time in this process once everything is imported, best of the rounds: the mock soak of 24 hours with its 1,440
samples,
its judgement and all its files, and a simulated world of 6 hours through the real engine into a real run directory,
healthy
and with the troubles that the tests' seeds bring. Exits with 1 where a target is missed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import contextlib
import io
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from soakctl.adapters.run_store import DirectoryStore
from soakctl.cli.app import run as run_cli
from soakctl.domain.plan import Plan
from soakctl.domain.state import RunState
from soakctl.mock.sim_world import SimWorld
from soakctl.services.gate import judge_run
from soakctl.services.soak.parts import kpi_columns
from soakctl.services.soak.run import Soak, run_soak
from tests.support.chaos import CONFIG, ChaosService, ChaosWorld
from tests.support.scripted import START_UNIX, Script, config_of, manifest_of

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
SEEDS = 20
HOURS_6 = 6 * 3600.0
DAY_TARGET_S = 0.5
WORLD_TARGET_S = 0.050


def cpu_s(work: Callable[[], Any]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def best_of(rounds: int, work: Callable[[], Any]) -> float:
    return min(cpu_s(work) for _ in range(rounds))


def mock_day(directory: Path) -> None:
    """`soakctl soak --hours 24 --mock`, as from the command line."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = run_cli(["soak", "--hours", "24", "--mock"])
    assert code == 0
    samples = directory / "artifacts/soak/latest/resources.jsonl"
    assert len(samples.read_bytes().splitlines()) >= 1_440


def world_of(service: Any, world: SimWorld, config: Any, directory: str) -> DirectoryStore:
    """Drive the real engine over a world into a run directory; nothing of it is judged."""
    plan = Plan.of(config.soak)
    store = DirectoryStore(Path(directory), redact=lambda value: value, durable=False)
    state = RunState(plan=plan, columns=kpi_columns(config))
    job = Soak(config, manifest_of(config, plan), state, mock=False, resumed=False)
    run_soak(job, world, store, redact=lambda value: value)
    store.close()
    return store


def healthy(directory: str) -> DirectoryStore:
    config = config_of(service={"liveness": {"pattern": "tick"}}, soak={"hours": 6})
    service = Script(config, every=(60.0, "tick"))
    return world_of(service, SimWorld(service, start_unix=START_UNIX), config, directory)


def chaotic(seed: int, directory: str) -> None:
    service = ChaosService(seed, HOURS_6)
    clocks = Random(f"clocks:{seed}")
    world = ChaosWorld(service, start_unix=START_UNIX, elapsed_s=0.0, clocks=clocks, kill_after=None)
    world_of(service, world, CONFIG, directory)


def in_a_directory(work: Callable[[str], Any]) -> Callable[[], None]:
    def wrapped() -> None:
        with tempfile.TemporaryDirectory() as directory:
            work(directory)

    return wrapped


def judged() -> tuple[float, float]:
    """CPU seconds of the healthy 6 hours' engine and files, and of its judgement, which is not part of the target."""
    with tempfile.TemporaryDirectory() as directory:
        store = healthy(directory)
        record = store.load()
        assert len(record.series) >= 360
        return cpu_s(store.load), cpu_s(lambda: judge_run(record))


def measure(rounds: int) -> list[tuple[str, float, float | None]]:
    """(what, seconds of CPU, target) by row."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["ARTIFACTS_DIR"] = str(Path(name) / "artifacts")
        os.environ["SOAKCTL_CONFIG"] = ""
        cpu_s(lambda: mock_day(Path(name)))  # once for what is imported on the way
        day = best_of(rounds, lambda: mock_day(Path(name)))
    world = best_of(rounds, in_a_directory(healthy))
    seeds = [
        best_of(3, in_a_directory(lambda directory, seed=seed: chaotic(seed, directory)))  # type: ignore[misc]
        for seed in range(SEEDS)
    ]
    read, judgement = min(judged() for _ in range(3))
    return [
        ("24 h mock soak, 1,440 samples, verdict and files", day, DAY_TARGET_S),
        ("6 h world, healthy: engine and files", world, WORLD_TARGET_S),
        (f"6 h world, the slowest of {SEEDS} chaotic seeds", max(seeds), WORLD_TARGET_S),
        ("6 h world: reading its record back", read, None),
        ("6 h world: judging it", judgement, None),
    ]


def main() -> int:
    """Print the table; 1 where a target is missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    missed = False
    print(f"{'CPU, best of ' + str(rounds):52}{'soakctl':>10}{'target':>10}")
    for what, spent, target in measure(rounds):
        over = target is not None and spent > target
        missed |= over
        shown = "" if target is None else f"{1000 * target:7.0f} ms"
        print(f"{what:52}{1000 * spent:7.1f} ms{shown:>10}{'  MISSED' * over}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
