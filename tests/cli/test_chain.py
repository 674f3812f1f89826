"""`gate --chain`: one verdict over tests, smoke and the newest soak."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.cli.app import run
from soakctl.errors import ExitCode
from soakctl.services.chain import StepResult, chain_exit, run_chain

if TYPE_CHECKING:
    from pathlib import Path

PASSES = [sys.executable, "-c", "print('3 passed')"]
FAILS = [sys.executable, "-c", "import sys; print('E   boom'); sys.exit(1)"]


def _project(path: Path, monkeypatch: pytest.MonkeyPatch, **chain: Any) -> None:
    config = {"version": 1, "gate": {"chain": {"smoke": "off", "soak": "off", **chain}}}
    (path / "pyproject.toml").write_text("")
    (path / "soakctl.yaml").write_text(json.dumps(config))
    monkeypatch.chdir(path)
    monkeypatch.delenv("ARTIFACTS_DIR", raising=False)


def test_a_chain_that_passes_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every step passed: exit 0, and the line that scripts look for is the last."""
    _project(tmp_path, monkeypatch, tests=[PASSES, PASSES], soak="optional")
    assert run(["gate", "--chain"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == "READY TO DEPLOY"
    assert "skip  soak: there is no run yet" in out


def test_the_first_failing_step_is_named_and_ends_the_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its code is the chain's, its last lines are shown, and nothing runs after it."""
    _project(tmp_path, monkeypatch, tests=[FAILS, PASSES])
    assert run(["gate", "--chain"]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == "NOT READY - Fix issues"
    assert "The first step that did not pass: tests:" in out
    assert "| E   boom" in out
    assert "3 passed" not in out


@pytest.mark.parametrize(
    ("chain", "code"),
    [
        ({"tests": [["no-such-command-anywhere"]]}, ExitCode.DEPENDENCY_ERROR),
        ({"smoke": "required"}, ExitCode.CONFIG_ERROR),
        ({"soak": "required"}, ExitCode.CONFIG_ERROR),
        ({}, ExitCode.CONFIG_ERROR),
    ],
    ids=["command not found", "no service", "no run", "nothing to check"],
)
def test_what_could_not_be_checked_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chain: dict[str, Any], code: ExitCode
) -> None:
    """A step that is required and cannot be made fails with its own code; an empty chain proves nothing."""
    _project(tmp_path, monkeypatch, **chain)
    assert run(["gate", "--chain"]) == code


def test_the_chain_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One document on stdout names the first failing step."""
    _project(tmp_path, monkeypatch, tests=[FAILS])
    assert run(["gate", "--chain", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert not told["ready"]
    assert told["first_failed"].startswith("tests:")
    assert told["steps"][0]["tail"] == ["E   boom"]


def test_steps_run_in_order_until_one_fails() -> None:
    """The runner is lazy: a step after a failure is never called."""
    good = StepResult("good", ExitCode.SUCCESS, "fine")
    bad = StepResult("bad", ExitCode.STALLED, "no")
    called = []

    def step(result: StepResult) -> StepResult:
        called.append(result.name)
        return result

    results = list(run_chain([lambda: step(good), lambda: step(bad), lambda: step(good)]))
    assert called == ["good", "bad"]
    assert chain_exit(results) is ExitCode.STALLED
