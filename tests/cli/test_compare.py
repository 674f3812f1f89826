"""`gate --compare`: what got worse since another run, through the command line and its exit code."""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.run_reader import read_record
from soakctl.cli.app import run
from soakctl.domain.baseline import Baseline
from soakctl.judge.baseline import compare
from soakctl.services.gate import recorded_config

if TYPE_CHECKING:
    from pathlib import Path

# Limits so wide that slow answers are no failure by themselves.
CONFIG = """
version: 1
service: {name: maker, command: [maker]}
kpis:
  - {name: p95_latency_ms, source: {json: edge.json}, max: 900, unit: ms, mock: {value: %s, noise: 4}, key: %s}
"""


class Soaks:
    """Mock soaks of one project, each begun a minute after the other, and gates of them."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """An empty project in the folder."""
        self.path, self._monkeypatch, self._capsys, self._count = path, monkeypatch, capsys, 0
        (path / "pyproject.toml").write_text("")
        monkeypatch.chdir(path)
        monkeypatch.delenv("ARTIFACTS_DIR", raising=False)

    def soak(self, *flags: str, latency: float | None = None, key: bool = False) -> str:
        """Soak for two hours of virtual time, and give the id; `latency` by a configuration of the project's own."""
        self._count += 1
        if latency is not None:
            (self.path / "soakctl.yaml").write_text(CONFIG % (latency, str(key).lower()))
        self._monkeypatch.setenv("CI_FAKE_UTC", f"2026-01-01T00:{self._count:02d}:00Z")
        given = flags if "--duration" in flags else ("--duration", "2h", *flags)
        run(["-q", "soak", "--mock", "--seed", str(self._count), *given])
        self._capsys.readouterr()
        return (self.path / "artifacts" / "soak" / "latest").resolve().name

    def gate(self, *flags: str) -> tuple[int, dict[str, Any]]:
        """The exit code, and the document that was printed."""
        code = run(["gate", "--json", *flags])
        return code, json.loads(self._capsys.readouterr().out)

    def text(self, *flags: str) -> str:
        """What people see."""
        run(["gate", *flags])
        return self._capsys.readouterr().out


@pytest.fixture
def soaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Soaks:
    """A project to soak."""
    return Soaks(tmp_path, monkeypatch, capsys)


def _severities(document: dict[str, Any]) -> dict[str, str]:
    return {check["id"]: check["severity"] for check in document["checks"] if check["id"].startswith("compare.")}


def test_a_healthy_run_passes_against_another(soaks: Soaks) -> None:
    """Two seeds differ by noise: nothing is found, whoever is called the baseline, and twice the same is said."""
    first, _ = soaks.soak(), soaks.soak()
    code, document = soaks.gate("--compare", "last-pass")
    assert (code, document["verdict"]) == (0, "PASS")
    assert set(_severities(document).values()) == {"ok"}
    assert len(_severities(document)) >= 10
    header = next(check for check in document["checks"] if check["id"] == "compare.baseline")
    assert header["value"] == first
    assert soaks.gate("--compare", first) == (code, document)


def test_a_slow_run_is_found(soaks: Soaks) -> None:
    """Slow enough for the limits to fail, and told to be worse than the last run that passed."""
    soaks.soak()
    soaks.soak("--mock-fault", "latency")
    code, document = soaks.gate("--compare", "last-pass")
    assert code == 1
    assert {name for name, severity in _severities(document).items() if severity != "ok"} == {
        "compare.kpi.p95_latency_ms"
    }


@pytest.mark.parametrize(
    ("latency", "flags", "code", "verdict"),
    [
        (100.0, [], 0, "PASS"),
        (125.0, [], 0, "WARN"),
        (125.0, ["--fail-on", "warn"], 1, "WARN"),
        (125.0, ["--strict"], 1, "FAIL"),
        (75.0, ["--strict"], 0, "PASS"),
    ],
)
def test_a_regression_within_the_limits_warns(
    soaks: Soaks, latency: float, flags: list[str], code: int, verdict: str
) -> None:
    """A quarter slower is far from the limit: a warning, which --fail-on warn and --strict make a failure."""
    soaks.soak(latency=100.0)
    soaks.soak(latency=latency)
    found, document = soaks.gate("--compare", "last-pass", *flags)
    assert (found, document["verdict"]) == (code, verdict)


