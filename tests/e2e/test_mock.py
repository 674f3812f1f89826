"""The simulated market maker through the command line: true verdicts, and the same bytes for the same seed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cli import Cli
    from tests.support.inside import Inside

FAKE_UTC = "2025-11-21T02:03:04Z"


def test_a_healthy_day_passes_by_mock_limits_and_fails_by_those_of_production(inside: Inside) -> None:
    """The maker/taker ratio of the simulation is good enough for a mock run and not for a real one."""
    soak = inside.run("soak", "--hours", "24", "--mock")
    assert (soak.code, soak.last) == (0, "Verdict: PASS (exit 0)"), str(soak)
    assert "Mock mode: USE_MOCK=1 (relaxed KPI thresholds)" in soak.out.splitlines()
    gate = inside.run("gate")
    assert (gate.code, gate.out) == (0, soak.out)
    production = inside.run("gate", "--production")
    assert (production.code, production.last) == (1, "Verdict: FAIL (exit 1)"), str(production)
    failed = re.findall(r"^FAIL  (.+?): \w", production.out, re.MULTILINE)
    assert failed == ["maker_taker_ratio", "Iterations passed", "21 checks"]
    assert "Mock mode" not in production.out


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        ("leak", ["resource.rss", "resource.uss"]),
        ("crash", ["stability.crashes", "kpi.risk_ratio", "kpi.net_bps", "iterations"]),
        ("stall", ["stability.liveness"]),
        ("latency", ["kpi.p95_latency_ms", "iterations"]),
        ("zombie", ["resource.zombies"]),
        ("disk", ["resource.disk_total"]),
    ],
)
def test_each_mock_fault_has_its_true_verdict(inside: Inside, fault: str, failed: list[str]) -> None:
    """What bad looks like: the verdict fails for the reason that was put in, and for what follows from it."""
    done = inside.run("soak", "--mock", "--mock-fault", fault, "--json")
    assert done.code == 1, str(done)
    found = [check["id"] for check in done.document()["checks"] if check["severity"] == "fail"]
    assert found == failed


def test_the_same_seed_gives_the_same_bytes(cli: Cli, tmp_path: Path) -> None:
    """Neither the place, nor the time of day, nor the machine's clock leaves a trace in the record."""
    (tmp_path / "elsewhere").mkdir()
    runs = []
    for place, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        env = {"CI_FAKE_UTC": FAKE_UTC, "ARTIFACTS_DIR": str(tmp_path / place)}
        cwd = tmp_path / "elsewhere" if place == "b" else cli.cwd
        done = cli.run("soak", "--mock", "--hours", "6", "--seed", seed, env=env, cwd=cwd)
        runs.append(content(tmp_path / place))
        assert done.last.startswith("Verdict: "), str(done)
    first, second, other = runs
    assert [str(path) for path in first][:1] == ["20251121T020304Z-00000007/ITER_SUMMARY_1.json"]
    assert len(first) > 10
    assert first == second
    assert first != other


def content(artifacts: Path) -> dict[Path, bytes]:
    """Every file below the artifacts' soak directory, with what is in it."""
    soak = artifacts / "soak"
    files = sorted(path for path in soak.rglob("*") if path.is_file() and "latest" not in path.parts)
    return {path.relative_to(soak): path.read_bytes() for path in files}
