"""What logs read of a configuration without the model is what the model says, or not called plain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.config_file import load
from soakctl.adapters.config_glance import KEYS, glance
from soakctl.domain.config.root import Config, Redact
from soakctl.domain.config.service import Secret, Service
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

PLAIN = """
version: 1
service:
  name: app
  command: [python, app.py]
  cwd: backend
  env: {DSN_TOKEN: 1234567, EMPTY: ""}
  secrets: [API_KEY, {name: DB_PASSWORD, file: db.txt}]
  logs: [data/app.log, "data/*.log"]
redact: {extra: ['acct-\\d+'], keep: [acct-0]}
kpis: [{name: x, source: {json: a.json, pointer: /x}, max: 1}]
"""
_ODD = st.sampled_from([None, "", "x", "A_B", "a b", "(", 1, 1.5, True, [], ["x"], {}, {"a": "b"}, {"": "b"}, "\0"])
_TEXTS = st.lists(_ODD, max_size=3) | _ODD
_SECRETS = st.lists(_ODD | st.fixed_dictionaries({"name": _ODD}, optional={"file": _ODD}), max_size=3) | _ODD
_VALUES = st.dictionaries(st.sampled_from(["A", "B=", ""]), _ODD, max_size=2) | _ODD
_FILES = st.fixed_dictionaries(
    {},
    optional={
        "version": st.sampled_from([1, 2, True, None, "1"]),
        "service": st.fixed_dictionaries(
            {}, optional={"cwd": _ODD, "env": _VALUES, "secrets": _SECRETS, "logs": _TEXTS, "lgos": _ODD}
        )
        | _ODD,
        "redact": st.fixed_dictionaries({}, optional={"extra": _TEXTS, "keep": _TEXTS}) | _ODD,
        "other": _ODD,
    },
)


def _same(directory: Path, text: str, *, name: str = "soakctl.yaml") -> bool:
    """Whether the file is plain; if it is, what was seen has to be what the model says."""
    (directory / name).write_text(text, encoding="utf-8")
    (directory / ".git").mkdir(exist_ok=True)
    seen = glance(None, cwd=directory, environ={})
    if not seen.is_plain:
        return False
    loaded = load(None, cwd=directory, environ={})
    service, redact = loaded.config.service, loaded.config.redact
    secrets = tuple((each.name, each.file) for each in service.secrets)
    wanted = (service.cwd, service.env, secrets, service.logs, redact.extra, redact.keep)
    assert (seen.path, seen.root, *seen[4:]) == (loaded.path, loaded.root, *wanted)
    return True


@given(data=_FILES)
def test_what_is_called_plain_is_what_the_model_says(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    """Whatever stands in the sections that are looked at; JSON is YAML."""
    home = tmp_path_factory.getbasetemp() / "glance"  # not the base itself: other tests lie below it
    home.mkdir(exist_ok=True)
    _same(home, json.dumps(data))


def test_an_ordinary_file_is_plain(tmp_path: Path) -> None:
    """It is read without the model."""
    assert _same(tmp_path, PLAIN)
    assert _same(tmp_path, "")


def test_a_table_of_pyproject_is_plain(tmp_path: Path) -> None:
    """As is a pyproject.toml that holds nothing of soakctl's."""
    assert _same(tmp_path, '[tool.soakctl.service]\nsecrets = ["API_KEY"]\nlogs = ["a.log"]\n', name="pyproject.toml")
    assert _same(tmp_path, '[project]\nname = "a"\n', name="pyproject.toml")


@pytest.mark.parametrize("text", ["service: [", "service: {secrets: [API_KEY], loggs: [a]}", "a: 1\na: 2"])
def test_what_is_odd_is_left_to_the_model(tmp_path: Path, text: str) -> None:
    """Which says what is wrong with it."""
    assert not _same(tmp_path, text)
    with pytest.raises(ConfigError):
        load(None, cwd=tmp_path, environ={})


def test_of_a_broken_file_what_is_right_is_seen(tmp_path: Path) -> None:
    """The names of secrets above all."""
    (tmp_path / "soakctl.yaml").write_text("service: {secrets: [API_KEY, 7], loggs: [a]}\n", encoding="utf-8")
    seen = glance(None, cwd=tmp_path, environ={})
    assert not seen.is_plain
    assert [secret.name for secret in seen.secrets] == ["API_KEY"]


def test_the_keys_are_those_of_the_model() -> None:
    """A new one is known here too."""
    models: dict[str, type[BaseModel]] = {"": Config, "service": Service, "secret": Secret, "redact": Redact}
    for section, model in models.items():
        assert KEYS[section] == {field.alias or name for name, field in model.model_fields.items()}, section
    assert get_args(Config.model_fields["version"].annotation) == (1,)
