"""`kpis:` the figures a service is judged by: where each comes from and what is good."""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, PlainSerializer, PlainValidator, Tag, model_validator

from soakctl.domain.config.adaptive import Adaptive
from soakctl.domain.config.base import LocatedError, Model, unique
from soakctl.domain.config.values import Argv, HttpUrl, MetricName, Name, Number, Pattern, Pointer, Text, Whole
from soakctl.domain.sample import COLUMNS
from soakctl.domain.units import Duration

Reduce = Literal["last", "mean", "median", "p50", "p95", "p99", "max", "min", "sum", "count", "rate"]
Aggregate = Literal["mean", "median", "p95", "max", "min", "last"]


class JsonSource(Model):
    """A number in a JSON file, found by a JSON pointer. Older than `max_age` (or than the run) is NO_DATA."""

    json_file: Annotated[Text, Field(alias="json")]
    pointer: Pointer = ""
    max_age: Duration | None = None
    reduce: Reduce = "last"


class PrometheusSource(Model):
    """A metric of a Prometheus endpoint; several matching series are added. `rate` is the growth per second."""

    prometheus: HttpUrl
    metric: MetricName
    labels: dict[str, str] = Field(default_factory=dict)
    timeout: Duration = Duration(5)
    reduce: Reduce = "last"


class LogSource(Model):
    """A number in log lines (the named group `value`, or the first group), or the count or rate of matching lines."""

    log: Pattern
    reduce: Reduce = "last"

    @model_validator(mode="after")
    def _captures(self) -> LogSource:
        if self.reduce not in {"count", "rate"} and re.compile(self.log).groups == 0:
            message = "the pattern has no group to take the value from; write (?P<value>...), or reduce: count or rate"
            raise LocatedError(message, "log")
        return self


class CommandSource(Model):
    """A number printed by a command: the whole output, or the place in its JSON that `pointer` names."""

    command: Argv
    pointer: Pointer | None = None
    timeout: Duration = Duration(10)
    reduce: Reduce = "last"


class ResourceSource(Model):
    """A column of the samples, reduced over the iteration."""

    resource: str
    reduce: Reduce = "mean"

    @model_validator(mode="after")
    def _known(self) -> ResourceSource:
        known = [column.name for column in COLUMNS]
        if self.resource not in known:
            near = [name for name in known if self.resource in name] or get_close_matches(self.resource, known)
            guess = f"; did you mean {near[0]}?" if near else ";"
            message = f"unknown resource {self.resource[:80]!r}{guess} known are {', '.join(known)}"
            raise LocatedError(message, "resource")
        return self


class Named(Model):
    """One of several places for a figure: a source, or a value to fall back on. `warn`: using it is a WARN.

    `mock`: only where the service is simulated.
    """

    name: Name
    json_file: Annotated[Text | None, Field(alias="json")] = None
    pointer: Pointer = ""
    value: Number | None = None
    warn: bool = False
    mock: bool = False

    @model_validator(mode="after")
    def _one(self) -> Named:
        if (self.json_file is None) == (self.value is None):
            message = "give exactly one of json and value"
            raise ValueError(message)
        return self


class FirstOfSource(Model):
    """The first of several places that has a believable value; which one it was is recorded."""

    first_of: Annotated[tuple[Named, ...], Field(min_length=1), unique("place")]
    max_age: Duration | None = None
    reduce: Reduce = "last"


_MOST_OVER = 1_000_000
_KINDS = ("json", "prometheus", "log", "command", "resource", "first_of")


def _kind(value: Any) -> str | None:
    if isinstance(value, dict):
        found = [kind for kind in _KINDS if kind in value]
        return found[0] if len(found) == 1 else None
    return {
        "JsonSource": "json",
        "PrometheusSource": "prometheus",
        "LogSource": "log",
        "CommandSource": "command",
        "ResourceSource": "resource",
        "FirstOfSource": "first_of",
    }.get(type(value).__name__)


Source = Annotated[
    Annotated[JsonSource, Tag("json")]
    | Annotated[PrometheusSource, Tag("prometheus")]
    | Annotated[LogSource, Tag("log")]
    | Annotated[CommandSource, Tag("command")]
    | Annotated[ResourceSource, Tag("resource")]
    | Annotated[FirstOfSource, Tag("first_of")],
    Discriminator(
        _kind,
        custom_error_type="source_kind",
        custom_error_message=f"give exactly one of {', '.join(_KINDS)} as the source",
    ),
]


