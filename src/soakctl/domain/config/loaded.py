"""A configuration together with where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from soakctl.domain.config.root import Config


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded.

    Attributes:
        config: the configuration, complete with defaults.
        path: the file it was read from; None for the built-in defaults.
        root: the project root, which relative paths of the configuration start from.
        source: "--config", "SOAKCTL_CONFIG", "soakctl.yaml", "pyproject.toml" or "defaults".
        warnings: what is legal but foolish, each with its file, line and key.
        origins: for each key that the file sets, as in `smoke.deadline`, the file and line.
    """

    config: Config
    path: Path | None
    root: Path
    source: str
    warnings: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
