"""Variables and the key of their fingerprints."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.secrets import Resolved
from soakctl.adapters.snapshot.key import Key, key_from_file, own_key
from soakctl.adapters.snapshot.variables import SHOWN, look_at_credentials, look_at_variables
from soakctl.errors import UnavailableError
from soakctl.redact.variables import may_be_secret

KEY = Key(b"k" * 32)
OTHER = Key(b"o" * 32)


def test_names_are_told_and_values_of_few() -> None:
    """A value that may be shown is; of any other there is a fingerprint."""
    env = {"PATH": "/bin", "LC_TIME": "C", "APP_DSN": "postgres://u:p@h/db", "EMPTY": ""}
    found = look_at_variables(env, show=SHOWN, hidden=(), configured=("EMPTY", "WANTED"), key=KEY)
    assert found["PATH"] == {"state": "present", "value": "/bin"}
    assert found["LC_TIME"] == {"state": "present", "value": "C"}
    assert set(found["APP_DSN"]) == {"state", "fingerprint"}
    assert found["EMPTY"] == {"state": "empty", "configured": True}
    assert found["WANTED"] == {"state": "absent", "configured": True}


def test_no_name_that_may_be_shown_is_doubtful() -> None:
    """Else it would never be seen."""
    assert [name for name in SHOWN if may_be_secret(name)] == []


def test_what_is_hidden_is_hidden_though_it_is_on_the_list() -> None:
    """A list of somebody's own cannot give a secret away."""
    found = look_at_variables({"API_KEY": "s3cr3t"}, show=("API_*",), hidden=("API_KEY",), configured=(), key=KEY)
    assert "value" not in found["API_KEY"]


def test_a_shown_value_that_is_redacted_has_a_fingerprint_too() -> None:
    """What is left of two values may be the same though they are not."""
    env = {"UPSTREAM": "8.8.8.8", "MODE": "fast"}
    found = look_at_variables(
        env, show=("UPSTREAM", "MODE"), hidden=(), configured=(), key=KEY, redacts=lambda _, value: "8.8" in value
    )
    assert set(found["UPSTREAM"]) == {"state", "value", "fingerprint"}
    assert set(found["MODE"]) == {"state", "value"}


@given(st.text(min_size=1), st.text(min_size=1))
def test_fingerprints_are_equal_for_equal_values_alone(one: str, other: str) -> None:
    """They tell "differs", under one key and for one name; they do not tell that two variables hold the same."""

    def mark(name: str, value: str, key: Key = KEY) -> str:
        mark = look_at_variables({name: value}, show=(), hidden=(), configured=(), key=key)[name]["fingerprint"]
        assert isinstance(mark, str)
        return mark

    assert (mark("A", _valid(one)) == mark("A", _valid(other))) == (_valid(one) == _valid(other))
    assert mark("A", _valid(one)) != mark("B", _valid(one))
    assert mark("A", _valid(one)) != mark("A", _valid(one), OTHER)


def _valid(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def test_bytes_that_are_no_text_are_fingerprinted() -> None:
    """Environments hold what they want."""
    env = {os.fsdecode(b"N\xff"): os.fsdecode(b"v\xfe")}
    assert "fingerprint" in look_at_variables(env, show=(), hidden=(), configured=(), key=KEY)[os.fsdecode(b"N\xff")]


def test_without_a_key_there_are_no_fingerprints() -> None:
    """A hash without a key would give short values away."""
    assert look_at_variables({"A": "1"}, show=(), hidden=(), configured=(), key=None) == {"A": {"state": "present"}}


def test_credentials_are_told_by_where_they_were_found() -> None:
    """Their values have no way in."""
    resolved = Resolved({"B": "hunter2"}, missing=("A",), sources={"B": "/run/secrets/b"})
    found = look_at_credentials(resolved)
    assert found == [
        {"name": "A", "present": False, "source": None},
        {"name": "B", "present": True, "source": "/run/secrets/b"},
    ]
    assert "hunter2" not in json.dumps(found)


def test_the_own_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    """The second snapshot can be compared with the first one."""
    environ = {"XDG_STATE_HOME": str(tmp_path / "state")}
    first, second = own_key(environ), own_key(environ)
    (path,) = (tmp_path / "state" / "soakctl").iterdir()
    assert first.id == second.id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first.secret not in repr(first).encode()


def test_a_state_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """The snapshot goes on without fingerprints."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="no key for fingerprints"):
        own_key({"XDG_STATE_HOME": str(tmp_path / "file")})


def test_a_shared_key_is_the_same_everywhere(tmp_path: Path) -> None:
    """A newline at its end makes no difference."""
    (tmp_path / "a").write_text("0123456789abcdef" * 2 + "\n")
    (tmp_path / "b").write_text("0123456789abcdef" * 2)
    assert key_from_file(tmp_path / "a").id == key_from_file(tmp_path / "b").id


@pytest.mark.parametrize(
    "content",
    [b"", b"short", b"0123456789abcdef", b"service:\n  command: [python3, app.py]\n", b"a" * 40 + b"\n" + b"b" * 40],
)
def test_a_file_that_is_no_key_is_refused_and_never_written_over(content: bytes, tmp_path: Path) -> None:
    """What it says shows neither what it read nor a way to lose it."""
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(UnavailableError, match="no key") as caught:
        key_from_file(tmp_path / "key")
    assert ">" not in caught.value.hint
    assert not content or content.decode() not in caught.value.message


def test_what_is_no_file_is_no_key() -> None:
    """An endless or an empty device."""
    for name in ("/dev/null", "/dev/zero"):
        with pytest.raises(UnavailableError, match="no key"):
            key_from_file(Path(name))


def test_a_missing_key_is_told_how_to_make(tmp_path: Path) -> None:
    """Where there is nothing to be lost; random bytes are one as well."""
    with pytest.raises(UnavailableError) as caught:
        key_from_file(tmp_path / "key")
    assert f"openssl rand -hex 32 > {tmp_path / 'key'}" in caught.value.hint
    (tmp_path / "key").write_bytes(bytes(range(0, 256, 9)))
    assert key_from_file(tmp_path / "key").source == "file"
