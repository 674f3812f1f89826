"""What every command begins with: the configuration, the environment, the secrets, and what hides them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.adapters.config_discovery import project_root
from soakctl.adapters.config_file import load, parse, write_config
from soakctl.adapters.environment import Environment, apply_environment
from soakctl.adapters.secrets import resolve_secrets
from soakctl.cli.given import GLOBALS
from soakctl.cli.light import inherited
from soakctl.cli.output import note, warn
from soakctl.domain.config.loaded import Loaded
from soakctl.domain.config.root import Config
from soakctl.errors import ConfigError
from soakctl.redact import Redactor
from soakctl.redact.variables import promised_secrets

__all__ = [
    "Setup",
    "bundled_config",
    "demo_config",
    "require_command",
    "set_up",
    "warn_of_missing_secrets",
    "with_places",
    "write_config",
]

if TYPE_CHECKING:
    from soakctl.adapters.secrets import Resolved


@dataclass(frozen=True, slots=True)
class Setup:
    """What every command begins with: the configuration and the environment as they were found."""

    loaded: Loaded
    environment: Environment
    config: Config
    secrets: Resolved
    redactor: Redactor

    @property
    def base(self) -> Path:
        """What `service.cwd` is relative to: the project's root, or without a configuration where the user stands."""
        return self.loaded.root if self.loaded.path is not None else Path.cwd()


def set_up(*, needs_config: bool = True, tell: bool = True) -> Setup:
    """Find and read the configuration, lay the environment over it, look up the secrets. Raises ConfigError.

    Without `needs_config` a broken file that was not asked for by name is told and left aside: a run is judged by
    the configuration it was made with. Warnings are told here, unless the command tells them by itself.
    """
    loaded = _loaded(needs_config=needs_config)
    environment = Environment.from_environ(os.environ, loaded.root, cwd=Path.cwd())
    config = apply_environment(loaded.config, environment)
    secrets = resolve_secrets(config.service.secrets, {**os.environ, **config.service.env}, root=loaded.root)
    redactor = hiding(config, secrets)
    for warning in loaded.warnings if tell else ():
        warn(redactor.text(warning))
    if GLOBALS.verbose:
        note(f"configuration: {loaded.path or 'built-in defaults'} ({loaded.source})")
        note(f"runs are written to {environment.soak_dir}")
    return Setup(loaded, environment, config, secrets, redactor)


def hiding(config: Config, secrets: Resolved) -> Redactor:
    """What hides the configured secrets, and whatever variables whose names promise a secret hold."""
    promised = promised_secrets({**inherited(), **config.service.env})
    GLOBALS.redactor = Redactor({**promised, **secrets.values}, extra=config.redact.extra, keep=config.redact.keep)
    return GLOBALS.redactor


def _loaded(*, needs_config: bool) -> Loaded:
    explicit = Path(GLOBALS.config) if GLOBALS.config else None
    try:
        return load(explicit, cwd=Path.cwd(), environ=os.environ)
    except ConfigError as error:
        if needs_config or explicit is not None:
            raise
        warn(f"the configuration here is left aside: {error.message}")
        return Loaded(Config(), None, project_root(Path.cwd()), "defaults", ())


def with_places(setup: Setup) -> Loaded:
    """What was loaded, with a warning for each directory and command it names that is not on this machine."""
    from soakctl.adapters.config_places import places

    return replace(setup.loaded, warnings=(*setup.loaded.warnings, *places(setup.loaded, setup.base, os.environ)))


def bundled_config(*, tuned: bool = False) -> Config:
    """The market maker that a mock soak simulates; the tuned one has parameters and rules as well."""
    name = "market_maker_tuned.yaml" if tuned else "market_maker.yaml"
    return parse(files("soakctl.mock").joinpath(name).read_text(encoding="utf-8"), name)


def demo_config(fault: str | None) -> Config:
    """The bundled demo service, a real program, told to fail in one of its ways or not at all."""
    from soakctl.mock.demo_config import demo_config as build_demo_config

    return build_demo_config(fault)


def warn_of_missing_secrets(setup: Setup) -> None:
    """Name the secrets for which there is no value; the service may do without them, so it is started."""
    if setup.secrets.missing:
        warn(f"no value for {', '.join(setup.secrets.missing)}; the service is started without")


def require_command(config: Config, name: str = "soak") -> tuple[str, ...]:
    """The command to run. `name`: soakctl's that wants one. Raises ConfigError when there is none."""
    command = config.soak.repeat.command if config.soak.repeat is not None else config.service.command
    if command is None:
        message = "there is no service to run"
        example = f"soakctl {name} -- python app.py"
        hint = f"Write it after two dashes, as in `{example}`, or as service.command in soakctl.yaml."
        raise ConfigError(message, hint=hint, where="service.command")
    return command
