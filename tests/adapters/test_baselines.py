"""Finding the baseline: what is named is found or told, and nobody becomes one by itself who should not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.baselines import find_baseline
from soakctl.domain.plan import Plan
from soakctl.domain.run import RunPhase
from soakctl.errors import NoDataError, UsageError
from tests.support.records import BOOTED, STOPPED, ended, entries_of, iteration_of
from tests.support.scripted import START_UNIX, config_of, manifest_of

if TYPE_CHECKING:
    from pathlib import Path

    from soakctl.domain.baseline import Baseline
    from soakctl.domain.run import Manifest

PLAN = Plan(28800.0, 3600.0, 60.0, 8)


def _id(number: int) -> str:
    return f"20260101T0000{number:02d}Z-0000000{number}"


def _manifest(number: int, **fields: Any) -> Manifest:
    """The manifest of the number-th run; they begin one after the other."""
    usual = {
        "run_id": _id(number),
        "started_unix": START_UNIX + number,
        "state": RunPhase.FINISHED,
        "verdict": "PASS",
        "fingerprint": {"cpu_count": 8},
    }
    return manifest_of(config_of(), PLAN).model_copy(update=usual | fields)


def _run(root: Path, number: int, *, checks: Any = None, iterations: int = 1, **fields: Any) -> Path:
    """Write a run directory; `checks` are those of its last gate, by id and severity."""
    path = root / _id(number)
    path.mkdir()
    (path / "run.json").write_text(json.dumps(_manifest(number, **fields).to_json()))
    events = [*BOOTED, *(ended(iteration_of(place, 1.0)) for place in range(1, iterations + 1)), *STOPPED]
    rows = [json.dumps(entry.to_json()) for entry in entries_of(*events)]
    (path / "events.jsonl").write_text("\n".join(rows) + "\n")
    (path / "resources.jsonl").write_text("")
    if checks is not None:
        found = {"checks": [{"id": name, "severity": severity} for name, severity in checks.items()]}
        (path / "verdict.json").write_text(json.dumps(found))
    return path


def _find(root: Path, named: str = "last-pass", *, number: int = 5, **fields: Any) -> Baseline:
    """The baseline of the fifth run, which is there already or is not needed."""
    return find_baseline(named, root, judged=root / _id(number), manifest=_manifest(number, **fields))


@pytest.mark.parametrize(
    ("unfit", "why"),
    [
        ({"verdict": "FAIL"}, "it failed"),
        ({"verdict": "WARN"}, "it warned"),
        ({"verdict": None}, "it has no verdict"),
        ({"state": RunPhase.INTERRUPTED}, "it was cut short"),
        ({"state": RunPhase.RUNNING, "verdict": None}, "it goes on"),
        ({"started_unix": START_UNIX + 99.0}, "it began later"),
        ({"fingerprint": {"cpu_count": 4}}, "it was made on another machine"),
        ({"checks": {"compare.rss": "warn"}}, "it was worse than its own baseline"),
        ({"checks": {"compare.kpi.p95": "fail"}}, "it was worse than its own baseline"),
    ],
)
def test_the_last_pass_is_the_newest_fit_one(tmp_path: Path, unfit: dict[str, Any], why: str) -> None:
    """Of three runs before the judged one the newest is passed over, and the one before it is taken."""
    for number, fields in ((1, {}), (2, {}), (3, unfit), (5, {})):
        _run(tmp_path, number, **fields)
    assert _find(tmp_path).name == _id(2), why


@pytest.mark.parametrize(
    "checks", [{"kpi.p95": "fail"}, {"compare.baseline": "no_data"}, {"compare.rss": "info"}, {"compare.rss": "ok"}]
)
def test_another_finding_of_a_later_gate_changes_nothing(tmp_path: Path, checks: dict[str, str]) -> None:
    """A gate with other limits, or one that could not compare, does not unmake a pass."""
    _run(tmp_path, 2)
    _run(tmp_path, 3, checks=checks)
    assert _find(tmp_path).name == _id(3)


def test_a_gate_that_cannot_be_read_makes_no_baseline(tmp_path: Path) -> None:
    """What it found is not known."""
    _run(tmp_path, 2)
    (_run(tmp_path, 3) / "verdict.json").write_text("{")
    assert _find(tmp_path).name == _id(2)


def test_a_damaged_run_is_passed_over(tmp_path: Path) -> None:
    """It cannot have passed."""
    _run(tmp_path, 2)
    (_run(tmp_path, 3) / "run.json").write_text("{")
    assert _find(tmp_path).name == _id(2)


def test_runs_made_later_do_not_change_an_old_verdict(tmp_path: Path) -> None:
    """The same run with the same flags is compared with the same run, now or later."""
    for number in (1, 2, 3, 4):
        _run(tmp_path, number)
    assert _find(tmp_path, number=3).name == _id(2)


def test_without_one_alike_the_newest_is_taken(tmp_path: Path) -> None:
    """So that the reader is told what differs, and can force it."""
    for number in (1, 2):
        _run(tmp_path, number, fingerprint={"cpu_count": 4})
    assert _find(tmp_path).name == _id(2)


def test_the_first_run_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    """That is no error: a pipeline begins somewhere."""
    _run(tmp_path, 5)
    found = _find(tmp_path)
    assert (found.record, found.missing) == (None, "no run before this one passed")


@pytest.mark.parametrize("verdict", ["PASS", "FAIL", None])
def test_a_run_that_is_named_is_taken_whatever_its_verdict(tmp_path: Path, verdict: str | None) -> None:
    """By id, by path, and with its verdict, for the reader."""
    path = _run(tmp_path, 1, verdict=verdict)
    for named in (_id(1), str(path)):
        found = _find(tmp_path, named)
        assert (found.name, found.verdict) == (_id(1), verdict)
        assert found.record is not None
        assert len(found.record.state.iterations) == 1


@pytest.mark.parametrize("named", ["latest", "", "POST_SOAK_SNAPSHOT.json"])
def test_a_run_is_not_compared_with_itself(tmp_path: Path, named: str) -> None:
    """By whatever name: it would always pass."""
    path = _run(tmp_path, 5)
    (path / "POST_SOAK_SNAPSHOT.json").write_text(json.dumps({"kpi_last8": {"mean": {"a": 1}}}))
    with pytest.raises(UsageError, match="cannot be compared with itself"):
        _find(tmp_path, named if named == "latest" else str(path / named))


def test_a_run_without_iterations_is_no_baseline(tmp_path: Path) -> None:
    """It is told at once, and not as a row of missing figures."""
    _run(tmp_path, 1, iterations=0)
    with pytest.raises(NoDataError, match="no iteration to compare with"):
        _find(tmp_path, _id(1))


def test_a_run_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With what there is."""
    _run(tmp_path, 1)
    with pytest.raises(NoDataError, match="there is no run 'nope'"):
        _find(tmp_path, "nope")


