"""A rule of `tuning:`: conditions on KPIs, typed and without an expression language, and what they change."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import ConfigDict, Field, model_validator

from soakctl.domain.config.adaptive import Adaptive
from soakctl.domain.config.base import LocatedError, Model
from soakctl.domain.config.values import Name, Number, Whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ONE_SIDED = ("lt", "le", "ge", "gt")


class Condition(Model):
    """What a KPI must be. Several hold together; a KPI without a value fulfils nothing.

    `adaptive` moves the one limit nearer to what past runs showed, never further away.
    """

    lt: Number | None = None
    le: Number | None = None
    eq: Number | None = None
    ge: Number | None = None
    gt: Number | None = None
    between: tuple[Number, Number] | None = None
    adaptive: Adaptive | None = None

    @model_validator(mode="after")
    def _possible(self) -> Condition:
        given = self.given()
        if not given:
            message = "says nothing; give one of lt, le, eq, ge, gt, between"
            raise ValueError(message)
        if self.between is not None and self.between[0] > self.between[1]:
            raise LocatedError(f"{self.between[0]:g} is above {self.between[1]:g}", "between")
        low = [limit for limit in (self.gt, self.ge) if limit is not None]
        high = [limit for limit in (self.lt, self.le) if limit is not None]
        if low and high and max(low) > min(high):
            raise ValueError(f"no value can lie above {max(low):g} and below {min(high):g}")
        if self.adaptive is not None and (len(given) != 1 or given[0] not in _ONE_SIDED):
            raise LocatedError("needs exactly one limit, one of lt, le, ge, gt, that it may tighten", "adaptive")
        return self

    def given(self) -> list[str]:
        """Which limits there are."""
        return [name for name in ("lt", "le", "eq", "ge", "gt", "between") if getattr(self, name) is not None]

    def holds(self, value: float | None) -> bool:
        """Whether the value is as asked; a missing or broken one never is."""
        if value is None or not math.isfinite(value):
            return False
        return (
            (self.lt is None or value < self.lt)
            and (self.le is None or value <= self.le)
            and (self.eq is None or value == self.eq)
            and (self.ge is None or value >= self.ge)
            and (self.gt is None or value > self.gt)
            and (self.between is None or self.between[0] <= value <= self.between[1])
        )

    def tightened(self, centre: float, spread: float) -> Condition:
        """With the limit at `centre` plus or minus `spread`, unless that were looser than the one given."""
        key = self.given()[0]
        hard = float(getattr(self, key))
        limit = min(hard, centre + spread) if key in {"ge", "gt"} else max(hard, centre - spread)
        return self.model_copy(update={key: limit})


class When(Model):
    """Conditions by KPI, which all must hold; `all` and `any` hold further ones, to any depth."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, Condition]
    all: tuple[When, ...] = ()
    any: tuple[When, ...] = ()

    @model_validator(mode="after")
    def _asks_something(self) -> When:
        if not (self.conditions or self.all or self.any):
            message = "a rule without a condition would always hold; name a KPI"
            raise ValueError(message)
        return self

    @property
    def conditions(self) -> dict[str, Condition]:
        """The conditions of this level by KPI."""
        return self.__pydantic_extra__

    def holds(self, values: Mapping[str, float | None]) -> bool:
        """Whether all of it holds for the KPIs of an iteration."""
        return (
            all(condition.holds(values.get(name)) for name, condition in self.conditions.items())
            and all(part.holds(values) for part in self.all)
            and (not self.any or any(part.holds(values) for part in self.any))
        )

    def names(self) -> Iterator[str]:
        """Each KPI that is asked for, once for each time that it is."""
        yield from self.conditions
        for part in (*self.all, *self.any):
            yield from part.names()


class Change(Model):
    """What becomes of a parameter: so much more, so many times as much, or this; within bounds of its own."""

    add: Number | None = None
    multiply: Annotated[Number, Field(ge=0)] | None = None
    set: Number | None = None
    min: Number | None = None
    max: Number | None = None

    @model_validator(mode="after")
    def _one(self) -> Change:
        if sum(way is not None for way in (self.add, self.multiply, self.set)) != 1:
            message = "give exactly one of add, multiply, set"
            raise ValueError(message)
        if self.min is not None and self.max is not None and self.min > self.max:
            raise LocatedError(f"min {self.min:g} is above max {self.max:g}", "min")
        return self


class Rule(Model):
    """Conditions and changes. Of the rules of one `zone` the first that holds is taken; one without is additive.

    Where rules disagree about a parameter, the higher `priority` wins, then the one that stands first.
    """

    name: Name
    zone: Name | None = None
    priority: Whole = 0
    when: When
    change: Annotated[dict[Name, Change], Field(min_length=1)]
