"""One record, one verdict: as soak sees it in memory, after it was killed and resumed, and read back by gate."""

from __future__ import annotations

import json
import math
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.run_reader import read_record
from soakctl.adapters.run_store import DirectoryStore
from soakctl.domain.plan import Plan
from soakctl.domain.record import Record, Series
from soakctl.domain.state import Phase, RunState
from soakctl.domain.verdict import Outcome
from soakctl.mock.sim_world import SimWorld
from soakctl.mock.steady import Steady
from soakctl.services.gate import analysis_document, judge_run, snapshot_document, verdict_document
from soakctl.services.soak.parts import kpi_columns
from soakctl.services.soak.run import Soak, run_soak
from tests.support.chaos import Killed
from tests.support.scripted import START_UNIX, config_of, manifest_of

if TYPE_CHECKING:
    from pathlib import Path

    from soakctl.domain.journal import Entry
    from soakctl.domain.sample import Sample
    from soakctl.judge.verdict import Judgement

HOUR = 3600.0
SEEDS, A_TEST = 16, 4
KINDS = ("flat", "leak", "late leak", "plateau", "sawtooth", "fds", "crashes", "silence")
CONFIG = config_of(
    service={
        "liveness": {"pattern": "tick", "silence": "20m"},
        "restart": {"policy": "on_failure", "max": 9, "backoff": "1s..60s"},
    },
    soak={"hours": 8, "iteration": "1h", "sample_every": "60s"},
    kpis=[{"name": "memory", "source": {"resource": "rss_bytes", "reduce": "p95"}, "max": 1e9, "trend": True}],
    gate={"resources": {"rss_slope": "2MB/h"}},
)
PLAN = Plan.of(CONFIG.soak)
MANIFEST = manifest_of(CONFIG, PLAN)


def service_of(seed: int) -> Steady:
    """One of the kinds, with figures from the seed."""
    random = Random(f"same:{seed}")
    per_hour = random.uniform(8e6, 40e6)
    growth: dict[str, Any] = {
        "leak": {"rss_bytes": lambda age: age / HOUR * per_hour},
        "late leak": {"rss_bytes": lambda age: max(0.0, age - 3 * HOUR) / HOUR * per_hour},
        "plateau": {"rss_bytes": lambda age: 60e6 * (1.0 - math.exp(-age / 1800.0))},
        "sawtooth": {"rss_bytes": lambda age: 30e6 * (age % 1300.0 / 1300.0)},
        "fds": {"num_fds": lambda age: age / HOUR * 30},
    }.get(KINDS[seed % len(KINDS)], {})
    kind = KINDS[seed % len(KINDS)]
    return Steady(
        growth,
        silent_after_s=random.uniform(1, 7) * HOUR if kind == "silence" else math.inf,
        lives_s=random.uniform(1, 4) * HOUR if kind == "crashes" else math.inf,
        seed=seed,
    )


class _Store(DirectoryStore):
    """Kills soakctl at its nth append to the journal, and keeps what it had in memory."""

    def __init__(self, path: Path, series: Series, kill_after: float) -> None:
        super().__init__(path, redact=lambda value: value, durable=False)
        self.series = series
        self._left = kill_after

    def append(self, entry: Entry) -> None:
        self._left -= 1
        if self._left < 0:
            raise Killed
        super().append(entry)

    def append_sample(self, sample: Sample) -> None:
        super().append_sample(sample)
        self.series.add(sample)


def soaked(seed: int, path: Path, kills: list[int]) -> Record:
    """The record as the last soakctl has it in memory, killed so many times before."""
    service, record = service_of(seed), Record(MANIFEST, RunState(plan=PLAN, columns=kpi_columns(CONFIG)), Series())
    for place, kill_after in enumerate([*kills, math.inf]):
        state = record.state
        store = _Store(path, record.series, kill_after)
        store.write("run.json", MANIFEST.to_json())
        world = SimWorld(service, start_unix=START_UNIX + place * 90_000.0, elapsed_s=state.elapsed_s)
        try:
            run_soak(Soak(CONFIG, MANIFEST, state, mock=False, resumed=place > 0), world, store, redact=lambda it: it)
        except Killed:
            record = read_record(path, samples_into_state=True)
        finally:
            store.close()
        if record.state.phase is Phase.ENDED:
            break
    return record


def documents(record: Record) -> tuple[Judgement, str]:
    """A judgement, and all that is written down of it."""
    judgement = judge_run(record)
    found = (
        verdict_document(record, judgement),
        snapshot_document(judgement),
        analysis_document("", 0.0, judgement.trends),
    )
    return judgement, json.dumps(found, sort_keys=True, allow_nan=False)


@pytest.mark.parametrize("killed", [False, True], ids=["whole", "killed"])
@pytest.mark.parametrize("first", range(0, SEEDS, A_TEST))
def test_a_run_is_judged_alike_live_and_offline(first: int, tmp_path: Path, *, killed: bool) -> None:
    """To the last figure of every document, whatever the service did and wherever soakctl was killed."""
    for seed in range(first, first + A_TEST):
        path, random = tmp_path / str(seed), Random(f"kills:{seed}")
        kills = [random.randrange(8, 40) for _ in range(random.choice((1, 1, 2)))] if killed else []
        live, told = documents(soaked(seed, path, kills))
        _, offline = documents(read_record(path, samples_into_state=seed % 2 == 0))
        assert offline == told, f"seed {seed}"
        kind, outcome = KINDS[seed % len(KINDS)], live.verdict.outcome
        if kind in {"crashes", "silence"} or (kind in {"leak", "late leak", "fds"} and not killed):
            assert outcome is Outcome.FAIL, f"seed {seed}, {kind}: {outcome}"
        if kind in {"leak", "fds"}:
            assert outcome is not Outcome.PASS, f"seed {seed}, {kind}"
        if kind in {"flat", "plateau", "sawtooth"}:
            assert outcome is not Outcome.FAIL, f"seed {seed}, {kind}"
