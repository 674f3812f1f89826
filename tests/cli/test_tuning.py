"""`soak --auto-tune` and `gate --deltas` as they are typed."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from soakctl.cli.app import run
from soakctl.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

MINI = ["-q", "soak", "--iterations", "24", "--auto-tune", "--mock"]
TUNED = {
    "parameters": {"limit": {"path": "engine.limit", "initial": 10, "min": 1, "max": 20}},
    "rules": [{"name": "R", "when": {"speed": {"gt": 1}}, "change": {"limit": {"add": 1}}}],
}
KPI = {"name": "speed", "source": {"json": "speed.json"}, "max": 100}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, in which time begins at the same moment."""
    monkeypatch.chdir(tmp_path)
    for name in ("ARTIFACTS_DIR", "ARTIFACTS_ROOT", "SOAK_ARTIFACTS_DIR", "USE_MOCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CI_FAKE_UTC", "2025-11-21T00:00:00Z")
    (tmp_path / "soakctl.yaml").write_text("version: 1\n", encoding="utf-8")
    return tmp_path


def latest(home: Path) -> Path:
    """The directory of the newest run."""
    return (home / "artifacts" / "soak" / "latest").resolve()


def test_the_mini_soak_converges_and_its_strict_gate_passes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Badly set at first; at the end every change is verified, and a freeze was seen."""
    assert run(MINI) == 0
    assert run(["-q", "gate", "--deltas", "--prometheus", "--strict"]) == 0
    metrics = (latest(home) / "POST_SOAK_METRICS.prom").read_text()
    assert run(["-q", "gate", "--prometheus", "--strict", "--mock"]) == 0
    assert (latest(home) / "POST_SOAK_METRICS.prom").read_text() == metrics
    path = latest(home)
    first, last = (json.loads((path / f"ITER_SUMMARY_{number}.json").read_text()) for number in (1, 24))
    assert (first["summary"]["kpi_verdict"], last["summary"]["kpi_verdict"]) == ("FAIL", "PASS")
    snapshot = json.loads((path / "POST_SOAK_SNAPSHOT.json").read_text())
    assert (snapshot["verdict"], snapshot["freeze_seen"], snapshot["freeze_ready"]) == ("PASS", True, True)
    metrics = (path / "POST_SOAK_METRICS.prom").read_text()
    assert "soak_delta_full_apply_ratio{" in metrics
    figures = json.loads((path / "verdict.json").read_text())["tuning"]
    assert (figures["full_apply_ratio"], figures["signature_stuck_count"]) == (1.0, 0)
    assert "- full apply ratio: 1" in (path / "DELTA_VERIFY_REPORT.md").read_text()
    overrides = json.loads((path / "runtime_overrides.json").read_text())
    assert overrides == last["tuning"]["parameters"]
    assert capsys.readouterr().out.splitlines()[-1] == "Verdict: PASS (exit 0)"


def test_a_tuned_mock_run_is_the_same_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the byte, whatever its directory; and nothing of it is there without the flag."""
    found = []
    for name in ("one", "two"):
        monkeypatch.setenv("ARTIFACTS_DIR", str(tmp_path / name))
        run(MINI)
        path = (tmp_path / name / "soak" / "latest").resolve()
        found.append({item.name: item.read_bytes() for item in path.iterdir() if item.is_file()})
    assert found[0] == found[1]
    monkeypatch.setenv("ARTIFACTS_DIR", str(tmp_path / "plain"))
    run(["-q", "soak", "--iterations", "24", "--mock"])
    plain = {item.name for item in (tmp_path / "plain" / "soak" / "latest").iterdir()}
    assert found[0].keys() - plain == {"TUNING_REPORT.json", "DELTA_VERIFY_REPORT.md", "runtime_overrides.json"}


def test_the_net_change_is_a_diff_of_the_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For a person to apply: taken back from the file it leaves the parameters that it began with."""
    run(MINI[1:])
    told = capsys.readouterr().out
    assert '-    "concurrency_limit": 10,\n' in told
    assert '+    "concurrency_limit": 7,\n' in told
    lines = told[told.index("--- a/") :].split("\n")
    diff = "\n".join(lines[: lines.index("")]) + "\n"
    command = ["git", "apply", "--reverse", "-"]
    subprocess.run(command, cwd=home, input=diff.encode(), check=True)
    initial = json.loads((latest(home) / "runtime_overrides.json").read_text())
    assert initial["engine"]["concurrency_limit"] == 10
    assert run(["-q", "gate", "--deltas"]) == 1, "the file is no longer what was recorded"
    assert "concurrency_limit: meant 7, found 10" in (latest(home) / "DELTA_VERIFY_REPORT.md").read_text()


def test_proposals_alone_leave_no_file(home: Path) -> None:
    """Recorded, and held back for that reason alone."""
    run(["-q", "soak", "--iterations", "4", "--mock", "--propose-only"])
    path = latest(home)
    assert not (path / "runtime_overrides.json").exists()
    row = json.loads((path / "ITER_SUMMARY_1.json").read_text())["tuning"]
    assert row["skip_reason"]["guard"] == "propose_only"
    assert run(["-q", "gate", "--deltas", "--strict"]) == 0


def test_deltas_alone_need_a_tuned_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to verify is no pass."""
    run(["-q", "soak", "--iterations", "4", "--mock"])
    assert run(["gate", "--deltas"]) == ExitCode.CONFIG_ERROR
    assert "did not tune" in capsys.readouterr().err


