"""What `soak --auto-tune` asks for before it begins, and what it tells at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.cli.wiring.tuning import parameters_in_file
from soakctl.domain.tuning import Tune
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config


def require_tuning(tune: Tune, setup: Setup, config: Config, *, mock: bool) -> None:
    """Raise ConfigError for a run that cannot tune: nothing to change, no rule, or a file that is not as it must be."""
    if tune is Tune.OFF:
        return
    for key, given in (("parameters", config.tuning.parameters), ("rules", config.tuning.rules)):
        if not given:
            message = f"there is nothing to tune: the configuration has no tuning.{key}"
            hint = "Take configs/market-maker.yaml for an example, or leave --auto-tune out."
            raise ConfigError(message, hint=hint, where=str(setup.loaded.path or "configuration"))
    if not mock:
        parameters_in_file(setup, config)
