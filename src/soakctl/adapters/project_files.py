"""The files of a project, and its well-known places."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.adapters.config_discovery import project_root

if TYPE_CHECKING:
    from collections.abc import Mapping

# Folders of tools, which hold nothing that a person wrote.
_NOT_THE_PROJECTS = frozenset(
    ".git .hg .svn .venv venv node_modules __pycache__ .tox .nox .mypy_cache .ruff_cache .pytest_cache .hypothesis "
    ".eggs .idea site-packages".split()
)


def all_files(root: Path) -> list[str]:
    """Every file below the root, relative and in order; links to folders are not followed."""
    found: list[str] = []
    base = str(root)
    for folder, folders, files in os.walk(base):
        folders[:] = [name for name in folders if name not in _NOT_THE_PROJECTS]
        inner = os.path.relpath(folder, base).replace(os.sep, "/")
        found += [name if inner == "." else f"{inner}/{name}" for name in files]
    return sorted(found)


@dataclass(frozen=True, slots=True)
class ProjectPaths:
    """Where a project keeps things.

    Attributes:
        root: the nearest directory with a .git or a pyproject.toml, else where the user stands.
        fixtures_dir: FIXTURES_DIR, else tests/fixtures or fixtures, whichever is there.
        golden_dir: GOLDEN_DIR, else tests/golden.
        artifacts_dir: ARTIFACTS_DIR or ARTIFACTS_ROOT, else artifacts.
    """

    root: Path
    fixtures_dir: Path
    golden_dir: Path
    artifacts_dir: Path

    @classmethod
    def find(cls, cwd: Path, environ: Mapping[str, str]) -> ProjectPaths:
        """Resolve them; a relative value starts from the root, an empty one counts as unset."""
        root = project_root(cwd)

        def given(name: str) -> Path | None:
            value = environ.get(name, "").strip()
            return root / Path(value).expanduser() if value else None

        places = (root / "tests" / "fixtures", root / "fixtures")
        there = next((path for path in places if path.is_dir()), places[0])
        return cls(
            root=root,
            fixtures_dir=given("FIXTURES_DIR") or there,
            golden_dir=given("GOLDEN_DIR") or root / "tests" / "golden",
            artifacts_dir=given("ARTIFACTS_DIR") or given("ARTIFACTS_ROOT") or root / "artifacts",
        )
