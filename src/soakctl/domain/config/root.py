"""The whole of soakctl.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from soakctl.domain.config.base import LocatedError, Model, unique
from soakctl.domain.config.gate import Gate
from soakctl.domain.config.kpi import Kpi
from soakctl.domain.config.service import Service
from soakctl.domain.config.smoke import Smoke
from soakctl.domain.config.snapshot import Snapshot
from soakctl.domain.config.soak import Soak
from soakctl.domain.config.tuning import Tuning
from soakctl.domain.config.validate import Validate
from soakctl.domain.config.values import Pattern


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
    snapshot: Snapshot = Snapshot()
    tuning: Tuning = Tuning()
    validate_: Annotated[Validate, Field(alias="validate")] = Validate()
    redact: Redact = Redact()

    @model_validator(mode="after")
    def _rules_know_their_kpis(self) -> Config:
        known = {kpi.name for kpi in self.kpis} | {"events", "events_per_second"}
        for place, name in self.tuning.kpis_of_rules():
            if name not in known:
                raise LocatedError(f"{name} is no KPI of this configuration", "tuning", "rules", place, "when", name)
        return self