def test_a_tampered_summary_fails_alone_and_in_the_whole_gate(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Naming iteration, parameter, what was meant and what was found."""
    run(MINI)
    path = latest(home) / "ITER_SUMMARY_2.json"
    document = json.loads(path.read_text())
    document["tuning"]["values"]["concurrency_limit"]["found"] = 9
    path.write_text(json.dumps(document))
    for flags in (["--deltas"], ["--strict", "--mock"]):
        capsys.readouterr()
        assert run(["gate", *flags, "--json"]) == 1
        checks = {check["id"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
        assert "iteration 2, concurrency_limit: meant 7, found 9" in checks["deltas.integrity"]["reason"]


def test_a_malformed_summary_is_said_and_never_passes(home: Path) -> None:
    """Whatever stands where an object belongs."""
    run(MINI)
    path = latest(home) / "ITER_SUMMARY_2.json"
    document = json.loads(path.read_text())
    cases: list[object] = [7, [], {"values": 3}, {**document["tuning"], "values": {"a": 1}}, None]
    for broken in cases:
        path.write_text(json.dumps({**document, "tuning": broken}))
        assert run(["-q", "gate", "--deltas", "--strict"]) == 1
    path.write_text("{")
    assert run(["-q", "gate", "--deltas", "--strict"]) == 1


@pytest.mark.parametrize(
    ("tuning", "overrides", "said"),
    [
        ({}, None, "no tuning.parameters"),
        ({**TUNED, "rules": []}, None, "no tuning.rules"),
        (TUNED, '{"engine": 7}', "engine is not an object"),
        (TUNED, '{"engine": {"limit": 99}}', "out of bounds: 1 to 20"),
        (TUNED, "{", "is not what is expected"),
    ],
)
def test_what_cannot_tune_is_said_before_anything_starts(
    tuning: dict[str, object], overrides: str | None, said: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3, and no run."""
    config = {"version": 1, "kpis": [KPI], "tuning": {**tuning, "file": "o.json"}}
    (home / "soakctl.yaml").write_text(json.dumps(config), encoding="utf-8")
    if overrides is not None:
        (home / "o.json").write_text(overrides, encoding="utf-8")
    assert run(["soak", "--auto-tune", "--", "true"]) == ExitCode.CONFIG_ERROR
    assert said in capsys.readouterr().err
    assert not (home / "artifacts").exists()


def test_limits_follow_three_good_runs(home: Path) -> None:
    """The fourth run is judged by what the three before it showed, now and later."""
    kpi = {"name": "speed", "source": {"json": "s.json"}, "max": 400, "adaptive": {"k": 3}}
    config = {"version": 1, "service": {"name": "mine"}, "kpis": [{**kpi, "mock": {"value": 200.0, "noise": 2.0}}]}
    (home / "soakctl.yaml").write_text(json.dumps(config), encoding="utf-8")
    for seed in ("1", "2", "3"):
        assert run(["-q", "soak", "--mock", "--iterations", "8", "--seed", seed]) == 0
        assert "mock" in json.loads((latest(home) / "run.json").read_text())["mode"]
    run(["-q", "soak", "--mock", "--iterations", "8", "--seed", "4"])
    manifest = json.loads((latest(home) / "run.json").read_text())
    assert len(manifest["history"]) == 3
    limit = manifest["config"]["kpis"][0]["mock"]["max"]
    assert 195.0 < limit < 210.0
    config["kpis"][0]["mock"]["value"] = 250.0  # type: ignore[index]
    (home / "soakctl.yaml").write_text(json.dumps(config), encoding="utf-8")
    assert run(["-q", "soak", "--mock", "--iterations", "8", "--seed", "5"]) == 1
    assert run(["-q", "gate"]) == 1


def test_a_report_of_another_tool_is_verified_without_summaries(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be judged without summaries is not judged."""
    run(MINI)
    other = home / "other"
    other.mkdir()
    report = json.loads((latest(home) / "TUNING_REPORT.json").read_text())
    (other / "TUNING_REPORT.json").write_text(json.dumps(report))
    assert run(["-q", "gate", "--path", str(other), "--deltas", "--strict"]) == 0
    assert run(["-q", "gate", "--path", str(other)]) == ExitCode.CONFIG_ERROR
    report["iterations"][1]["values"]["concurrency_limit"]["found"] = 9
    (other / "TUNING_REPORT.json").write_text(json.dumps(report))
    capsys.readouterr()
    assert run(["gate", "--path", str(other), "--deltas"]) == 1
    assert "iteration 2, concurrency_limit: meant 7, found 9" in capsys.readouterr().out
