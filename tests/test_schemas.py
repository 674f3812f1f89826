"""The JSON Schemas that ship in the package: each document that soakctl writes has one, and keeps to it."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from soakctl.adapters.run_lock import RunLock
from soakctl.cli.app import run
from soakctl.cli.wiring.self_test import known_cases
from soakctl.domain.journal import EventKind
from soakctl.domain.plan import Plan
from soakctl.domain.sample import FIELDS
from soakctl.domain.signal import StartFailed
from soakctl.domain.state import RunState
from soakctl.mock.sim_world import SimWorld
from soakctl.report.smoke import smoke_document
from soakctl.services.self_test import run_cases, self_test_document
from soakctl.services.smoke import run_smoke
from soakctl.services.soak.parts import kpi_columns
from soakctl.services.soak.run import Soak, run_soak
from soakctl.services.stores import NullStore
from tests.support.attributed import FOUND, leaks
from tests.support.chaos import CONFIG, ChaosService, ChaosWorld, Killed
from tests.support.environments import environment
from tests.support.scripted import START_UNIX, MemoryStore, Script, config_of, manifest_of, soak_script
from tests.support.tuned import improves, soak_tuned, worsens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PACKAGE = files("soakctl")
SHIPPED = sorted({item.name for item in PACKAGE.joinpath("schemas").iterdir()} - {"soakctl.config.schema.json"})
# How many lines with the same fields are looked at: the thousandth is like the others.
_OF_A_SHAPE = 20
# Lines of a file, of which each cannot say its schema without doubling.
LINES = {"event": "events.jsonl", "sample": "resources.jsonl"}
DOCUMENTS = {
    "run": "run.json",
    "status": "status.json",
    "verdict": "verdict.json",
    "snapshot": "POST_SOAK_SNAPSHOT.json",
    "analysis": "resources.analysis.json",
}


@cache
def schema(name: str) -> dict[str, Any]:
    """A shipped schema, by the name in `soakctl.<name>/1`."""
    text = PACKAGE.joinpath("schemas", f"soakctl.{name}.1.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def closed(part: Any, *, within_then: bool = False) -> Any:
    """The schema with no room for a field that it does not describe; as it is shipped, new ones may come."""
    if isinstance(part, list):
        return [closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    inner = {
        key: value if key in {"if", "const", "enum"} else closed(value, within_then=key == "then")
        for key, value in part.items()
    }
    describes = isinstance(part.get("properties"), dict) and "additionalProperties" not in part
    return inner | {"unevaluatedProperties": False} if describes and not within_then else inner


@cache
def validator(name: str) -> Draft202012Validator:
    """Takes only what the schema describes."""
    return Draft202012Validator(closed(schema(name)))


def wrong(name: str, document: Any) -> list[str]:
    """What is wrong with a document, each with its place."""
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(document)]


@pytest.mark.parametrize("file", SHIPPED)
def test_a_schema_is_one(file: str) -> None:
    """It is valid itself, knows its own name and version, and describes what it demands."""
    name, version = file.split(".")[1:3]
    loaded = json.loads(PACKAGE.joinpath("schemas", file).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(loaded)
    assert loaded["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert loaded["$id"] == f"urn:soakctl:schema:{name}:{version}"
    assert loaded["properties"].get("schema", {}) == ({} if name in LINES else {"const": f"soakctl.{name}/{version}"})
    assert set(loaded["required"]) <= set(loaded["properties"])


def test_every_document_has_a_schema() -> None:
    """Whatever says which schema it follows can be checked against it."""
    sources = Path(str(PACKAGE)).rglob("*.py")
    named = {match for path in sources for match in re.findall(r'"soakctl\.([a-z-]+)/(\d)"', path.read_text("utf-8"))}
    assert {("run", "1"), ("verdict", "1"), ("error", "1")} <= named
    assert {f"soakctl.{name}.{version}.schema.json" for name, version in named} <= set(SHIPPED)


def test_what_is_shared_is_the_same() -> None:
    """A check and a trend look alike in whatever document they stand."""
    for part in ("check", "trend"):
        found = [json.dumps(schema(name)["$defs"][part]) for name in _names() if part in schema(name).get("$defs", {})]
        assert len(found) > 1
        assert len(set(found)) == 1


def _names() -> list[str]:
    return [file.split(".")[1] for file in SHIPPED]


def test_the_lines_are_described_to_the_last_column() -> None:
    """Each column of a sample and each kind of an event."""
    assert list(schema("sample")["properties"]) == list(FIELDS)
    assert schema("event")["properties"]["kind"]["enum"] == [str(kind) for kind in EventKind]
    told = [rule["if"]["properties"]["kind"]["const"] for rule in schema("event")["allOf"]]
    assert told == [str(kind) for kind in EventKind]


# --- Real documents -------------------------------------------------------------------------------------------------


def _mock_run(home: Path, *flags: str) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.setenv("ARTIFACTS_DIR", str(home))
        run(["-q", "soak", "--mock", "--hours", "1", *flags])
    return (home / "soak" / "latest").resolve()


@pytest.fixture(scope="module")
def mock_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a healthy mock run."""
    return _mock_run(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("flag", ["--auto-tune", "--propose-only"])
def test_a_tuned_run_keeps_to_its_schemas(
    flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its summaries, its report, its journal, and what is verified of it."""
    path = _mock_run(tmp_path, "--iterations", "12", flag)
    for name, file in {**DOCUMENTS, "tuning": "TUNING_REPORT.json"}.items():
        assert wrong(name, _read(path / file)) == []
    for summary in path.glob("ITER_SUMMARY_*.json"):
        assert wrong("iteration", _read(summary)) == []
    for line in (path / "events.jsonl").read_text(encoding="utf-8").splitlines():
        if '"kind":"delta_' in line:
            assert wrong("event", json.loads(line)) == []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARTIFACTS_DIR", str(tmp_path))
    assert wrong("deltas", _told(["gate", "--deltas"], capsys)) == []


@pytest.mark.parametrize("fault", ["", "leak", "crash", "stall"])
def test_a_run_keeps_to_its_schemas(fault: str, tmp_path: Path) -> None:
    """Every document and every line of the directory, whatever became of the run."""
    mock_run = _mock_run(tmp_path, *(["--mock-fault", fault] if fault else []))
    checked = set()
    for name, file in DOCUMENTS.items():
        assert wrong(name, _read(mock_run / file)) == []
        checked.add(file)
    for path in mock_run.glob("ITER_SUMMARY_*.json"):
        assert wrong("iteration", _read(path)) == []
        checked.add(path.name)
    for name, file in LINES.items():
        lines = (mock_run / file).read_text(encoding="utf-8").splitlines()
        assert lines
        assert [problem for line in lines[:50] + lines[-50:] for problem in wrong(name, json.loads(line))] == []
        checked.add(file)
    assert checked == {path.name for path in mock_run.iterdir()} - {"summary.txt"}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _journals() -> Iterator[Mapping[str, Any]]:
    """The lines of journals in virtual time in which, together, everything happens that is recorded."""
    for seed in range(12):
        store, random = MemoryStore(), Random(seed)
        plan = Plan.of(CONFIG.soak)
        state, service = RunState(plan=plan, columns=kpi_columns(CONFIG)), ChaosService(seed, plan.duration_s)
        for kill_after in (300, None) if seed % 3 == 0 else (None,):
            resumed = state.seq > 0
            job = Soak(CONFIG, manifest_of(CONFIG, plan), state, mock=False, resumed=resumed)
            world = ChaosWorld(
                service, start_unix=START_UNIX, elapsed_s=state.elapsed_s, clocks=random, kill_after=kill_after
            )
            try:
                run_soak(job, world, store, redact=lambda value: value)
                break
            except Killed:
                continue
        yield from (entry.to_json() for entry in store.entries)
    stores = [soak_script(script)[1] for script in _scripts()]
    stores += [leaks(FOUND)[0], leaks(None)[0]]
    for store in (*stores, soak_tuned(worsens())[1], soak_tuned(improves())[1]):
        yield from (entry.to_json() for entry in store.entries)


def _scripts() -> Iterator[Script]:
    soak = {"duration": "40m", "sample_every": "10s"}
    ends = {"name": "depth", "source": {"resource": "num_fds"}, "max": 5, "abort": True, "delay": "60s"}
    read = {"name": "size", "source": {"log": r"size=(\d+)"}}
    count = {"name": "ticks", "source": {"log": "tick", "reduce": "count"}}
    silent = {"liveness": {"pattern": "tick", "silence": "2m"}, "stop": {"must_log": ["never said"]}}
    pause = [(0.1, "tick size=7", "out"), (400.0, "tick CRITICAL", "out")]
    yield Script(config_of(service=silent, soak=soak, kpis=[read, count]), lines=pause, every=(10.0, "tick"))
    yield Script(config_of(soak=soak, kpis=[ends]), lines=[(0.1, "up", "out")], every=(10.0, "tick"))
    repeat = {"iterations": 2, "repeat": {"command": ["job"], "timeout": "60s", "heartbeat": "5s"}}
    yield Script(config_of(soak=repeat), ends={1: (20.0, 0)})
    yield Script(config_of(soak=repeat), cannot_start=StartFailed("not_found", "job: command not found"))


def test_a_journal_keeps_to_its_schema_whatever_happens(mock_run: Path) -> None:
    """In worlds with crashes, hangs, floods, kills and clocks that jump; every kind of an event comes up."""
    seen = {json.loads(line)["kind"] for line in (mock_run / "events.jsonl").read_text(encoding="utf-8").splitlines()}
    alike: Counter[tuple[str, ...]] = Counter()
    for row in _journals():
        seen.add(str(row["kind"]))
        shape = (str(row["kind"]), *sorted(row))
        alike[shape] += 1
        if alike[shape] <= _OF_A_SHAPE:
            assert wrong("event", json.loads(json.dumps(row))) == [], row
    assert seen == {str(kind) for kind in EventKind}


@pytest.mark.parametrize(
    "script",
    [
        Script(config_of(smoke={"checkpoints": [{"name": "up", "pattern": r"up (?P<n>\d)"}]}), [(0.1, "up 7", "out")]),
        Script(config_of(smoke={"checkpoints": [{"name": "up", "pattern": "up", "hints": ["Is it?"]}]})),
        Script(config_of(), lines=[(0.1, "ImportError: no", "err")], ends={1: (0.5, 1)}),
        Script(config_of(), cannot_start=StartFailed("not_found", "service: command not found")),
    ],
    ids=["passes", "stalls", "dies", "cannot start"],
)
def test_smoke_keeps_to_its_schema(script: Script) -> None:
    """However it ends."""
    world = SimWorld(script, start_unix=START_UNIX)
    result = run_smoke(script.config, world, NullStore(), redact=lambda value: value)
    assert wrong("smoke", json.loads(json.dumps(smoke_document(result)))) == []


def _told(argv: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    run([*argv, "--json"])
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "argv", [["gate", "--path", "none"], ["gate", "--fail-on", "x"], ["config", "check", "/none"], ["nonsense"]]
)
def test_errors_keep_to_their_schema(
    argv: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever was wrong, programs learn of it in one way."""
    monkeypatch.chdir(tmp_path)
    assert wrong("error", _told(argv, capsys)) == []


def test_answers_keep_to_their_schemas(
    tmp_path: Path, mock_run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What commands print with --json, and the lock of a run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARTIFACTS_DIR", str(mock_run.parent.parent))
    chain = {"tests": [["true"], ["false"]], "smoke": "off"}
    assert wrong("verdict", _told(["gate", "--strict"], capsys)) == []
    assert wrong("resources-verdict", _told(["gate", "--resources", str(mock_run / "resources.jsonl")], capsys)) == []
    assert wrong("init", _told(["init"], capsys)) == []
    assert wrong("config-check", _told(["config", "check"], capsys)) == []
    assert wrong("config-show", _told(["config", "show"], capsys)) == []
    assert wrong("environment", _told(["snapshot", "--pid", str(os.getpid())], capsys)) == []
    assert wrong("environment", environment()) == []
    for name, changes in (("a", {}), ("b", {"python__version": "3.12.0"})):
        (tmp_path / name).write_text(json.dumps(environment(**changes)))
    assert wrong("environment-diff", _told(["snapshot", "--diff", "a", "b"], capsys)) == []
    (tmp_path / "soakctl.yaml").write_text(json.dumps({"version": 1, "gate": {"chain": chain}}))
    assert wrong("chain", _told(["gate", "--chain"], capsys)) == []
    with RunLock(tmp_path / "run.lock"):
        assert wrong("lock", _read(tmp_path / "run.lock")) == []


def test_a_directory_of_an_older_tool_has_the_same_verdict(
    tmp_path: Path, mock_run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One schema for all runs, whoever made them."""
    older = tmp_path / "older"
    older.mkdir()
    for path in mock_run.glob("ITER_SUMMARY_*.json"):
        (older / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert wrong("verdict", _told(["gate", "--path", str(older)], capsys)) == []


def test_the_self_test_keeps_to_its_schema() -> None:
    """With a case that leaks and one that does not."""
    cases = [case for case in known_cases() if case[0].name in {"flat", "fd leak"}]
    assert len(cases) == 2
    assert wrong("self-test", self_test_document(list(run_cases(cases)))) == []


# --- A schema that takes anything proves nothing --------------------------------------------------------------------

_NONSENSE: tuple[Any, ...] = (None, True, "?", -1.5, [], [7], {}, {"?": []})


_OPTIONAL = {
    "run": {"history"},
    "verdict": {"look", "observed_s", "planned_s", "tuning"},  # a run of an older tool has none
    "event": {"deadline_s", "first_event_s", "sign", "ready", "note"},  # of some entries of their kind
}


def _examples(mock_run: Path) -> Iterator[tuple[str, Any]]:
    for name, file in DOCUMENTS.items():
        yield name, _read(mock_run / file)
    yield "iteration", _read(mock_run / "ITER_SUMMARY_1.json")
    for line in (mock_run / "events.jsonl").read_text(encoding="utf-8").splitlines()[:30]:
        yield "event", json.loads(line)
    yield "sample", json.loads((mock_run / "resources.jsonl").read_text(encoding="utf-8").splitlines()[1])


def test_a_document_with_a_field_missing_or_senseless_is_refused(mock_run: Path) -> None:
    """Each field that is there is demanded, and none takes just any value."""
    for name, document in _examples(mock_run):
        plain = Draft202012Validator(schema(name))
        for key in document:
            without = {other: value for other, value in document.items() if other != key}
            assert key in _OPTIONAL.get(name, ()) or list(plain.iter_errors(without)), f"{name} without {key}"
            assert any(list(plain.iter_errors({**document, key: value})) for value in _NONSENSE), f"{name}.{key}"


def test_a_field_of_a_later_version_is_no_error(mock_run: Path) -> None:
    """New fields may come without a new number; only these tests want each one described."""
    for name, document in _examples(mock_run):
        later = {**document, "a_new_field": {"of": "any kind"}}
        assert not list(Draft202012Validator(schema(name)).iter_errors(later))
        assert wrong(name, later) != []
