"""What a text of the configuration has to be: for the model, and for who reads without it. No pydantic here."""

from __future__ import annotations

import re

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,79}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def name(text: str) -> str:
    """A name of the user's choice. Raises ValueError, as all of these do."""
    if NAME.fullmatch(text) is None:
        message = f"{text[:80]!r} is not a name: letters, digits, '_', '.' and '-', a letter first, at most 80"
        raise ValueError(message)
    return text


def variable(text: str) -> str:
    """The name of an environment variable."""
    if VARIABLE.fullmatch(text) is None:
        # The text is left out: someone may have written the secret itself.
        message = "not the name of an environment variable: letters, digits and '_', no digit first"
        raise ValueError(message)
    return text


def variable_key(text: str) -> str:
    """What the system allows as the name of an environment variable."""
    if not text or "=" in text or "\0" in text:
        message = "not the name of an environment variable: it may not be empty or hold '='"
        raise ValueError(message)
    return text


def without_nul(text: str) -> str:
    """What can be part of a path or of a command."""
    if "\0" in text:
        message = "holds a NUL character"
        raise ValueError(message)
    return text


def compiles(pattern: str) -> str:
    """A regular expression."""
    import warnings  # noqa: PLC0415 - most configurations hold no pattern that is read without the model

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "possible nested set": legal, and no business of soakctl's users
            re.compile(pattern)
    except re.error as error:
        at = f" at position {error.pos}" if error.pos is not None else ""
        message = f"not a regular expression: {error.msg}{at}"
        raise ValueError(message) from None
    except (OverflowError, RecursionError):
        message = "not a regular expression: too large or nested too deeply"
        raise ValueError(message) from None
    return pattern
