"""Which variables of an environment hold a secret that nobody listed: their names promise one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.redact.keys import classify, segments
from soakctl.redact.values import is_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

_FEWEST_CHARACTERS = 6  # shorter values are hidden beside their names alone
_FEWEST_DIGITS = 9  # fewer stand in ordinary numbers too
# As a value these are no secret to anybody, and hiding the word wherever it stands would make logs unreadable.
_ORDINARY = frozenset(
    "postgres password passwd secret changeme changeit admin administrator default example localhost development "
    "production staging rabbitmq mysql mariadb mongodb minioadmin docker github gitlab vagrant ubuntu "
    "testing enabled disabled service session".split()
)
# Beside what makes a secret in a log: words that are too common there, but not in the name of a variable.
_DOUBTFUL = frozenset(
    "pw pwd pass passwd password passphrase pin pins otp totp hotp mfa priv private salt salts pepper sign signing "
    "signature webhook webhooks seed seeds mnemonic secret secrets key keys token pem p12 pfx jks keystore "
    "dsn sas jwt bearer credential credentials cred creds cookie hmac license licence".split()
)


def may_be_secret(name: str) -> bool:
    """Whether the value of a variable is better not shown, by its name: generous, as a secret shown is worse."""
    return classify(name) is not None or not _DOUBTFUL.isdisjoint(segments(name))


def promised_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables, by name, whose names promise a secret and whose values are worth hiding wherever they stand."""
    return {name: value for name, value in environ.items() if _is_promised(name, value.strip())}


def _is_promised(name: str, value: str) -> bool:
    if len(value) < _FEWEST_CHARACTERS or value.casefold() in _ORDINARY:
        return False
    if value.isdigit() and len(value) < _FEWEST_DIGITS:
        return False
    key = classify(name)
    return key is not None and is_secret(key, value)
