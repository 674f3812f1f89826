"""`gate:` how much must hold, over what, for PASS, WARN and FAIL."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from soakctl.domain.config.base import LocatedError, Model
from soakctl.domain.config.values import Argv, Number, Whole
from soakctl.domain.units import ByteRate, CountRate, Percent, Size


class Budgets(Model):
    """What the resources may do. A slope left out has the default, scaled for short runs; one given stands as it is."""

    rss_slope: ByteRate | None = None
    uss_slope: ByteRate | None = None
    fd_slope: CountRate | None = None
    thread_slope: CountRate | None = None
    task_slope: CountRate | None = None
    process_slope: CountRate | None = None
    disk_slope: ByteRate | None = None
    cpu_mean: Percent | None = Percent(80)
    disk: Size = Size(5 * 10**9)
    zombies: Annotated[Whole, Field(ge=0)] = 0


class LogLimits(Model):
    """How many lines of a level a run may log."""

    critical: Annotated[Whole, Field(ge=0)] = 0


class Deltas(Model):
    """How well applied the parameter changes of a tuned run must be, under --strict."""

    full_apply_ratio: Annotated[Number, Field(ge=0, le=1)] = 0.95
    signature_stuck: Annotated[Whole, Field(ge=0)] = 1


class Compare(Model):
    """How large a change against a baseline must be to matter, beside being proven.

    `ratio` is a share of the baseline; `floor`, for KPIs, a share of the limit.
    """

    ratio: Percent = Percent(10)
    floor: Percent = Percent(1)


class Chain(Model):
    """The pre-deploy chain: test commands, then smoke, then the newest soak."""

    tests: tuple[Argv, ...] = ()
    smoke: Literal["required", "optional", "off"] = "required"
    soak: Literal["required", "optional", "off"] = "optional"


class Gate(Model):
    """The gate over the last `window` iterations."""

    window: Annotated[Whole, Field(ge=1)] = 8
    min_pass: Annotated[Whole, Field(ge=1)] = 6
    warn_pass: Annotated[Whole, Field(ge=0)] = 5
    resources: Budgets = Budgets()
    logs: LogLimits = LogLimits()
    failures: Annotated[Whole, Field(ge=0)] = 0
    deltas: Deltas = Deltas()
    compare: Compare = Compare()
    chain: Chain = Chain()

    @model_validator(mode="after")
    def _ordered(self) -> Gate:
        if not self.warn_pass <= self.min_pass <= self.window:
            found = f"{self.warn_pass}, {self.min_pass}, {self.window}"
            message = f"must hold warn_pass <= min_pass <= window, found {found}; set all three"
            raise LocatedError(message, "window" if self.min_pass > self.window else "warn_pass")
        return self
