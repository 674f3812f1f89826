"""JSON values: strings and keys are redacted, numbers are not, and secret names decide."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.redact import Redactor

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from(["password", "n", "a@b.io", "c@d.io", "name", "value"]), inner, max_size=4),
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"password": "x", "n": 1}, {"password": "[REDACTED:password]", "n": 1}),
        ({"api_key": "with spaces in it"}, {"api_key": "[REDACTED:api-key]"}),
        ({"headers": {"Authorization": "Bearer abc"}}, {"headers": {"Authorization": "[REDACTED:auth]"}}),
        ({"orderId": "c6f055d9"}, {"orderId": "[REDACTED:order-id]"}),
        (
            {"env": [{"name": "DB_PASSWORD", "value": "x1"}]},
            {"env": [{"name": "DB_PASSWORD", "value": "[REDACTED:password]"}]},
        ),
        ({"list": ["see a@b.io", 1]}, {"list": ["see [REDACTED:email]", 1]}),
        (("password=abc", None), ("password=[REDACTED:password]", None)),
        (["app", "--api-key", "k1", "--n", "5"], ["app", "--api-key", "[REDACTED:api-key]", "--n", "5"]),
        (["app", "--password", "--verbose"], ["app", "--password", "--verbose"]),
        ({"a@b.io": 1, "c@d.io": 2}, {"[REDACTED:email]": 1, "[REDACTED:email]#2": 2}),
        ({"pin": "1234", "n": 1234, "s": "12345"}, {"pin": "[REDACTED:PIN]", "n": 1234, "s": "12345"}),
        ({"note": "it is hunter2!"}, {"note": "it is [REDACTED:PW]!"}),
        ("hunter2", "[REDACTED:PW]"),
    ],
)
def test_hides(value: Any, expected: Any) -> None:
    """Secrets go, whether a name, a pattern or the configuration tells them; types and numbers stay."""
    done = Redactor({"PIN": "1234", "PW": "hunter2"}).value(value)
    assert done == expected
    assert type(done) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        {"rss_bytes": 1, "cpu_percent": 0.5, "num_tasks": None, "ok": True},
        {"password": None, "token": "", "api_key": "${API_KEY}", "secret": 5},
        {"max_tokens": "5", "primary_key": "id", "token_type": "bearer"},
        {"secrets": ["BYBIT_API_KEY", {"name": "PG", "file": "/run/secrets/pg"}]},
        {"command": ["python", "-m", "app", "--key", "value"], "cwd": "/app"},
        [1, "two", (3.0, None)],
        "all is well",
        17,
        None,
    ],
)
def test_stays_the_same_object(value: Any) -> None:
    """A value with nothing to hide is returned itself."""
    assert Redactor({"NAME": "hunter2"}).value(value) is value


def test_the_argument_never_changes() -> None:
    """Redaction makes new containers and leaves the given ones alone."""
    value = {"a": [{"password": "x1"}]}
    Redactor().value(value)
    assert value == {"a": [{"password": "x1"}]}


@given(value=JSON)
def test_twice_is_once(value: Any) -> None:
    """Redacting a redacted value changes nothing, and every number is kept."""
    redactor = Redactor({"PIN": "0000", "PW": "aaaaaa"})
    once = redactor.value(value)
    assert redactor.value(once) == once
    assert _numbers(once) == _numbers(value)


def _numbers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [number for item in value.values() for number in _numbers(item)]
    if isinstance(value, list | tuple):
        return [number for item in value for number in _numbers(item)]
    return [value] if isinstance(value, int | float) else []
