"""Configuration files: what is told of them, and what is not."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.snapshot.files import look_at_files
from soakctl.adapters.snapshot.key import Key
from soakctl.domain.config.snapshot import File
from soakctl.redact import Redactor

if TYPE_CHECKING:
    from pathlib import Path

HIDE = Redactor().text


def _look(root: Path, name: str, content: str | bytes, **count: str) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    (root / name).write_bytes(data)
    found: dict[str, Any] = look_at_files([File(path=name, count=count)], root, hide=HIDE, key=Key(b"k" * 32))[name]
    return found


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.yaml", "a: [1\n", "not valid YAML at line 2, column 1"),
        ("a.yml", "a: hunter2secret\n b: - c: d\n", "not valid YAML at line 2, column 3"),
        ("a.json", '{"a": 1', "not valid JSON at line 1, column 8"),
        ("a.toml", "a = \n", "not valid TOML at line 1, column 5"),
        (".env", "A=1\nhunter2secret\n", "line 2 is no NAME=value"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.yaml", "- " * 5_000, "nested too deeply"),
        ("a.yaml", b"a: \xff", "not UTF-8"),
    ],
)
def test_a_broken_file_is_told_by_its_place(name: str, content: str | bytes, problem: str, tmp_path: Path) -> None:
    """The place is told and never the text, which may be a secret."""
    found = _look(tmp_path, name, content)
    assert (found["exists"], found["valid"]) == (True, False)
    assert found["problem"] == problem
    assert "hunter2" not in json.dumps(found)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", "a: 1\n---\nb: !Own {c: d}\n"),
        ("a.json", "{}"),
        ("a.toml", "a = 1"),
        (".env.local", "# comment\nexport A=1\n\nB=two words\n"),
    ],
)
def test_a_whole_file_is_told(name: str, content: str, tmp_path: Path) -> None:
    """Also with tags of the application's own, and several documents."""
    found = _look(tmp_path, name, content)
    assert found["valid"]
    assert found["sha256"] == hashlib.sha256(content.encode()).hexdigest()
    assert found["size_bytes"] == len(content)


def test_entries_are_counted(tmp_path: Path) -> None:
    """Of lists and mappings; what is neither has no number."""
    content = "accounts: [a, b, c]\nrisk: {rules: {x: 1, y: 2}}\n"
    found = _look(tmp_path, "a.yaml", content, accounts="/accounts", rules="/risk/rules", none="/risk/none")
    assert found["counts"] == {"accounts": 3, "none": None, "rules": 2}


def test_the_hash_is_blind_to_secrets_and_the_fingerprint_is_not(tmp_path: Path) -> None:
    """Two machines whose files differ in a password alone have the same configuration."""
    one = _look(tmp_path, "a.yaml", "host: db\npassword: correct-horse-1\n")
    other = _look(tmp_path, "a.yaml", "host: db\npassword: battery-staple-2\n")
    assert one["holds_secrets"]
    assert one["sha256"] == other["sha256"]
    assert one["fingerprint"] != other["fingerprint"]


def test_what_is_not_there_and_what_is_no_file(tmp_path: Path) -> None:
    """A pipe is not waited for."""
    os.mkfifo(tmp_path / "pipe")
    asked = [File(path=name) for name in ("none", "pipe", ".")]
    found = look_at_files(asked, tmp_path, hide=HIDE, key=None)
    assert found["none"] == {"exists": False}
    assert found["pipe"]["problem"] == "cannot be read: it is no ordinary file"
    assert found["."]["problem"].startswith("cannot be read: ")


def test_well_known_files_are_looked_at_where_they_are(tmp_path: Path) -> None:
    """Nobody has to list pyproject.toml."""
    (tmp_path / "pyproject.toml").write_text("")
    assert list(look_at_files([], tmp_path, hide=HIDE, key=None)) == ["pyproject.toml"]


@given(content=st.binary(max_size=300), name=st.sampled_from(["a.yaml", "a.json", "a.toml", ".env", "a.txt"]))
def test_any_content_is_looked_at(content: bytes, name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever lies in a file, the look is told and can be written as JSON."""
    found = _look(tmp_path_factory.mktemp("any"), name, content)
    assert found["exists"]
    assert json.dumps(found, allow_nan=False)
