"""The small values that several sections share: text, numbers, patterns, commands, signals, addresses."""

from __future__ import annotations

import re
import shlex
import signal
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from soakctl.domain.config.checks import NAME, VARIABLE, compiles, name, variable, variable_key, without_nul

_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_HOST = re.compile(r"\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+")
_LAST_PORT = 65535
_EXIT_STATUSES = range(-64, 256)


def _metric(text: str) -> str:
    if _METRIC.fullmatch(text) is None:
        message = "not the name of a metric: letters, digits, '_' and ':', no digit first; labels go under labels"
        raise ValueError(message)
    return text


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
    word = value.strip().upper()
    sign = -1 if word.startswith("-") else 1
    word = word.removeprefix("-")
    if word.isascii() and word.isdecimal():
        return sign * int(word[:9])
    word = word if word.startswith("SIG") else f"SIG{word}"
    if word not in signal.Signals.__members__:
        message = f"unknown signal {value!r}; use a name like SIGTERM"
        raise ValueError(message)
    return sign * int(signal.Signals[word])


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


Text = Annotated[str, Field(min_length=1), AfterValidator(without_nul)]
Whole = Annotated[int, BeforeValidator(_not_bool), Field(le=1_000_000_000)]
Number = Annotated[float, BeforeValidator(_not_bool), Field(allow_inf_nan=False)]
Name = Annotated[str, AfterValidator(name), Field(json_schema_extra={"pattern": f"^{NAME.pattern}$"})]
VariableName = Annotated[str, AfterValidator(variable), Field(json_schema_extra={"pattern": f"^{VARIABLE.pattern}$"})]
MetricName = Annotated[str, AfterValidator(_metric), Field(json_schema_extra={"pattern": f"^{_METRIC.pattern}$"})]
Variables = dict[Annotated[str, AfterValidator(variable_key)], Annotated[str, AfterValidator(without_nul)]]
Pattern = Annotated[str, AfterValidator(compiles), Field(min_length=1, json_schema_extra={"format": "regex"})]
Argv = Annotated[
    tuple[Annotated[str, AfterValidator(without_nul)], ...],
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