def test_a_regression_of_a_key_figure_fails(soaks: Soaks) -> None:
    """`key: true` is a veto here, too; the line says what it is made of."""
    soaks.soak(latency=100.0, key=True)
    soaks.soak(latency=125.0, key=True)
    code, document = soaks.gate("--compare", "last-pass")
    assert (code, document["verdict"]) == (1, "FAIL")
    finding = next(check for check in document["findings"] if check["id"] == "compare.kpi.p95_latency_ms")
    assert finding["reason"].startswith("REGRESSION; was ")
    assert finding["window"] == "8 vs 8"
    assert "p95_latency_ms vs baseline" in soaks.text("--compare", "last-pass")


def test_a_run_that_got_worse_does_not_become_the_new_normal(soaks: Soaks) -> None:
    """The third run is compared with the first: the second passed by its limits, and was worse than the first."""
    first = soaks.soak(latency=100.0)
    soaks.soak(latency=125.0)
    soaks.gate("--compare", "last-pass")
    soaks.soak(latency=125.0)
    code, document = soaks.gate("--compare", "last-pass", "--fail-on", "warn")
    assert code == 1
    assert next(check["value"] for check in document["checks"] if check["id"] == "compare.baseline") == first


def test_without_a_run_that_passed_nothing_is_promised(soaks: Soaks) -> None:
    """The first gate of a pipeline warns that there was nothing to compare with; strictly it fails."""
    soaks.soak()
    code, document = soaks.gate("--compare", "last-pass")
    assert (code, document["verdict"], _severities(document)) == (0, "WARN", {"compare.baseline": "no_data"})
    assert soaks.gate("--compare", "last-pass", "--strict")[0] == 1


def test_runs_of_another_cut_are_compared_by_force_alone(soaks: Soaks) -> None:
    """What differs is named; with --force the figures are there, and that it was forced."""
    first = soaks.soak("--duration", "4h")
    soaks.soak()
    code, document = soaks.gate("--compare", first)
    assert (code, _severities(document)) == (0, {"compare.baseline": "no_data"})
    assert "INCOMPARABLE: iterations of 15m00s, baseline 30m00s" in json.dumps(document)
    assert soaks.gate("--compare", first, "--strict")[0] == 1
    document = soaks.gate("--compare", first, "--force")[1]
    assert _severities(document)["compare.kpi.p95_latency_ms"] == "ok"
    assert "compared by force although iterations of 15m00s" in json.dumps(document)


def test_a_snapshot_is_a_baseline(soaks: Soaks) -> None:
    """A file that was put aside: its figures are compared, and the doubt is said."""
    first = soaks.soak(latency=100.0)
    aside = soaks.path / "before.json"
    aside.write_bytes((soaks.path / "artifacts" / "soak" / first / "POST_SOAK_SNAPSHOT.json").read_bytes())
    soaks.soak(latency=125.0)
    code, document = soaks.gate("--compare", "before.json", "--fail-on", "warn")
    assert (code, _severities(document)) == (1, {"compare.baseline": "info", "compare.kpi.p95_latency_ms": "warn"})


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["--compare", "latest"], 64),
        (["--compare", "nothing-like-that"], 3),
        (["--compare", "soakctl.yaml"], 3),
        (["--force"], 64),
        (["--compare", "last-pass", "--chain"], 64),
        (["--compare", "last-pass", "--resources", "soakctl.yaml"], 64),
    ],
)
def test_what_cannot_be_compared_is_told(soaks: Soaks, flags: list[str], code: int) -> None:
    """A slip of the command line is 64, a baseline that is not there 3; never a verdict."""
    soaks.soak(latency=100.0)
    found, document = soaks.gate(*flags)
    assert (found, document["error"]["code"]) == (code, code)
    assert document["error"]["hint"] or code == 64


def test_healthy_runs_of_many_seeds_do_not_differ(soaks: Soaks) -> None:
    """Whichever two of six healthy runs are compared, no figure of the one is found to be worse than of the other."""
    records = [read_record(soaks.path / "artifacts" / "soak" / soaks.soak()) for _ in range(6)]
    config = recorded_config(records[0])
    for one, other in permutations(records, 2):
        checks = compare(one, config, Baseline("other", verdict="PASS", record=other), mock=True)
        assert {check.severity for check in checks} == {"ok"}
