"""Whatever the rules, the KPIs and the moment of a kill: the file is valid, within bounds, and as the record says."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soakctl.adapters.overrides_file import OverridesFile
from soakctl.adapters.run_reader import read_record
from soakctl.adapters.run_store import DirectoryStore
from soakctl.domain.delta import look_up, state_hash
from soakctl.domain.plan import Plan
from soakctl.domain.state import Phase, RunState
from soakctl.domain.tuning import Tune
from soakctl.judge.delta_checks import judge_deltas
from soakctl.mock.sim_world import SimWorld
from soakctl.services.soak.run import Soak, run_soak
from tests.support.scripted import START_UNIX, Script
from tests.support.tuned import Tuned, manifest_of_tuned, tuned_config

if TYPE_CHECKING:
    from pathlib import Path

    from soakctl.domain.command import Command, WriteOverrides
    from soakctl.domain.journal import Entry
    from soakctl.domain.signal import OverridesRead

CHANGES = st.sampled_from(
    [{"add": -1}, {"add": 3}, {"multiply": 0.9}, {"multiply": 1.25, "max": 15}, {"set": 5}, {"add": 0.07, "min": 0.02}]
)
CONDITIONS = st.sampled_from([{"gt": 100}, {"le": 100}, {"between": [50, 150]}, {"lt": 30}, {"ge": 0}])
RULES = st.lists(
    st.tuples(
        CONDITIONS,
        st.dictionaries(st.sampled_from(["limit", "ratio"]), CHANGES, min_size=1),
        st.integers(0, 2),
        st.sampled_from([None, "zone"]),
    ),
    min_size=1,
    max_size=4,
)
DOCUMENTS = st.sampled_from(
    [None, {}, {"engine": {"limit": 4}, "mine": 1}, {"engine": {"limit": 40}}, {"risk": 3}, {"risk": {"ratio": 0.25}}]
)
SPEEDS = st.lists(st.one_of(st.none(), st.floats(0, 300)), min_size=10, max_size=10)


class _Killed(BaseException):
    """soakctl was killed here."""


class _Steps:
    def __init__(self, left: int | None) -> None:
        self.left = left

    def step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise _Killed


class _File(OverridesFile):
    """A file behind whose replacement soakctl may be killed."""

    steps: _Steps

    def write(self, command: WriteOverrides) -> OverridesRead:
        self.steps.step()
        answer = super().write(command)
        self.steps.step()
        return answer


class _Store(DirectoryStore):
    steps: _Steps

    def append(self, entry: Entry) -> None:
        self.steps.step()
        super().append(entry)
        self.steps.step()

    def write(self, name: str, document: Any) -> None:
        self.steps.step()
        super().write(name, document)


class _World(SimWorld):
    steps: _Steps

    def do(self, command: Command) -> None:
        self.steps.step()
        super().do(command)


def _live(tuned: Tuned, path: Path, kills: list[int]) -> None:
    """The run with its kills, each followed by a resume."""
    plan = Plan.of(tuned.config.soak)
    state = RunState(plan=plan)
    for kill in [*kills, None]:
        steps = _Steps(kill)
        store = _Store(path / "run", redact=lambda value: value, durable=False)
        store.steps = steps
        overrides = _File(path / "overrides.json")
        overrides.steps = steps
        kpis = {"speed": lambda at_s: tuned.kpis["speed"]({}, at_s)}
        script = Script(tuned.config, lines=[(0.1, "up", "out")], kpis=kpis)
        world = _World(script, start_unix=START_UNIX, elapsed_s=state.elapsed_s, overrides=overrides)
        world.steps = steps
        manifest = manifest_of_tuned(tuned, plan)
        job = Soak(tuned.config, manifest, state, mock=False, resumed=state.seq > 0, tuning=tuned.tune)
        try:
            run_soak(job, world, store, redact=lambda value: value, overrides=overrides)
        except _Killed:
            _check_file(tuned, path)
            state = read_record(path / "run", samples_into_state=True).state if state.seq else RunState(plan=plan)
            if state.phase is Phase.ENDED:
                return
        else:
            return
        finally:
            store.close()


def _check_file(tuned: Tuned, path: Path) -> None:
    """Valid at any moment, and within bounds unless it never was."""
    found = OverridesFile(path / "overrides.json").read(0)
    assert not found.error
    if not (path / "run" / "events.jsonl").exists():
        return
    record = read_record(path / "run")
    state = record.state.tuning
    if not state.moves and state.open is None:
        return
    allowed = [state.parameters]
    if state.open is not None:
        allowed.append(state.open["parameters"])
        meant = {**state.open["values"]}
        after = {
            name: meant[name]["meant"]
            if name in state.pending
            else look_up(state.open["parameters"], tuned.config.tuning.parameters[name].path)
            for name in tuned.config.tuning.parameters
        }
        allowed.append({"engine": {"limit": after["limit"]}, "risk": {"ratio": after["ratio"]}})
    stands = {
        "engine": {"limit": look_up(found.document, "engine.limit")},
        "risk": {"ratio": look_up(found.document, "risk.ratio")},
    }
    if stands["engine"]["limit"] is not None and stands["risk"]["ratio"] is not None:
        assert stands in allowed


@given(
    rules=RULES, document=DOCUMENTS, speeds=SPEEDS, kills=st.lists(st.integers(5, 180), max_size=3), wrong=st.booleans()
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_file_and_the_record_agree_whatever_happens(
    tmp_path_factory: Any, rules: Any, document: Any, speeds: Any, kills: list[int], wrong: bool
) -> None:
    """And every proposal has exactly one outcome, and what is verified of it is true."""
    path = tmp_path_factory.mktemp("tuned")
    (path / "run").mkdir()
    if document is not None:
        (path / "overrides.json").write_text(OverridesFile(path / "overrides.json")._text(document))  # noqa: SLF001
    made = [
        {"name": f"R{place}", "when": {"speed": when}, "change": change, "priority": priority, "zone": zone}
        for place, (when, change, priority, zone) in enumerate(rules)
    ]
    config = tuned_config(rules=made, guards={"cooldown": {"large": "30%"}, "velocity": {"share": "50%"}})
    noise = Random(len(kills))
    extra = [noise.uniform(0, 50) if wrong else 0.0 for _ in speeds]

    def speed(_document: dict[str, Any], at_s: float) -> float | None:
        place = min(len(speeds) - 1, int(at_s // 3600))
        value = speeds[place]
        return None if value is None else value + extra[place]

    tuned = Tuned(config, {"speed": speed}, tune=Tune.WRITE)
    _live(tuned, path, kills)
    record = read_record(path / "run")
    tuning = record.state.tuning
    assert tuning.open is None
    for row in tuning.rows.values():
        held = row["skip_reason"]["keys"] if row["skip_reason"] else {}
        for key, value in row["values"].items():
            assert (value["found"] is not None) != (key in held)
        if row["parameters"] is not None:
            assert row["state_hash"] == state_hash(row["parameters"])
    deltas = judge_deltas(record, config)
    assert deltas.problems == (), [problem.line() for problem in deltas.problems]
    assert deltas.facts["full_apply_ratio"] in {None, 1.0}
    found = OverridesFile(path / "overrides.json").read(0).document
    if tuning.moves:
        for name, spec in config.tuning.parameters.items():
            stands = look_up(found, spec.path)
            assert spec.min <= stands <= spec.max, name
            assert stands == look_up(tuning.parameters, spec.path)
    if document is not None and not tuning.moves:
        assert found == document
    assert not list(path.glob(".*.new"))
