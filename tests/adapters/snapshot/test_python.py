"""The Python of a service: found, and asked."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.snapshot.dependencies import declared
from soakctl.adapters.snapshot.python import Answered, find_python, look_at_python
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

ENV = {"PATH": "/usr/bin:/bin"}


def _found(command: list[str] | None, cwd: Path, running: str | None = None, **env: str) -> str | None:
    found = find_python(command, {**ENV, **env}, cwd, root=cwd, running=running)
    return None if found is None else found.executable


def _program(path: Path, first_line: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{first_line}\n")
    path.chmod(0o755)
    return path


def test_an_interpreter_is_found_by_the_command(tmp_path: Path) -> None:
    """Directly, by the first line of a script, and behind what only prepares the way."""
    python = _program(tmp_path / "venv" / "bin" / "python3.12")
    script = _program(tmp_path / "serve", f"#!{python} -u")
    by_env = _program(tmp_path / "by-env", "#!/usr/bin/env -S A=1 python3.12")
    path = {"PATH": f"{python.parent}:/usr/bin:/bin"}
    assert _found([str(python), "app.py"], tmp_path) == str(python)
    assert _found(["venv/bin/python3.12", "app.py"], tmp_path) == str(python)
    assert _found(["python3.12", "app.py"], tmp_path, **path) == str(python)
    assert _found([str(script)], tmp_path) == str(python)
    assert _found([str(by_env)], tmp_path, **path) == str(python)
    assert _found(["env", "A=1", "python3.12", "app.py"], tmp_path, **path) == str(python)


def test_a_service_that_is_no_python_has_none(tmp_path: Path) -> None:
    """Whatever Python there may be beside it."""
    _program(tmp_path / ".venv" / "bin" / "python")
    assert _found(["sleep", "1"], tmp_path) is None
    assert _found(["/no/such/program"], tmp_path) is None


def test_a_runner_takes_the_environment_of_the_project(tmp_path: Path) -> None:
    """And not the Python that is first on the PATH."""
    own, other = _program(tmp_path / ".venv" / "bin" / "python"), _program(tmp_path / "bin" / "python")
    _program(tmp_path / "bin" / "uv")
    assert _found(["uv", "run", "python", "app.py"], tmp_path, PATH=str(other.parent)) == str(own)


def test_without_a_command_the_project_is_asked(tmp_path: Path) -> None:
    """Its virtual environment comes before what is on the PATH."""
    active = _program(tmp_path / "active" / "bin" / "python")
    own = _program(tmp_path / ".venv" / "bin" / "python")
    assert _found(None, tmp_path) == str(own)
    assert _found(None, tmp_path, VIRTUAL_ENV=str(tmp_path / "active")) == str(active)
    assert _found(None, tmp_path / "other", PATH="") is None


def test_the_running_process_knows_best(tmp_path: Path) -> None:
    """But a virtual environment is known by the link that was started, not by what it leads to."""
    real = _program(tmp_path / "python3.12")
    link = tmp_path / "venv" / "bin" / "python"
    link.parent.mkdir(parents=True)
    link.symlink_to(real)
    assert _found(["python", "x"], tmp_path, str(real)) == str(real)
    assert _found([str(link), "x"], tmp_path, str(real)) == str(link)


def _installed(
    site: Path, name: str, version: str, *, requires: str = "", source: dict[str, Any] | None = None
) -> None:
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
    if source is not None:
        (folder / "direct_url.json").write_text(json.dumps(source))


def _ask(tmp_path: Path, **env: str) -> dict[str, Any]:
    full = {**ENV, "PYTHONPATH": str(tmp_path / "site"), **env}
    found = look_at_python([sys.executable, "app.py"], full, tmp_path, root=tmp_path, running=None)
    assert found is not None
    return found


def test_packages_with_their_sources(tmp_path: Path) -> None:
    """Versions, what was installed from elsewhere than an index, and none of its credentials."""
    site = tmp_path / "site"
    commit = {"vcs_info": {"vcs": "git", "commit_id": "c" * 40}}
    _installed(site, "Big_App", "1.0", requires="little>=2")
    _installed(site, "little", "2.1")
    _installed(site, "forked", "3", source={"url": "https://u:hunter2@git.example.com/forked", **commit})
    _installed(site, "mine", "0", source={"url": "file:///srv/mine", "dir_info": {"editable": True}})
    found = _ask(tmp_path)
    packages = found["packages"]
    assert packages["big-app"] == {"version": "1.0", "direct": True}
    assert packages["little"] == {"version": "2.1", "direct": False}
    assert packages["forked"] == {
        "version": "3", "direct": True, "direct_url": "https://git.example.com/forked", "editable": False,
        "commit": "c" * 40,
    }  # fmt: skip
    assert packages["mine"]["editable"]
    assert found["version"] == ".".join(map(str, sys.version_info[:3]))
    assert str(site) in found["path"]
    assert "hunter2" not in json.dumps(found)


def test_what_the_project_asks_for_is_direct(tmp_path: Path) -> None:
    """Where it says so itself, that counts, and not who needs whom."""
    _installed(tmp_path / "site", "big", "1.0", requires="little")
    _installed(tmp_path / "site", "little", "2.1")
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = [\"Little[x]>=2; python_version > '3'\"]\n")
    packages = _ask(tmp_path)["packages"]
    assert (packages["big"]["direct"], packages["little"]["direct"]) == (False, True)


def test_a_module_of_the_service_is_not_taken_for_the_standard_library(tmp_path: Path) -> None:
    """The working directory holds what it wants; asking runs nothing of it."""
    (tmp_path / "json.py").write_text("raise SystemExit(9)")
    (tmp_path / "platform.py").write_text("raise SystemExit(9)")
    assert _ask(tmp_path)["implementation"]


def test_a_python_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """The snapshot goes on without it."""
    broken = tmp_path / "python3"
    broken.write_text("#!/bin/sh\necho no >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(UnavailableError, match="does not answer: exit code 3: no"):
        look_at_python([str(broken)], dict(os.environ), tmp_path, root=tmp_path, running=None)


def test_a_python_is_asked_again_only_when_something_was_installed(tmp_path: Path) -> None:
    """A run looks several times; what is on the path of the service tells whether its packages may have changed."""
    site, log = tmp_path / "site", tmp_path / "asked"
    site.mkdir()
    python = tmp_path / "python3"
    said = f'{{"path": ["{site}"], "packages": {{}}}}'
    python.write_text(f"#!/bin/sh\necho asked >> {log}\necho 'soakctl:{said}'\n")
    python.chmod(0o755)
    answered = Answered()

    def times_asked() -> int:
        found = look_at_python([str(python)], ENV, tmp_path, root=tmp_path, running=None, answered=answered)
        assert found is not None
        assert found["packages"] == {}
        return log.read_text().count("asked")

    assert [times_asked(), times_asked()] == [1, 1]
    os.utime(site, ns=(1, 1))
    assert [times_asked(), times_asked()] == [2, 2]


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    """It explains everything."""
    with pytest.raises(UnavailableError, match="command not found: nodejs-99"):
        look_at_python(["nodejs-99"], ENV, tmp_path, root=tmp_path, running=None)


@pytest.mark.parametrize(
    ("name", "content", "names"),
    [
        ("pyproject.toml", '[project]\ndependencies = ["A.b_c >= 1", "d[e]", 7]', {"a-b-c", "d"}),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.11"\nF = "1"', {"f"}),
        ("pyproject.toml", "[project", set()),
        ("requirements.txt", "g==1 # why\n-r other\n\n# h\ni @ https://u:p@x/i.whl\nhttps://x/j.whl\n", {"g", "i"}),
    ],
)
def test_declared_dependencies(name: str, content: str, names: set[str], tmp_path: Path) -> None:
    """Of the usual places, in one spelling."""
    (tmp_path / name).write_text(content)
    assert declared(tmp_path) == names
