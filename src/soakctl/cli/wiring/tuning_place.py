"""Where the overrides file must not lie: in the place of the configuration, or among the artifacts of a run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.cli.wiring.world import overrides_path
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config

_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]+(-\d+)?|latest")
_HINT = "Give the parameters a file of their own, such as artifacts/soak/runtime_overrides.json."


def require_own_place(setup: Setup, config: Config) -> None:
    """Raise ConfigError for a `tuning.file` that is the configuration, or lies in the directory of a run.

    Links are followed on both sides.
    """
    loaded = setup.loaded.path
    path = overrides_path(setup, config)
    if loaded is not None and _is_same(path, loaded):
        message = f"tuning.file is the configuration itself: {config.tuning.file}"
    elif _is_in_run(path, setup.environment.soak_dir):
        message = f"tuning.file lies among the artifacts of a run: {config.tuning.file}"
    else:
        return
    raise ConfigError(message, hint=_HINT, where=str(loaded or "configuration"))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.resolve() == other.resolve() or one.samefile(other)
    except OSError:
        return False


def _is_in_run(path: Path, runs: Path) -> bool:
    try:
        target, above = path.resolve(), runs.resolve()
    except OSError:
        return False
    if not target.is_relative_to(above) or target == above:
        return False
    first = target.relative_to(above).parts[0]
    return _RUN.fullmatch(first) is not None or (above / first / "run.json").exists()
