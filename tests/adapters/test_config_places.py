"""What a configuration names and this machine does not have is a warning with file, line and key."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.config_file import load
from soakctl.adapters.config_places import places

if TYPE_CHECKING:
    from pathlib import Path


def found(project: Path, text: str) -> tuple[str, ...]:
    """The warnings of a soakctl.yaml."""
    (project / "soakctl.yaml").write_text(text, encoding="utf-8")
    loaded = load(project / "soakctl.yaml", cwd=project, environ={})
    return places(loaded, project, {"PATH": os.environ["PATH"]})


def test_a_directory_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """And nothing is said of what would be looked for in it."""
    text = "version: 1\nservice:\n  cwd: nowhere\n  command: [./app]\n"
    assert found(tmp_path, text) == (
        f"soakctl.yaml:3: service.cwd: {tmp_path}/nowhere does not exist; the service cannot be started",
    )
    (tmp_path / "nowhere").write_text("")
    assert "is no directory" in found(tmp_path, text)[0]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("no-such-command-here -v", "no-such-command-here was not found in PATH; the command cannot be started"),
        ("./app", "./app does not exist in {cwd}"),
        ("/no/such/app", "/no/such/app does not exist"),
        ("./plain", "./plain is not executable"),
        ("sh -c true", ""),
        ("./good", ""),
    ],
)
def test_a_command_that_is_not_there_is_named(tmp_path: Path, command: str, says: str) -> None:
    """As the service would be started: with its own PATH, from its directory."""
    (tmp_path / "plain").write_text("")
    (tmp_path / "good").write_text("#!/bin/sh\n")
    (tmp_path / "good").chmod(0o755)
    expected = (f"soakctl.yaml:2: service.command: {says.format(cwd=tmp_path)}",) if says else ()
    assert found(tmp_path, f"service:\n  command: {command}\n") == expected
    path = "service:\n  env: {PATH: /nowhere}\n  command: [sh]\n"
    assert found(tmp_path, path) == (
        "soakctl.yaml:3: service.command: sh was not found in PATH; the command cannot be started",
    )


def test_only_what_is_run_is_looked_for(tmp_path: Path) -> None:
    """A repeated command takes the place of the service's; the one that verifies the stop counts as well."""
    text = """service:
  command: [not-used]
  stop: {verify: {command: [no-check]}}
soak:
  repeat: {command: [no-batch]}
"""
    keys = [warning.split(": ")[1] for warning in found(tmp_path, text)]
    assert keys == ["soak.repeat.command", "service.stop.verify.command"]
