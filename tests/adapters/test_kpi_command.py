"""KPIs printed by commands."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters import run_command
from soakctl.adapters.kpi_command import read_command
from soakctl.adapters.kpi_value import NoValueError
from soakctl.domain.config.kpi import CommandSource

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands of these tests are POSIX ones")

ENV = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}


def _read(cwd: Path, script: str, **given: Any) -> float:
    source = CommandSource.model_validate({"command": ["sh", "-c", script], "timeout": "30s", **given})
    return read_command(source, cwd=cwd, env=ENV)


def test_a_number_is_the_whole_output(tmp_path: Path) -> None:
    """White space around it does not count; what goes to stderr does not either."""
    assert _read(tmp_path, "echo warning >&2; echo; echo ' 42.5 '") == 42.5


def test_a_number_in_json(tmp_path: Path) -> None:
    """With a pointer the output is a JSON document."""
    assert _read(tmp_path, """echo '{"queue": [{"depth": 7}]}'""", pointer="/queue/0/depth") == 7


def test_a_relative_command_is_the_service_s(tmp_path: Path) -> None:
    """It is looked for in the service's working directory."""
    script = tmp_path / "depth.sh"
    script.write_text("#!/bin/sh\necho 3\n", encoding="utf-8")
    script.chmod(0o755)
    assert read_command(CommandSource(command=("./depth.sh",)), cwd=tmp_path, env=ENV) == 3


@pytest.mark.parametrize(
    ("script", "given", "reason"),
    [
        ("echo 5; exit 2", {}, "sh: exit code 2: 5"),
        ("echo 'no route' >&2; exit 1", {}, "sh: exit code 1: no route"),
        (":", {}, "the output of sh is empty"),
        ("echo 5 ms", {}, 'the output of sh is "5 ms", not a number'),
        ("echo nan", {}, 'the output of sh is "nan", not a number'),
        (
            "echo '{}'",
            {"pointer": "/a"},
            '"/a" names nothing in the output of sh: the document has no "a"; it has no keys',
        ),
        (":", {"pointer": ""}, "the output of sh is empty"),
        ("echo true", {"pointer": ""}, "the output of sh is true, not a number"),
        ("exec sleep 300", {"timeout": 0.2}, "sh: no end within 0.2s"),
    ],
)
def test_why_a_command_has_no_value(tmp_path: Path, script: str, given: dict[str, Any], reason: str) -> None:
    """Failure, no number and no end each have a reason that names the command; a failing one is never believed."""
    with pytest.raises(NoValueError) as caught:
        _read(tmp_path, script, **given)
    assert str(caught.value) == reason


def test_a_command_that_does_not_exist(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(NoValueError, match=r"^no-such-command: command not found$"):
        read_command(CommandSource(command=("no-such-command",)), cwd=tmp_path, env=ENV)


def test_too_much_output_is_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number cut off from a longer output would be a wrong one."""
    given = {**(run_command.run_bounded.__kwdefaults__ or {}), "max_output": 10}
    monkeypatch.setattr(run_command.run_bounded, "__kwdefaults__", given)
    with pytest.raises(NoValueError, match=r"^sh wrote more than 1 MB$"):
        _read(tmp_path, "printf '12345\\n678901234567'")
