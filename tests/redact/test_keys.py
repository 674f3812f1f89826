"""Which names promise a secret, and which values count as none."""

from __future__ import annotations

import pytest

from soakctl.redact import Redactor, is_missing
from soakctl.redact.keys import classify, segments


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("api_key", "api-key"),
        ("apiKey", "api-key"),
        ("X-API-Key", "api-key"),
        ("APIKEY", "api-key"),
        ("BYBIT_API_KEY_LIVE", "api-key"),
        ("aws_access_key_id", "api-key"),
        ("SharedAccessKey", "api-key"),
        ("password", "password"),
        ("dbPassword2", "password"),
        ("PGPASSWORD", "password"),
        ("smtp_pass", "password"),
        ("MYSQL_PWD", "password"),
        ("password_hash", "password"),
        ("passwd", "password"),
        ("client_secret", "secret"),
        ("secret_key", "secret"),
        ("accessToken", "token"),
        ("x-amz-security-token", "token"),
        ("private_key", "private-key"),
        ("Authorization", "auth"),
        ("basic_auth", "auth"),
        ("session_id", "session"),
        ("JSESSIONID", "session"),
        ("Set-Cookie", "cookie"),
        ("credentials", "credentials"),
        ("order_id", "order-id"),
        ("origClientOrderId", "order-id"),
        ("orderLinkId", "order-id"),
        ("clOrdId", "order-id"),
        ("seed_phrase", "seed-phrase"),
    ],
)
def test_names_of_secrets(name: str, kind: str) -> None:
    """A name whose last words are those of a secret says which kind it is."""
    key = classify(name)
    assert key is not None
    assert key.kind == kind


@pytest.mark.parametrize(
    "name",
    (
        "max_tokens token_count tokens_per_second total_tokens next_token keyboard monkey primary_key public_key "
        "foreign_key cache_key key author secretary compass passenger bypass token_type password_file secret_name "
        "auth_mode session_count cookie_policy api_key_id order order_count identity link_id x 1 _ -"
    ).split(),
)
def test_names_of_other_things(name: str) -> None:
    """A name that only holds such a word, or says something about a secret, is harmless."""
    assert classify(name) is None


def test_segments() -> None:
    """A name falls into words at signs, at capitals and at digits."""
    assert segments("X-APIKey_v2Token") == ["x", "api", "key", "v", "2", "token"]


@pytest.mark.parametrize("value", [None, "", " ", "dummy", "Dummy", "TEST", "test", "none", "None\n"])
def test_missing(value: str | None) -> None:
    """Unset, empty, dummy, test and none count as missing, in any case."""
    assert is_missing(value)


@pytest.mark.parametrize("value", ["x", "testing", "dummy1", "nothing", "null", "0"])
def test_not_missing(value: str) -> None:
    """Everything else is a value."""
    assert not is_missing(value)


def test_a_missing_secret_hides_no_words() -> None:
    """A secret that counts as missing leaves the same word elsewhere alone."""
    assert Redactor({"A": "test", "B": "", "C": "none"}).text("the test, none of it") == "the test, none of it"
