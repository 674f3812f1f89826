"""Secrets of the service: where they are looked for, and that they are not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.secrets import Resolved, resolve_secrets, service_environment
from soakctl.domain.config.root import Config
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

VALUE = "s3cret-value"


def _resolve(run_secrets: Path, environ: dict[str, str], *secrets: object, root: Path | None = None) -> Resolved:
    config = Config.model_validate({"service": {"secrets": list(secrets)}})
    return resolve_secrets(config.service.secrets, environ, run_secrets, root=root or run_secrets)


def test_each_place_is_looked_at_in_its_order(tmp_path: Path) -> None:
    """NAME, NAME_FILE, the file of the entry, then /run/secrets/<name in lower case>."""
    for name in ("by_variable", "by_entry", "api_key"):
        (tmp_path / name).write_text(f"{name}\n")
    environ: dict[str, str] = {}
    entry = {"name": "API_KEY", "file": str(tmp_path / "by_entry")}
    assert _resolve(tmp_path, environ, "API_KEY").values == {"API_KEY": "api_key"}
    assert _resolve(tmp_path, environ, entry).values == {"API_KEY": "by_entry"}
    environ["API_KEY_FILE"] = str(tmp_path / "by_variable")
    assert _resolve(tmp_path, environ, entry).values == {"API_KEY": "by_variable"}
    environ["API_KEY"] = "direct"
    found = _resolve(tmp_path, environ, entry)
    assert (found.values, found.sources) == ({"API_KEY": "direct"}, {"API_KEY": "API_KEY"})


@pytest.mark.parametrize("placeholder", ["", "dummy", "Test", "NONE", " none "])
def test_placeholders_count_as_missing(tmp_path: Path, placeholder: str) -> None:
    """The search goes on after one, in variables and in files; with nothing else the secret is missing."""
    environ = {"API_KEY": placeholder}
    entry = {"name": "API_KEY", "file": "key"}
    (tmp_path / "key").write_text(placeholder)
    assert _resolve(tmp_path, environ, entry, "OTHER").missing == ("API_KEY", "OTHER")
    (tmp_path / "api_key").write_text(VALUE)
    assert _resolve(tmp_path, environ, entry).values == {"API_KEY": VALUE}


def test_only_newlines_at_the_end_are_left_out(tmp_path: Path) -> None:
    """What editors and `echo` add is not part of the secret; spaces and lines in it are."""
    (tmp_path / "pem").write_bytes(b" line 1\nline 2 \r\n\n")
    assert _resolve(tmp_path, {}, "PEM").values == {"PEM": " line 1\nline 2 "}


def _message(*args: Any) -> str:
    with pytest.raises(ConfigError) as refused:
        _resolve(*args)
    return f"{refused.value.message} ({refused.value.hint})"


def test_a_variable_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    """Someone meant the file to be there; the message names it and the variable."""
    said = _message(tmp_path, {"API_KEY_FILE": "gone"}, "API_KEY")
    gone = tmp_path / "gone"
    assert said == (
        f"secret API_KEY: cannot read {gone}: no such file (the file is named by the environment variable API_KEY_FILE)"
    )


UNREADABLE = [
    (b"\xff\xfe" + VALUE.encode(), "not UTF-8"),
    (VALUE.encode() + b"\0x", "holds a NUL character"),
    (VALUE.encode() * 100_000, "too large"),
]


@pytest.mark.parametrize(("content", "why"), UNREADABLE)
def test_a_file_that_cannot_be_used_is_named_without_its_content(tmp_path: Path, content: bytes, why: str) -> None:
    """The message says which file and why, and nothing of what is in it."""
    (tmp_path / "api_key").write_bytes(content)
    said = _message(tmp_path, {}, "API_KEY")
    assert said == f"secret API_KEY: cannot read {tmp_path / 'api_key'}: {why} (check the file's permissions)"


def test_a_directory_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    """As a container makes one where a mount is missing."""
    (tmp_path / "api_key").mkdir()
    assert "api_key: Is a directory" in _message(tmp_path, {}, "API_KEY")


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """A secret that is there and cannot be read is not taken for a missing one."""
    (tmp_path / "api_key").symlink_to("api_key")
    assert "api_key: Too many levels of symbolic links" in _message(tmp_path, {}, "API_KEY")


def test_values_are_not_in_the_repr(tmp_path: Path) -> None:
    """A traceback or a debugger shows names and places only."""
    found = _resolve(tmp_path, {"API_KEY": VALUE}, "API_KEY", "OTHER")
    assert VALUE not in repr(found)
    assert "OTHER" in repr(found)


def test_the_service_gets_environment_then_configuration_then_secrets() -> None:
    """What is more exact comes later."""
    config = Config.model_validate({"service": {"env": {"A": "config", "KEY": "config"}}})
    environ = {"A": "shell", "B": "shell", "KEY": "dummy"}
    assert service_environment(config, environ, Resolved({"KEY": VALUE})) == {
        "A": "config",
        "B": "shell",
        "KEY": VALUE,
        "PYTHONUNBUFFERED": "1",
    }


@pytest.mark.parametrize(
    ("environ", "env", "unbuffered", "found"),
    [
        ({}, {}, True, "1"),
        ({}, {}, False, None),
        ({"PYTHONUNBUFFERED": "0"}, {}, True, "0"),
        ({"PYTHONUNBUFFERED": "x"}, {"PYTHONUNBUFFERED": ""}, True, ""),
    ],
)
def test_lines_come_at_once_unless_someone_said_otherwise(
    environ: dict[str, str], env: dict[str, str], unbuffered: bool, found: str | None
) -> None:
    """PYTHONUNBUFFERED is added only where nobody has set it."""
    config = Config.model_validate({"service": {"env": env}})
    made = service_environment(config, environ, Resolved({}), unbuffered=unbuffered)
    assert made.get("PYTHONUNBUFFERED") == found
