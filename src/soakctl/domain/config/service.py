"""`service:` what is run, how it shows life, and how it is stopped."""

from __future__ import annotations

from signal import SIGTERM
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from soakctl.domain.config.base import LocatedError, Model, unique
from soakctl.domain.config.values import (
    Argv,
    ExitStatus,
    HttpUrl,
    MetricName,
    Name,
    Pattern,
    SignalNumber,
    TcpAddress,
    Text,
    VariableName,
    Variables,
    Whole,
)
from soakctl.domain.units import Duration


def _secret(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class Secret(Model):
    """A secret of the service: its environment variable's name, and a file to read it from if that is unset."""

    name: VariableName
    file: Text | None = None


class Ready(Model):
    """Where the service answers once it is ready: a TCP address, a URL or a line of its log."""

    tcp: TcpAddress | None = None
    http: HttpUrl | None = None
    log: Pattern | None = None

    @model_validator(mode="after")
    def _one(self) -> Ready:
        if sum(way is not None for way in (self.tcp, self.http, self.log)) != 1:
            message = "give exactly one of tcp, http or log"
            raise ValueError(message)
        return self


class Metric(Model):
    """A counter that grows while the service does its work, read from a Prometheus endpoint."""

    url: HttpUrl
    name: MetricName


class Liveness(Model):
    """What proves progress, and how long it may stay away.

    `then: stop` ends the run when it has stayed away too long; `continue` records it and goes on.
    """

    pattern: Pattern | None = None
    metric: Metric | None = None
    silence: Duration | None = None
    then: Literal["continue", "stop"] = "continue"

    @model_validator(mode="after")
    def _one(self) -> Liveness:
        if (self.pattern is None) == (self.metric is None):
            message = "give exactly one of pattern or metric"
            raise ValueError(message)
        return self


def _span(value: Any) -> Any:
    if isinstance(value, str):
        low, dots, high = value.partition("..")
        return {"first": low, "longest": high if dots else low}
    if isinstance(value, (int, float)):
        return {"first": value, "longest": value}
    return value


class Backoff(Model):
    """How long to wait before a restart: doubled from `first` up to `longest`; written `1s..60s`."""

    first: Duration = Duration(1)
    longest: Duration = Duration(60)

    @model_validator(mode="after")
    def _ordered(self) -> Backoff:
        if self.longest < self.first:
            message = f"{self.longest} is shorter than the first wait of {self.first}; write it like 1s..60s"
            raise LocatedError(message, "longest")
        return self


class Restart(Model):
    """Whether a service that ends by itself is started again; each restart is a finding."""

    policy: Literal["never", "on_failure"] = "never"
    max: Annotated[Whole, Field(ge=0)] = 3
    backoff: Annotated[Backoff, BeforeValidator(_span, json_schema_input_type=Backoff | str | float)] = Backoff()


class StopVerify(Model):
    """A command that must exit 0 after the stop: no open orders, no lock file left."""

    command: Argv
    timeout: Duration = Duration(10)


class Stop(Model):
    """How the service is asked to end, and what counts as clean."""

    signal: SignalNumber = int(SIGTERM)
    grace: Duration = Duration(40)
    clean_exit: tuple[ExitStatus, ...] = (0, -int(SIGTERM))
    must_log: tuple[Pattern, ...] = ()
    verify: StopVerify | None = None


class Service(Model):
    """The service under test."""

    name: Name = "service"
    command: Argv | None = None
    cwd: Text = "."
    env: Variables = Field(default_factory=dict)
    secrets: Annotated[
        tuple[Annotated[Secret, BeforeValidator(_secret, json_schema_input_type=Secret | str)], ...], unique("secret")
    ] = ()
    logs: tuple[Text, ...] = ()
    data: tuple[Text, ...] = ()
    ready: Ready | None = None
    liveness: Liveness | None = None
    restart: Restart = Restart()
    stop: Stop = Stop()
    agent: Literal["auto", "off"] = "auto"
