"""What a configuration holds, told for people and for programs, with nothing secret in it.

`redact` is what hides secrets in a JSON value, as `Redactor.value`.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from soakctl.domain.config.root import Config
from soakctl.domain.plan import Plan
from soakctl.domain.units import Duration
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soakctl.domain.config.loaded import Loaded

    Redact = Callable[[Any], Any]


def summary(config: Config, redact: Redact) -> tuple[tuple[str, str], ...]:
    """What was found, section by section: a title and a line for each."""
    return tuple((title, redact(text)) for title, text in (
        ("service", _service(config)),
        ("smoke", _smoke(config)),
        ("soak", _soak(config)),
        ("kpis", ", ".join(kpi.name for kpi in config.kpis) or "none; resources, crashes and logs have default limits"),
        ("gate", _gate(config)),
    ))  # fmt: skip


def _service(config: Config) -> str:
    service = config.service
    command = config.soak.repeat.command if config.soak.repeat is not None else service.command
    text = f"{service.name}: {shlex.join(command) if command else 'no command; give one after --'}"
    if service.secrets:
        text += f", with {', '.join(secret.name for secret in service.secrets)}"
    return text


def _smoke(config: Config) -> str:
    smoke = config.smoke
    alive = [checkpoint.name for checkpoint in smoke.checkpoints if checkpoint.liveness]
    shown = _count(len(smoke.checkpoints), "checkpoint") if smoke.checkpoints else "no checkpoints, any sign of life"
    return f"{shown} within {smoke.deadline}" + (f", alive at {alive[0]}" if alive else "")


def _soak(config: Config) -> str:
    try:
        plan = Plan.of(config.soak)
    except ConfigError as error:
        return error.message
    number = "repeated"
    if plan.iterations:
        number = f"{_count(plan.iterations, 'iteration')} of {Duration(plan.iteration_s)}"
    return f"{Duration(plan.duration_s)}, {number}, a sample every {Duration(plan.sample_every_s)}"


def _gate(config: Config) -> str:
    gate = config.gate
    return f"of the last {gate.window} iterations {gate.min_pass} for PASS, {gate.warn_pass} for WARN"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def check_document(loaded: Loaded, redact: Redact) -> dict[str, Any]:
    """The answer of `config check --json`."""
    return {
        "schema": "soakctl.config-check/1",
        "ok": True,
        "source": loaded.source,
        "path": None if loaded.path is None else str(loaded.path),
        "root": str(loaded.root),
        "found": dict(summary(loaded.config, redact)),
        "warnings": [redact(warning) for warning in loaded.warnings],
    }


def show_document(loaded: Loaded, config: Config, overrides: Mapping[str, str], redact: Redact) -> dict[str, Any]:
    """The answer of `config show --json`; `config` is the loaded one with what the environment overrides."""
    return {
        "schema": "soakctl.config-show/1",
        "source": loaded.source,
        "path": None if loaded.path is None else str(loaded.path),
        "config": resolved(config, redact),
        "origins": origins(loaded, overrides),
        "warnings": [redact(warning) for warning in loaded.warnings],
    }


def origins(loaded: Loaded, overrides: Mapping[str, str]) -> dict[str, str]:
    """For each key that is not a default: the file and line, or the environment variable. Keys sorted."""
    return dict(sorted({**loaded.origins, **{key: f"${variable}" for key, variable in overrides.items()}}.items()))


def resolved(config: Config, redact: Redact) -> dict[str, Any]:
    """The whole configuration, defaults included, as it could be written in a file, secrets hidden."""
    shown: dict[str, Any] = redact(config.whole())
    first = ("name", "source")
    shown["kpis"] = [{**{key: kpi[key] for key in first}, **kpi} for kpi in shown["kpis"]]
    return shown


def json_schema() -> dict[str, Any]:
    """The JSON Schema of soakctl.yaml, for editors."""
    return Config.model_json_schema(by_alias=True)
