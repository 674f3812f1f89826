"""Which file is read, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.config_file import load, write_config
from soakctl.errors import ConfigError, UnavailableError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from soakctl.domain.config.loaded import Loaded


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a working directory two levels down."""
    (tmp_path / "project" / "sub" / "deep").mkdir(parents=True)
    (tmp_path / "project" / ".git").mkdir()
    (tmp_path / "soakctl.yaml").write_text("service: {name: outside}")
    return tmp_path / "project"


def _load(cwd: Path, explicit: Path | None = None, **environ: str) -> Loaded:
    return load(explicit, cwd=cwd, environ=environ)


def _named(path: Path, name: str) -> Path:
    path.write_text(f"service: {{name: {name}}}", encoding="utf-8")
    return path


def _pyproject(path: Path, text: str = '[tool.soakctl.service]\nname = "toml"\n') -> None:
    (path / "pyproject.toml").write_text(text, encoding="utf-8")


def test_each_place_is_looked_at_in_its_order(project: Path) -> None:
    """A file found earlier hides the ones after it, and nothing is merged."""
    deep = project / "sub" / "deep"
    found = [_load(deep)]
    _pyproject(project)
    found.append(_load(deep))
    _named(project / "soakctl.yaml", "root")
    found.append(_load(deep))
    _named(deep / "soakctl.yaml", "here")
    found.append(_load(deep))
    variable = str(_named(project / "other.yaml", "variable"))
    found.append(_load(deep, SOAKCTL_CONFIG=variable))
    found.append(_load(deep, _named(project / "flag.yaml", "flag"), SOAKCTL_CONFIG=variable))
    assert [(one.source, one.config.service.name) for one in found] == [
        ("defaults", "service"),
        ("pyproject.toml", "toml"),
        ("soakctl.yaml", "root"),
        ("soakctl.yaml", "here"),
        ("SOAKCTL_CONFIG", "variable"),
        ("--config", "flag"),
    ]
    assert {one.root for one in found} == {project}


def test_the_search_ends_at_the_nearest_project_root(project: Path) -> None:
    """A file above the root, in a home directory say, belongs to something else."""
    assert _load(project).source == "defaults"
    (project / "sub" / "pyproject.toml").write_text("")
    _named(project / "soakctl.yaml", "root")
    assert _load(project / "sub" / "deep").root == project / "sub"
    assert _load(project / "sub" / "deep").source == "defaults"


def test_without_a_project_only_the_working_directory_counts(tmp_path: Path) -> None:
    """Nothing says how far up a project would reach."""
    _named(tmp_path / "soakctl.yaml", "above")
    (tmp_path / "sub").mkdir()
    loaded = _load(tmp_path / "sub")
    assert (loaded.source, loaded.root, loaded.path) == ("defaults", tmp_path / "sub", None)
    assert _load(tmp_path).config.service.name == "above"


def test_names_from_flag_and_variable_start_at_the_working_directory(project: Path) -> None:
    """A relative name means what it means to the shell; an empty variable is unset."""
    _named(project / "sub" / "x.yaml", "x")
    assert _load(project, SOAKCTL_CONFIG="sub/x.yaml").path == project / "sub" / "x.yaml"
    assert _load(project, SOAKCTL_CONFIG="").source == "defaults"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\ufeff", "service:\nkpis:\n"])
def test_an_empty_file_holds_the_defaults(project: Path, text: str) -> None:
    """Nothing has to be configured, and the file is still named as the source."""
    (project / "soakctl.yaml").write_text(text, encoding="utf-8")
    loaded = _load(project)
    assert (loaded.config.soak.hours, loaded.source) == (24.0, "soakctl.yaml")


def test_what_the_file_sets_is_known_by_line(project: Path) -> None:
    """`config show` can say where each value comes from."""
    (project / "soakctl.yaml").write_text("smoke:\n  deadline: 9s\nkpis:\n- {name: a, source: {json: x}, max: 1}\n")
    assert _load(project).origins == {
        "smoke.deadline": "soakctl.yaml:2",
        "kpis[a].name": "soakctl.yaml:4",
        "kpis[a].source.json": "soakctl.yaml:4",
        "kpis[a].max": "soakctl.yaml:4",
    }


def test_warnings_name_file_line_and_key(project: Path) -> None:
    """What is foolish is told like what is wrong, but nothing stops for it."""
    (project / "soakctl.yml").write_text("")
    (project / "soakctl.yaml").write_text("soak:\n  duration: 1h\n  sample_every: 8m\n")
    (project / "sub" / "soakctl.yml").write_text("")
    misnamed, foolish = _load(project / "sub").warnings
    assert misnamed == "soakctl.yml: is not read; name it soakctl.yaml"
    assert foolish.startswith("../soakctl.yaml:3: soak.sample_every: is longer than an iteration of 7m30s")


