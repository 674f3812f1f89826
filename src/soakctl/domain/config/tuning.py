"""`tuning:` which parameters of the service may change, by which rules, and what holds a change back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from soakctl.domain.config.base import LocatedError, Model, unique
from soakctl.domain.config.rule import Rule
from soakctl.domain.config.values import Name, Number, Text, Whole
from soakctl.domain.units import Percent

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 12
# Beyond this a float does not hold every whole number.
Bounded = Annotated[Number, Field(ge=-1e15, le=1e15)]


def _path(text: str) -> str:
    parts = text.split(".")
    if not all(parts) or len(parts) > _DEEPEST or text != text.strip():
        message = f"{text[:80]!r} is not a path; write one like engine.min_interval_ms"
        raise ValueError(message)
    return text


class Parameter(Model):
    """A number in the overrides file that may be changed: where it stands, its bounds, and how fast it may move.

    `type` is int where initial, min and max are whole numbers, unless it is given.
    """

    path: Annotated[Text, AfterValidator(_path)]
    type: Literal["int", "float"] | None = None
    initial: Bounded
    min: Bounded
    max: Bounded
    max_change_per_hour: Annotated[Number, Field(gt=0)] | None = None
    group: Name | None = None

    @model_validator(mode="before")
    @classmethod
    def _type_from_bounds(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("type") is not None:
            return data
        whole = all(type(data.get(key)) is int for key in ("initial", "min", "max"))
        return {**data, "type": "int" if whole else "float"}

    @model_validator(mode="after")
    def _ordered(self) -> Parameter:
        if self.min > self.max:
            raise LocatedError(f"min {self.min:g} is above max {self.max:g}", "min")
        if not self.min <= self.initial <= self.max:
            raise LocatedError(f"initial {self.initial:g} is not within {self.min:g} to {self.max:g}", "initial")
        if self.type == "int":
            for key in ("initial", "min", "max"):
                if not float(getattr(self, key)).is_integer():
                    raise LocatedError(f"{getattr(self, key):g} is not a whole number, and type is int", key)
        return self


class Freeze(Model):
    """After so many good iterations in a row the chosen parameters (all, if none are named) rest for a while."""

    after: Annotated[Whole, Field(ge=1)] = 4
    iterations: Annotated[Whole, Field(ge=1)] = 4
    parameters: tuple[Name, ...] = ()
    groups: tuple[Name, ...] = ()


class Oscillation(Model):
    """A change that would bring back a value left within the last so many iterations is held back."""

    window: Annotated[Whole, Field(ge=1)] = 4


class Velocity(Model):
    """No parameter moves faster than its `max_change_per_hour`; without one, than this share of its range."""

    share: Percent | None = None


class Cooldown(Model):
    """A parameter rests after a change of this share of its range or more, and after a change was taken back."""

    large: Percent = Percent(20)
    iterations: Annotated[Whole, Field(ge=0)] = 1
    after_revert: Annotated[Whole, Field(ge=0)] = 3


class Guards(Model):
    """What holds a proposal back, asked in this order."""

    freeze: Freeze = Freeze()
    oscillation: Oscillation = Oscillation()
    velocity: Velocity = Velocity()
    cooldown: Cooldown = Cooldown()


class Revert(Model):
    """When a change is taken back: a KPI got worse by more than `noise` times its noise and `floor` of its limit."""

    enabled: bool = True
    noise: Annotated[Number, Field(gt=0)] = 3.0
    floor: Percent = Percent(10)


class Tuning(Model):
    """Parameters, rules and guards. Nothing of it acts without --auto-tune."""

    file: Text = "artifacts/soak/runtime_overrides.json"
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    rules: Annotated[tuple[Rule, ...], unique("rule")] = ()
    guards: Guards = Guards()
    revert: Revert = Revert()

    @model_validator(mode="after")
    def _consistent(self) -> Tuning:
        paths = {name: tuple(one.path.split(".")) for name, one in self.parameters.items()}
        for name, path in paths.items():
            for other, longer in paths.items():
                if name != other and longer[: len(path)] == path:
                    message = f"stands in the way of {other}, whose path is {self.parameters[other].path}"
                    raise LocatedError(message, "parameters", name, "path")
        self._known()
        return self

    def _known(self) -> None:
        for place, rule in enumerate(self.rules):
            for name in rule.change:
                if name not in self.parameters:
                    raise LocatedError(f"{name} is not a parameter", "rules", place, "change", name)
        freeze = self.guards.freeze
        for name in freeze.parameters:
            if name not in self.parameters:
                raise LocatedError(f"{name} is not a parameter", "guards", "freeze", "parameters")
        groups = {one.group for one in self.parameters.values()}
        for name in freeze.groups:
            if name not in groups:
                raise LocatedError(f"no parameter is of the group {name}", "guards", "freeze", "groups")

    def kpis_of_rules(self) -> Iterator[tuple[int, str]]:
        """The place of each rule with each KPI that it asks for."""
        for place, rule in enumerate(self.rules):
            for kpi in rule.when.names():
                yield place, kpi
