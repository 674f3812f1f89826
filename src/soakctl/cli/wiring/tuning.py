"""The file of the parameters, looked at before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.adapters.overrides_file import OverridesFile
from soakctl.cli.wiring.world import overrides_path
from soakctl.errors import ConfigError
from soakctl.tuning.parameters import current

if TYPE_CHECKING:
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config


def parameters_in_file(setup: Setup, config: Config) -> None:
    """Raise ConfigError when the file is there and cannot be tuned, before anything is started."""
    path = overrides_path(setup, config)
    found = OverridesFile(path).read(0)
    wrong = found.error or current(config.tuning.parameters, found.document)[1]
    if wrong:
        message = f"the parameters cannot be tuned: {wrong}"
        raise ConfigError(message, hint="Correct the file, or the parameters of tuning.", where=str(path))