def test_the_directory_of_an_older_tool_is_a_baseline(tmp_path: Path) -> None:
    """By its summaries, with what is missing of them."""
    old = tmp_path / "old"
    old.mkdir()
    for number in (1, 3):
        document = {"iteration": number, "summary": {"p95_latency_ms": 200.0 + number}}
        (old / f"ITER_SUMMARY_{number}.json").write_text(json.dumps(document))
    found = _find(tmp_path, str(old))
    assert [item.values["p95_latency_ms"] for item in found.iterations] == [201.0, 203.0]
    assert found.problems == ("ITER_SUMMARY_2.json is missing (1 in all)",)


def test_a_snapshot_has_a_figure_for_each_kpi(tmp_path: Path) -> None:
    """The median, else the mean; what is no number is left out."""
    figures = {"mean": {"a": 1, "b": 2.5, "c": None, "d": True}, "median": {"a": 3.0, "c": "x"}}
    file = tmp_path / "before.json"
    file.write_text(json.dumps({"schema_version": "1.1", "verdict": "WARN", "kpi_last8": figures}))
    found = _find(tmp_path, str(file))
    assert (found.name, found.verdict, dict(found.figures)) == (str(file), "WARN", {"a": 3.0, "b": 2.5})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "it is not JSON"),
        ("[]", "no snapshot of a gate"),
        ("{}", "no snapshot of a gate"),
        ('{"kpi_last8": []}', "no snapshot of a gate"),
        ('{"kpi_last8": {"mean": {"a": NaN}}}', "no snapshot of a gate"),
    ],
)
def test_a_file_that_is_no_snapshot_is_told(tmp_path: Path, text: str, why: str) -> None:
    """Nothing is compared with nothing."""
    file = tmp_path / "snapshot.json"
    file.write_text(text)
    with pytest.raises(NoDataError, match=why):
        _find(tmp_path, str(file))
