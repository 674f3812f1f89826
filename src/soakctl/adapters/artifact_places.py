"""Where artifacts and runs are written. Imports little, because reading a log begins here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def artifact_places(environ: Mapping[str, str], root: Path) -> tuple[Path, Path]:
    """The directory of everything, and that of runs. `root` is the project's; relative ones start from it."""
    artifacts = _named(environ, "ARTIFACTS_DIR") or _named(environ, "ARTIFACTS_ROOT")
    artifacts_dir = root / artifacts if artifacts else root / "artifacts"
    soak = _named(environ, "SOAK_ARTIFACTS_DIR")
    return artifacts_dir, root / soak if soak else artifacts_dir / "soak"


def _named(environ: Mapping[str, str], variable: str) -> str:
    return environ.get(variable, "").strip()
