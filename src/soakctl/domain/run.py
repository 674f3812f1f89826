"""The manifest of a run: what was run, how, on what, and how it stands."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from soakctl.errors import NoDataError

MANIFEST_SCHEMA = "soakctl.run/1"
_NEWER = re.compile(r"soakctl\.run/(?!0*1$)(\d+)")


class Mode(StrEnum):
    """Whether the service was real or simulated; a run is judged in its own mode."""

    REAL = "real"
    MOCK = "mock"


class RunPhase(StrEnum):
    """How a run stands. Abandoned: neither ended nor held by a living soakctl."""

    RUNNING = "running"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    ABANDONED = "abandoned"


class Manifest(BaseModel):
    """`run.json`. `config` and `command` are redacted; `config_hash` is the SHA-256 of the redacted configuration.

    Raises NoDataError for one of a later format, whatever else it holds.
    `history`: the good runs by which adaptive limits were worked out, the newest first; None without such limits.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    schema_: str = Field(default=MANIFEST_SCHEMA, alias="schema")
    run_id: str
    soakctl_version: str
    mode: Mode
    flags: dict[str, Any] = {}
    config: dict[str, Any]
    config_hash: str
    config_source: str = "defaults"
    fingerprint: dict[str, Any] = {}
    command: tuple[str, ...] = ()
    pid: int | None = None
    plan: dict[str, Any]
    planned_s: float
    started_unix: float
    started_utc: str
    ended_unix: float | None = None
    ended_utc: str | None = None
    state: RunPhase = RunPhase.RUNNING
    verdict: str | None = None
    exit_code: int | None = None
    history: list[dict[str, float]] | None = None

    @model_validator(mode="before")
    @classmethod
    def _not_newer(cls, data: Any) -> Any:
        schema = data.get("schema") if isinstance(data, dict) else None
        if isinstance(schema, str) and _NEWER.fullmatch(schema):
            by = data.get("soakctl_version")
            message = f"the run was made by a newer soakctl{f' ({by})' if isinstance(by, str) else ''}"
            raise NoDataError(
                f"{message}: its schema is {schema[:40]}, and this one reads {MANIFEST_SCHEMA}",
                hint="Update soakctl, or judge the run with the version that made it.",
                where="run.json",
            )
        return data

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        document = self.model_dump(mode="json", by_alias=True)
        if self.history is None:
            del document["history"]
        return document

    @property
    def tuned(self) -> bool:
        """Whether the run tuned, if only in words."""
        return bool(self.flags.get("auto_tune") or self.flags.get("propose_only"))

    def reopened(self) -> Manifest:
        """The manifest of a run that goes on."""
        update = {"state": RunPhase.RUNNING, "ended_unix": None, "ended_utc": None, "verdict": None, "exit_code": None}
        return self.model_copy(update=update)