def _message(cwd: Path, explicit: Path | None = None, **environ: str) -> str:
    with pytest.raises(ConfigError) as refused:
        _load(cwd, explicit, **environ)
    return "; ".join(part for part in (refused.value.message, refused.value.hint) if part)


def test_files_that_cannot_be_read_are_told(project: Path) -> None:
    """Each message names the file and what to do."""
    (project / "folder.yaml").mkdir()
    (project / "latin.yaml").write_bytes(b"a: 1\nb: caf\xe9\n")
    (project / "huge.yaml").write_bytes(b"#" * 300_000)
    (project / "empty.toml").write_text("")
    said = {name: _message(project, project / name) for name in ("no.yaml", "folder.yaml", "latin.yaml", "huge.yaml")}
    assert said == {
        "no.yaml": "no.yaml: no such file; 'soakctl init' writes a commented soakctl.yaml",
        "folder.yaml": "folder.yaml: is a directory; name the file in it",
        "latin.yaml": "latin.yaml:2: not UTF-8; save the file as UTF-8",
        "huge.yaml": "huge.yaml: larger than 256 KiB, which is no configuration",
    }
    assert _message(project, project / "empty.toml") == "empty.toml: holds no table [tool.soakctl]"
    assert _message(project, SOAKCTL_CONFIG="bad\n").startswith("bad")


def test_a_wrong_file_named_by_the_variable_says_so(project: Path) -> None:
    """The person may not know that the variable is set."""
    (project / "bad.yaml").write_text("nope: 1")
    assert "environment variable SOAKCTL_CONFIG" in _message(project, SOAKCTL_CONFIG="bad.yaml")


def test_a_dangling_link_is_no_missing_file(project: Path) -> None:
    """A configuration that was meant to be there is not replaced by defaults in silence."""
    (project / "soakctl.yaml").symlink_to("gone.yaml")
    assert "soakctl.yaml: no such file" in _message(project)


def test_a_file_that_cannot_be_opened_is_told(project: Path) -> None:
    """What the system says is passed on."""
    (project / "soakctl.yaml").symlink_to("soakctl.yaml")
    assert _message(project) == "soakctl.yaml: cannot be read: Too many levels of symbolic links"


TOML = """\
[project]
name = "x"

[tool.soakctl.smoke]
deadline = "soon"

[[tool.soakctl.kpis]]
name = "a"
source = {json = "x"}

[[tool.soakctl.kpis]]
name = "b"
maxx = 3
[tool.soakctl.kpis.source]
json = 5

[tool.soakctl]
"gate".window = "many"
"""


def test_errors_in_pyproject_have_lines_too(project: Path) -> None:
    """Tables, lists of tables and dotted keys are found again."""
    _pyproject(project, TOML)
    said = [line.split(": ")[:2] for line in _message(project).splitlines()[1:]]
    assert said == [
        ["pyproject.toml:5", "smoke.deadline"],
        ["pyproject.toml:13", "kpis[b].maxx"],
        ["pyproject.toml:15", "kpis[b].source.json"],
        ["pyproject.toml:18", "gate.window"],
    ]


@pytest.mark.parametrize(
    "text", ["[tool.ruff]\n", "[tool]\nsoakctl_like = 1\n", "broken = \n", "tool = 3\n", "[project]\nname = 'x'\n"]
)
def test_a_pyproject_that_is_not_about_soakctl_is_passed_over(project: Path, text: str) -> None:
    """Defaults hold, and someone else's mistake is not soakctl's business."""
    _pyproject(project, text)
    loaded = _load(project)
    assert (loaded.source, loaded.path) == ("defaults", None)


def test_a_broken_pyproject_about_soakctl_is_an_error(project: Path) -> None:
    """Otherwise its configuration would be lost in silence."""
    _pyproject(project, "[tool.soakctl]\nversion = \n")
    assert _message(project) == "pyproject.toml:2:11: not TOML: Invalid value\n    version = \n              ^"
    _pyproject(project, "tool.soakctl = 5\n")
    assert _message(project) == "pyproject.toml:1: tool.soakctl must be a table"


def test_writing_replaces_nothing_unasked(project: Path) -> None:
    """A configuration that someone has written is not lost."""
    path = project / "soakctl.yaml"
    write_config(path, "version: 1\n", replace=False)
    with pytest.raises(UsageError, match="exists already"):
        write_config(path, "", replace=False)
    assert path.read_text() == "version: 1\n"
    write_config(path, "# new\n", replace=True)
    assert path.read_text() == "# new\n"


def test_a_directory_that_is_not_there_cannot_be_written_to(project: Path) -> None:
    """The message names the path."""
    with pytest.raises(UnavailableError, match=r"gone/soakctl\.yaml: No such file"):
        write_config(project / "gone" / "soakctl.yaml", "", replace=False)
