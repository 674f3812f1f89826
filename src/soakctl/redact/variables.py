"""Which variables of an environment hold a secret that nobody listed: their names promise one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.redact.keys import classify
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
