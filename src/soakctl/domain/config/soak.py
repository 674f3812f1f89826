"""`soak:` how long, how often, and what goes on beside the service."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SerializerFunctionWrapHandler, model_serializer

from soakctl.domain.config.base import Model
from soakctl.domain.config.values import Argv, Number, Pattern, Text, Variables, Whole
from soakctl.domain.units import Duration, Percent


class Repeat(Model):
    """A command run to its end once an iteration, instead of a service, with a pause after it."""

    command: Argv
    timeout: Duration = Duration(600)
    heartbeat: Duration = Duration(5)


class Load(Model):
    """A load generator kept running beside the service."""

    command: Argv
    cwd: Text = "."
    env: Variables = Field(default_factory=dict)


class Reconnect(Model):
    """How a service should come back after a lost connection."""

    attempt: Pattern
    success: Pattern
    max_delay: Duration = Duration(60)
    jitter: Percent = Percent(30)
    max_per_minute: Annotated[Whole, Field(ge=1)] = 6


HUNDRED_YEARS_H = 876_000
MOST_ITERATIONS = 1_000_000


def _hours(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        message = f"{value[:40]!r} is not a number of hours like 24 or 0.5; give text like 90m to duration instead"
        raise ValueError(message) from None


def _plain(value: Any) -> Any:
    """JSON values alone: what a run records must be readable everywhere."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(_plain(inner) for inner in value)
    if value is None or isinstance(value, (str, bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    message = f"{value!r} is neither text nor a finite number, true, false, a list or a mapping"
    raise ValueError(message)


class Soak(Model):
    """The plan of a soak. `duration` beats `hours`; `iteration` and `sample_every` follow from them unless set."""

    hours: Annotated[Number, BeforeValidator(_hours), Field(gt=0, le=HUNDRED_YEARS_H)] = 24.0
    duration: Duration | None = None
    iterations: Annotated[Whole, Field(ge=1, le=MOST_ITERATIONS)] | None = None
    iteration: Duration | None = None
    sample_every: Duration | None = None
    repeat: Repeat | None = None
    load: Load | None = None
    faults: tuple[Annotated[dict[str, Any], AfterValidator(_plain)], ...] = ()
    reconnect: Reconnect | None = None
    attribute: bool = False

    @model_serializer(mode="wrap")
    def _without_hours_nobody_gave(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # iterations times iteration is the length of a run only where no hours are given: reading what was written
        # must not turn the default into a given one.
        shown: dict[str, Any] = handler(self)
        if "hours" not in self.model_fields_set and (self.duration is not None or self.iterations is not None):
            del shown["hours"]
        return shown