class Valid(Model):
    """What a believable value is; outside it the value counts as missing."""

    gt: Number | None = None
    ge: Number | None = None
    lt: Number | None = None
    le: Number | None = None

    @model_validator(mode="after")
    def _possible(self) -> Valid:
        above = [limit for limit in (self.gt, self.ge) if limit is not None]
        below = [limit for limit in (self.lt, self.le) if limit is not None]
        if above and below:
            low, high = max(above), min(below)
            if low > high or (low == high and (self.gt == low or self.lt == high)):
                message = f"no value can lie above {low:g} and below {high:g}"
                raise ValueError(message)
        return self

    def holds(self, value: float) -> bool:
        """Whether the value is believable; NaN and infinity never are."""
        return (
            math.isfinite(value)
            and (self.gt is None or value > self.gt)
            and (self.ge is None or value >= self.ge)
            and (self.lt is None or value < self.lt)
            and (self.le is None or value <= self.le)
        )


class Bounds(Model):
    """The least and the most that is good."""

    min: Number | None = None
    max: Number | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Bounds:
        if self.min is not None and self.max is not None and self.min > self.max:
            message = f"min {self.min:g} is above max {self.max:g}"
            raise LocatedError(message, "min")
        return self

    def holds(self, value: float) -> bool:
        """Whether the value lies within."""
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    @property
    def empty(self) -> bool:
        """Whether nothing is asked."""
        return self.min is None and self.max is None


class Mock(Bounds):
    """Limits under --mock, and how the value is simulated there."""

    value: Number | None = None
    noise: Annotated[Number, Field(ge=0)] = 0.0


class FailIf(Model):
    """`3 of 5`: fails when this many of the last so many iterations fail."""

    count: Annotated[Whole, Field(ge=1)]
    of: Annotated[Whole, Field(ge=1)]

    @model_validator(mode="after")
    def _possible(self) -> FailIf:
        if self.count > self.of:
            message = f"{self.count} of {self.of} can never happen"
            raise ValueError(message)
        return self


def _fail_if(value: Any) -> Any:
    if isinstance(value, str):
        found = re.fullmatch(r"\s*([0-9]{1,9})\s+of\s+([0-9]{1,9})\s*", value)
        if found is None:
            message = f"{value[:40]!r} must read like '3 of 5'"
            raise ValueError(message)
        return {"count": int(found[1]), "of": int(found[2])}
    return value


def _over(value: Any) -> int | Duration | None:
    """A whole number is iterations; text with a unit is a duration."""
    if value is None or isinstance(value, Duration):
        return value
    if isinstance(value, str):
        value = int(value) if re.fullmatch(r"\s*[0-9]{1,9}\s*", value) else Duration.parse(value)
    if isinstance(value, Duration):
        return value
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_OVER:
        message = "expected a number of iterations, 1 or more, or a duration like 6h"
        raise ValueError(message)
    return value


class Kpi(Bounds):
    """A figure and its limits.

    `min` and `max` fail; `warn` and `fail` give two levels apart. `over` is a number of iterations or a duration,
    `key` makes one failing iteration of the window enough, `dry_run` shows without counting, `abort` ends the run
    once it has failed for `delay`.
    """

    name: Name
    source: Source
    unit: str = ""
    warn: Bounds | None = None
    fail: Bounds | None = None
    valid: Valid = Valid()
    aggregate: Aggregate = "mean"
    over: Annotated[
        int | Duration | None,
        PlainValidator(_over, json_schema_input_type=int | str | None),
        PlainSerializer(lambda over: str(over) if isinstance(over, Duration) else over, when_used="json"),
    ] = None
    fail_if: Annotated[FailIf | None, BeforeValidator(_fail_if, json_schema_input_type=FailIf | str | None)] = None
    key: bool = False
    dry_run: bool = False
    trend: bool = False
    abort: bool = False
    delay: Duration | None = None
    every: Duration | None = None
    mock: Mock | None = None
    adaptive: Adaptive | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Kpi:
        if self.fail is not None and not self.empty:
            message = "min and max are the fail level already; give them there or under fail, not both"
            raise LocatedError(message, "fail")
        if self.delay is not None and not self.abort:
            message = "delay has a meaning only with abort: true"
            raise LocatedError(message, "delay")
        if self.adaptive is not None and self.fail_bounds(mock=False).empty:
            message = "tightens a limit, and none is given; add min or max"
            raise LocatedError(message, "adaptive")
        return self

    @model_validator(mode="after")
    def _possible_under_mock(self) -> Kpi:
        low, high = self._limits(mock=True)
        if low is not None and high is not None and low > high:
            message = f"under mock, min {low:g} would be above max {high:g}; give both sides under mock"
            raise LocatedError(message, "mock")
        return self

    def fail_bounds(self, *, mock: bool) -> Bounds:
        """The limits that fail; under mock its own where it has them, each side by itself."""
        low, high = self._limits(mock=mock)
        return Bounds(min=low, max=high)

    def _limits(self, *, mock: bool) -> tuple[float | None, float | None]:
        real = self.fail if self.fail is not None else self
        own = self.mock if mock and self.mock is not None else Bounds()
        return real.min if own.min is None else own.min, real.max if own.max is None else own.max
