"""The small values that several sections share: text, numbers, patterns, commands, signals, addresses."""

from __future__ import annotations

import re
import shlex
import signal
import warnings
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,79}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_HOST = re.compile(r"\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+")
_LAST_PORT = 65535
_EXIT_STATUSES = range(-64, 256)


def _name(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        message = f"{text[:80]!r} is not a name: letters, digits, '_', '.' and '-', a letter first, at most 80"
        raise ValueError(message)
    return text


def _variable(text: str) -> str:
    if _VARIABLE.fullmatch(text) is None:
        # The text is left out: someone may have written the secret itself.
        message = "not the name of an environment variable: letters, digits and '_', no digit first"
        raise ValueError(message)
    return text


def _variable_key(text: str) -> str:
    if not text or "=" in text or "\0" in text:
        message = "not the name of an environment variable: it may not be empty or hold '='"
        raise ValueError(message)
    return text


def _metric(text: str) -> str:
    if _METRIC.fullmatch(text) is None:
        message = "not the name of a metric: letters, digits, '_' and ':', no digit first; labels go under labels"
        raise ValueError(message)
    return text


def _without_nul(text: str) -> str:
    if "\0" in text:
        message = "holds a NUL character"
        raise ValueError(message)
    return text


def _compiles(pattern: str) -> str:
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


def _argv(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return shlex.split(value)
        except ValueError as error:
            message = f"cannot be split into words: {error}"
            raise ValueError(message) from None
    return value


def _argv_not_empty(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value or not value[0]:
        message = "the command is empty"
        raise ValueError(message)
    return value


def _signal_number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    name = value.strip().upper()
    sign = -1 if name.startswith("-") else 1
    name = name.removeprefix("-")
    if name.isascii() and name.isdecimal():
        return sign * int(name[:9])
    name = name if name.startswith("SIG") else f"SIG{name}"
    if name not in signal.Signals.__members__:
        message = f"unknown signal {value!r}; use a name like SIGTERM"
        raise ValueError(message)
    return sign * int(signal.Signals[name])


def _known_signal(number: int) -> int:
    if number not in {int(member) for member in signal.Signals}:
        message = f"unknown signal {number}; use a name like SIGTERM"
        raise ValueError(message)
    return number


def _signal_shown(number: int) -> str:
    return signal.Signals(number).name


def _signal_shown_if_negative(number: int) -> str | int:
    known = -number in {int(member) for member in signal.Signals}
    return f"-{signal.Signals(-number).name}" if number < 0 and known else number


def _exit_status(number: int) -> int:
    if number not in _EXIT_STATUSES:
        message = f"{number} is no exit status; use 0 to 255, or a signal like -SIGTERM"
        raise ValueError(message)
    return number


def _not_bool(value: Any) -> Any:
    if isinstance(value, bool):
        message = f"expected a number, found {str(value).lower()}"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns ValueError alone into a located error
    return value


def _pointer(text: str) -> str:
    if text and not text.startswith("/"):
        message = f"{text[:80]!r} is not a JSON pointer; write one like /totals/p95_latency_ms"
        raise ValueError(message)
    return text


def _tcp(text: str) -> str:
    host, _, port = text.rpartition(":")
    number = int(port) if re.fullmatch(r"[0-9]{1,5}", port) else 0
    if _HOST.fullmatch(host) is None or not 0 < number <= _LAST_PORT:
        message = f"{text[:80]!r} is not HOST:PORT; write one like 127.0.0.1:8000"
        raise ValueError(message)
    return text


def _url(text: str) -> str:
    # The text is left out of the message: a URL may carry a password.
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(character.isspace() or not character.isprintable() for character in text):
        message = "not a URL; write one like http://127.0.0.1:8000/metrics"
        raise ValueError(message)
    return text


Text = Annotated[str, Field(min_length=1), AfterValidator(_without_nul)]
Whole = Annotated[int, BeforeValidator(_not_bool), Field(le=1_000_000_000)]
Number = Annotated[float, BeforeValidator(_not_bool), Field(allow_inf_nan=False)]
Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": f"^{_NAME.pattern}$"})]
VariableName = Annotated[str, AfterValidator(_variable), Field(json_schema_extra={"pattern": f"^{_VARIABLE.pattern}$"})]
MetricName = Annotated[str, AfterValidator(_metric), Field(json_schema_extra={"pattern": f"^{_METRIC.pattern}$"})]
Variables = dict[Annotated[str, AfterValidator(_variable_key)], Annotated[str, AfterValidator(_without_nul)]]
Pattern = Annotated[str, AfterValidator(_compiles), Field(min_length=1, json_schema_extra={"format": "regex"})]
Argv = Annotated[
    tuple[Annotated[str, AfterValidator(_without_nul)], ...],
    BeforeValidator(_argv, json_schema_input_type=str | tuple[str, ...]),
    AfterValidator(_argv_not_empty),
]
SignalNumber = Annotated[
    int,
    BeforeValidator(_not_bool),
    BeforeValidator(_signal_number, json_schema_input_type=int | str),
    AfterValidator(_known_signal),
    PlainSerializer(_signal_shown, when_used="json"),
]
ExitStatus = Annotated[
    int,
    BeforeValidator(_not_bool),
    BeforeValidator(_signal_number, json_schema_input_type=int | str),
    AfterValidator(_exit_status),
    PlainSerializer(_signal_shown_if_negative, when_used="json"),
]
Pointer = Annotated[str, AfterValidator(_pointer)]
TcpAddress = Annotated[str, AfterValidator(_tcp)]
HttpUrl = Annotated[str, AfterValidator(_url), Field(json_schema_extra={"pattern": "^https?://"})]
