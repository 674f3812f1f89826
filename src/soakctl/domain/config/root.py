"""The whole of soakctl.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from soakctl.domain.config.base import LocatedError, Model, unique
from soakctl.domain.config.gate import Gate
from soakctl.domain.config.kpi import Kpi
from soakctl.domain.config.later import Later
from soakctl.domain.config.service import Service
from soakctl.domain.config.smoke import Smoke
from soakctl.domain.config.soak import Soak
from soakctl.domain.config.values import Pattern

if TYPE_CHECKING:
    from soakctl.domain.config.snapshot import Snapshot
    from soakctl.domain.config.tuning import Tuning
    from soakctl.domain.config.validate import Validate

# Of no meaning to a run, and not recorded with it.
_NOT_OF_A_RUN = {"snapshot_", "validate_"}


class Redact(Model):
    """Patterns hidden beside the built-in ones, and patterns that stay readable though a built-in one matches."""

    extra: tuple[Pattern, ...] = ()
    keep: tuple[Pattern, ...] = ()


class Config(Model):
    """soakctl.yaml."""

    model_config = ConfigDict(
        title="soakctl.yaml", json_schema_extra={"$schema": "https://json-schema.org/draft/2020-12/schema"}
    )

    version: Literal[1] = 1
    service: Service = Service()
    smoke: Smoke = Smoke()
    soak: Soak = Soak()
    kpis: Annotated[tuple[Kpi, ...], unique("KPI")] = ()
    gate: Gate = Gate()
    snapshot_: Annotated[Any, Later("soakctl.domain.config.snapshot", "Snapshot"), Field(alias="snapshot")] = None
    tuning_: Annotated[Any, Later("soakctl.domain.config.tuning", "Tuning"), Field(alias="tuning")] = None
    validate_: Annotated[Any, Later("soakctl.domain.config.validate", "Validate"), Field(alias="validate")] = None
    redact: Redact = Redact()

    @model_validator(mode="after")
    def _rules_know_their_kpis(self) -> Config:
        if self.tuning_ is None:
            return self
        known = {kpi.name for kpi in self.kpis} | {"events", "events_per_second"}
        for place, name in self.tuning.kpis_of_rules():
            if name not in known:
                raise LocatedError(f"{name} is no KPI of this configuration", "tuning", "rules", place, "when", name)
        return self

    @property
    def snapshot(self) -> Snapshot:
        """What a look at the environment takes in."""
        from soakctl.domain.config.snapshot import Snapshot  # as for Later  # noqa: PLC0415

        return self.snapshot_ if self.snapshot_ is not None else Snapshot()

    @property
    def tuning(self) -> Tuning:
        """The parameters that may change, and the rules by which they do."""
        from soakctl.domain.config.tuning import Tuning  # as for Later  # noqa: PLC0415

        return self.tuning_ if self.tuning_ is not None else Tuning()

    @property
    def validation(self) -> Validate:
        """The sections of a validation."""
        from soakctl.domain.config.validate import Validate  # as for Later  # noqa: PLC0415

        return self.validate_ if self.validate_ is not None else Validate()

    def recorded(self) -> dict[str, Any]:
        """As JSON, as far as it matters to a run."""
        return self.model_dump(mode="json", by_alias=True, exclude=_NOT_OF_A_RUN)

    def whole(self) -> dict[str, Any]:
        """As JSON, with every default."""
        sections = {"snapshot": self.snapshot, "tuning": self.tuning, "validate": self.validation}
        told = {name: section.model_dump(mode="json", by_alias=True) for name, section in sections.items()}
        return {**self.model_dump(mode="json", by_alias=True), **told}
