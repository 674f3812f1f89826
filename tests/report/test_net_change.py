"""The net change of the parameters: a diff that other programs can apply, and that shows no secret."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.report.net_change import changed_parameters, file_diff

if TYPE_CHECKING:
    from pathlib import Path

JSON = '{\n  "name": "mine",\n  "engine": {"limit": 10, "age": 1},\n  "a": 1,\n  "b": 2,\n  "c": 3,\n  "d": 4\n}\n'
YAML = "# kept by hand\nname: mine\nengine:\n  limit: 10\nlist: [1, 2]\n"


def plain(text: str) -> str:
    """Nothing to hide."""
    return text


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("name", ["o.json", "deep/er/o b.yaml", 'quo"te.json', "ü.json"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (JSON, JSON.replace("10", "7")),
        (JSON.rstrip("\n"), JSON.replace("10", "7")),
        (JSON, JSON.replace("10", "7").rstrip("\n")),
        (YAML, "name: mine\nengine:\n  limit: 7\nlist:\n- 1\n- 2\n"),
        (JSON.replace("mine", "mi\u2028ne\x0c").replace("\n", "\r\n"), JSON),
        (None, JSON),
    ],
)
def test_git_applies_the_diff(old: str | None, new: str, name: str, tmp_path: Path) -> None:
    """To the file as it was, which is then as it is."""
    target = tmp_path / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if old is not None:
        target.write_bytes(old.encode())
    diff = file_diff(old, new, name, hide=plain)
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    done = subprocess.run(command, cwd=tmp_path, input=diff.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert target.read_bytes() == new.encode()


def test_lines_around_the_change_that_hold_a_secret_are_left_out() -> None:
    """The diff can still be applied; where the changed line holds it, there is none."""

    def hide(text: str) -> str:
        return text.replace("mine", "[HIDDEN]")

    diff = file_diff(JSON, JSON.replace("10", "7"), "o.json", hide=hide)
    assert "mine" not in diff
    assert '-  "engine": {"limit": 10, "age": 1},' in diff
    assert file_diff(JSON, JSON.replace("mine", "mines"), "o.json", hide=hide) == ""


def test_what_came_back_to_where_it_was_is_no_change() -> None:
    """First and last value of each parameter; rows that know no parameters tell nothing."""

    def row(limit: int, *, before: int | None = None) -> dict[str, Any]:
        values = {} if before is None else {"limit": {"path": "e.limit", "before": before, "found": limit}}
        return {"parameters": {"e": {"limit": limit}, "x": 1}, "values": values}

    assert changed_parameters({1: row(9, before=10), 2: row(8, before=9)}) == [("e.limit", 10, 8)]
    assert changed_parameters({1: row(9, before=10), 2: row(10, before=9)}) == []
    assert changed_parameters({1: {"parameters": None, "values": {}}}) == []
    assert changed_parameters({}) == []
