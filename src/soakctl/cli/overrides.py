"""Flags over the configuration: what was given on the command line, as typed values, laid over the file's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from soakctl.domain.config.soak import HUNDRED_YEARS_H, MOST_ITERATIONS
from soakctl.domain.units import Duration
from soakctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.domain.config.root import Config


def duration_flag(flag: str, text: str | None) -> Duration | None:
    """The duration of a flag. Raises UsageError naming the flag."""
    if text is None:
        return None
    try:
        return Duration.parse(text)
    except ValueError as error:
        raise UsageError(f"{flag}: {error}") from None


def hours_flag(flag: str, text: str | None) -> float | None:
    """Hours of a flag: a bare number is hours, with a unit it is a duration. Raises UsageError naming the flag."""
    if text is None:
        return None
    try:
        hours = float(text)
    except ValueError:
        try:
            hours = Duration.parse(text) / 3600.0
        except ValueError:
            hours = 0.0
    if not 0 < hours <= HUNDRED_YEARS_H:
        message = f"{flag}: {text!r} is not a positive number of hours"
        raise UsageError(message, hint="Write --hours 24, --hours 0.5 or, with a unit, --hours 90m.")
    return hours


def count_flag(flag: str, number: int | None) -> int | None:
    """A count that the configuration takes as well. Raises UsageError naming the flag."""
    if number is not None and not 1 <= number <= MOST_ITERATIONS:
        message = f"{flag} must be between 1 and {MOST_ITERATIONS:,}, not {number:,}"
        raise UsageError(message)
    return number


def with_service(config: Config, command: Sequence[str] | None) -> Config:
    """The configuration with another command."""
    if not command:
        return config
    return _updated(config, "service", {"command": tuple(command)})


def with_smoke(config: Config, deadline: Duration | None) -> Config:
    """The configuration with another deadline."""
    return config if deadline is None else _updated(config, "smoke", {"deadline": deadline})


def with_soak(config: Config, given: Mapping[str, Any]) -> Config:
    """The configuration with another plan; a length given on the command line replaces the file's, however written."""
    update = {key: value for key, value in given.items() if value is not None}
    if not update:
        return config
    if "hours" in update:
        update.setdefault("duration", None)
    length = update["hours"] * 3600.0 if "hours" in update else update.get("duration")
    if length is not None:
        _fit(config, update, float(length))
    if "iterations" in update and "iteration" in update and length is None:
        # So many of such a length: together they say how long, whatever the file says.
        span = str(update["iterations"] * float(update["iteration"]))
        update |= {"duration": duration_flag("--iterations times --iteration", span), "hours": config.soak.hours}
    if update.get("iterations") is not None:
        update["iteration"] = None
    return _updated(config, "soak", update)


def _fit(config: Config, update: dict[str, Any], length: float) -> None:
    """A cut that the file made for a longer run gives way to the default; one that fits is kept."""
    soak = config.soak
    if soak.iteration is not None and soak.iteration > length / 2:
        update.setdefault("iteration", None)
    if soak.sample_every is not None and soak.sample_every > length / 30:
        update.setdefault("sample_every", None)
    update.setdefault("iterations", None)


def with_repeat(config: Config, timeout: Duration | None, heartbeat: Duration | None) -> Config:
    """The configuration with another time-out or pause of the repeated command. Raises UsageError without one."""
    update = {"timeout": timeout, "heartbeat": heartbeat}
    update = {key: value for key, value in update.items() if value is not None}
    if not update:
        return config
    if config.soak.repeat is None:
        message = "--iteration-timeout and --heartbeat need a repeated command"
        raise UsageError(message, hint="Configure soak.repeat, or leave the flags out.")
    return _updated(config, "soak", {"repeat": config.soak.repeat.model_copy(update=update)})


def with_budgets(config: Config, budgets: Sequence[str]) -> Config:
    """The configuration with other resource budgets. Raises UsageError with the known names."""
    if not budgets:
        return config
    resources = config.gate.resources
    known = tuple(type(resources).model_fields)
    given = {name: getattr(resources, name) for name in known}
    for text in budgets:
        name, equals, value = text.partition("=")
        if not equals or name not in known:
            wrong = f"there is no budget named {name!r}" if equals and name else "write NAME=VALUE"
            message = f"--budget {text!r}: {wrong}"
            raise UsageError(message, hint=f"NAME is one of {', '.join(known)}.")
        given[name] = value
    try:
        checked = type(resources).model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        said = str(cause) if cause is not None else f"{first['input']!r} is not a whole number of at least 0"
        raise UsageError(f"--budget {'.'.join(map(str, first['loc']))}: {said}") from None
    return _updated(config, "gate", {"resources": checked})


def _updated(config: Config, section: str, update: Mapping[str, Any]) -> Config:
    changed = getattr(config, section).model_copy(update=dict(update))
    return config.model_copy(update={section: changed})
