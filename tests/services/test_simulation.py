"""Whole soaks in seeded worlds: whatever happens, and wherever soakctl is killed, the record tells the truth."""

from __future__ import annotations

import itertools
import json
from random import Random
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.run_reader import read_record
from soakctl.adapters.run_store import DirectoryStore
from soakctl.domain.plan import Plan
from soakctl.domain.run import Manifest, Mode
from soakctl.domain.state import Phase, RunState
from soakctl.domain.verdict import Outcome
from soakctl.judge.verdict import Options, judge
from soakctl.services.soak.parts import kpi_columns
from soakctl.services.soak.run import Soak, run_soak
from tests.support.chaos import CONFIG, ChaosService, ChaosWorld, Killed

if TYPE_CHECKING:
    from pathlib import Path

    from soakctl.domain.journal import Entry
    from soakctl.domain.record import Record

WORLDS = 320
A_TEST = 20
PLAN = Plan.of(CONFIG.soak)


class _Store(DirectoryStore):
    """A store in which every append is a step at which soakctl may be killed."""

    world: ChaosWorld | None = None

    def append(self, entry: Entry) -> None:
        assert self.world is not None
        self.world.step()
        super().append(entry)


def _manifest() -> Manifest:
    return Manifest(
        run_id="20260101T000000Z-00000001",
        soakctl_version="0",
        mode=Mode.REAL,
        config=CONFIG.model_dump(mode="json", by_alias=True),
        config_hash="",
        plan=PLAN.to_json(),
        planned_s=PLAN.duration_s,
        started_unix=1.7e9,
        started_utc="",
    )


def _live_through(seed: int, path: Path) -> tuple[ChaosService, Record, int]:
    """A soak with up to three kills, each followed by a resume."""
    random = Random(f"kills:{seed}")
    service = ChaosService(seed, PLAN.duration_s)
    state = RunState(plan=PLAN, columns=kpi_columns(CONFIG))
    unix, kills = 1.7e9, random.choice((0, 0, 1, 1, 2, 3))
    for kill in range(kills + 1):
        after = random.randrange(2, 900) if kill < kills else None
        store = _Store(path, redact=lambda value: value, durable=False)
        start_unix = unix + kill * random.uniform(0.0, 5000.0) - 0.0
        world = ChaosWorld(service, start_unix=start_unix, elapsed_s=state.elapsed_s, clocks=random, kill_after=after)
        store.world = world
        job = Soak(CONFIG, _manifest(), state, mock=False, resumed=state.seq > 0)
        try:
            run_soak(job, world, store, redact=lambda value: value)
        except Killed:
            store.close()
            state = read_record(path, samples_into_state=True).state
            if state.phase is Phase.ENDED:
                break
            continue
        store.close()
        break
    return service, read_record(path), kills


def _check_journal(path: Path) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in (path / "events.jsonl").read_text().splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    times = [row["elapsed_s"] for row in rows]
    assert all(before <= after for before, after in itertools.pairwise(times))
    assert rows[-1]["kind"] == "run_ended"
    return rows


def _check_coverage(path: Path, rows: list[dict[str, object]], record: Record) -> None:
    """Between the first iteration and the end nothing longer than two slots passes without a word."""
    if record.state.began_s is None:
        return
    marks = [
        float(str(row["elapsed_s"]))
        for row in rows
        if row["kind"]
        in {"sample_missed", "gap", "service_exited", "service_starting", "service_started", "boot_ended", "stop_rung"}
    ]
    samples = [json.loads(line)["elapsed_s"] for line in (path / "resources.jsonl").read_text().splitlines()]
    ended = float(str(rows[-1]["elapsed_s"]))
    points = sorted(mark for mark in [*marks, *samples, ended] if mark >= record.state.began_s)
    gaps = [(float(gap["from_s"]), float(gap["to_s"])) for gap in record.state.gaps]

    def unknown(before: float, after: float) -> float:
        told = (max(0.0, min(after, to) - max(before, start)) for start, to in gaps)
        return after - before - sum(told)

    longest = max((unknown(before, after) for before, after in itertools.pairwise(points)), default=0.0)
    assert longest <= 2 * PLAN.sample_every_s + 120.0, f"nothing is recorded for {longest:.0f}s"


def _check_honest(service: ChaosService, record: Record) -> None:
    state, truth = record.state, service.truth
    judgement = judge(record, CONFIG, Options(trends=False))
    outcome = judgement.verdict.outcome
    crashed = [item for item in state.exits if not item.get("start_failed")]
    failing = (
        bool(crashed)
        or state.first_boot is None
        or not state.first_boot.passed
        or bool(state.silences)
        or state.critical > 0
    )
    if failing:
        assert outcome is Outcome.FAIL
    if truth.dropped and state.dropped:
        assert outcome is not Outcome.PASS
    if service.stubborn and state.stop is not None and state.stop.asked:
        assert outcome is Outcome.FAIL
    if outcome is Outcome.PASS:
        assert state.observed_s >= 0.99 * PLAN.duration_s
        assert not service.truth.dropped
        assert len(state.iterations) == PLAN.iterations
    assert judge(record, CONFIG, Options(trends=False)).verdict == judgement.verdict


@pytest.mark.parametrize("first", range(0, WORLDS, A_TEST))
def test_any_world_leaves_a_true_record(first: int, tmp_path: Path) -> None:
    """In every seeded world the journal is whole, every planned second accounted for, and no verdict too good."""
    for seed in range(first, first + A_TEST):
        path = tmp_path / str(seed)
        service, record, kills = _live_through(seed, path)
        try:
            rows = _check_journal(path)
            _check_coverage(path, rows, record)
            _check_honest(service, record)
        except AssertionError as error:
            message = f"seed {seed} ({kills} kills) replays this: {error}"
            raise AssertionError(message) from error
