"""Where the overrides file must not lie, and what could never be written into it: told before anything is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soakctl.cli.app import run
from soakctl.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """version: 1
service: {{command: ["true"]}}
kpis: [{{name: speed, source: {{json: r.json}}, max: 1}}]
tuning:
  file: {file}
  parameters: {{limit: {{path: limit, initial: 10, min: 1, max: 20}}}}
  rules: [{{name: R, when: {{speed: {{gt: 1}}}}, change: {{limit: {{add: -1}}}}}}]
"""
RUN = "artifacts/soak/20251121T020304Z-1a2b3c4d/o.json"


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("soakctl.yaml", "the configuration itself"),
        ("link.yaml", "the configuration itself"),
        (RUN, "among the artifacts"),
        ("artifacts/soak/latest/o.json", "among the artifacts"),
    ],
)
def test_a_file_that_is_not_its_own_is_refused(
    file: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a check of the configuration and when a run begins; links are followed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "soakctl.yaml").write_text(CONFIG.format(file=file), encoding="utf-8")
    (tmp_path / "link.yaml").symlink_to("soakctl.yaml")
    for command in (["config", "check"], ["soak", "--auto-tune", "--hours", "1"]):
        assert run(command) == ExitCode.CONFIG_ERROR
        assert told in capsys.readouterr().err
    assert not (tmp_path / "artifacts").exists()


def test_a_file_that_cannot_be_written_is_found_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By trying it, without a write; the default place is a good one."""
    monkeypatch.chdir(tmp_path)
    file = "artifacts/soak/runtime_overrides.json"
    (tmp_path / "soakctl.yaml").write_text(CONFIG.format(file=file), encoding="utf-8")
    assert run(["config", "check"]) == 0
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text('{"big": 1e400}', encoding="utf-8")
    assert run(["soak", "--auto-tune", "--hours", "1"]) == ExitCode.CONFIG_ERROR
    assert "cannot be tuned" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == '{"big": 1e400}'
