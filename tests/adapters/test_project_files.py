"""Where a project keeps things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.adapters.project_files import ProjectPaths

if TYPE_CHECKING:
    from pathlib import Path


def test_places_by_default(tmp_path: Path) -> None:
    """From the nearest root; fixtures where they are, else where they would be."""
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "src" / "app"
    inner.mkdir(parents=True)
    found = ProjectPaths.find(inner, {"GOLDEN_DIR": ""})
    assert found == ProjectPaths(
        tmp_path, tmp_path / "tests" / "fixtures", tmp_path / "tests" / "golden", tmp_path / "artifacts"
    )
    (tmp_path / "fixtures").mkdir()
    assert ProjectPaths.find(inner, {}).fixtures_dir == tmp_path / "fixtures"


def test_places_by_variable(tmp_path: Path) -> None:
    """A relative one starts from the root, not from where the user stands."""
    (tmp_path / "pyproject.toml").touch()
    inner = tmp_path / "src"
    inner.mkdir()
    elsewhere = tmp_path / "elsewhere"
    given = {"FIXTURES_DIR": "data/in", "GOLDEN_DIR": str(elsewhere), "ARTIFACTS_ROOT": "out"}
    found = ProjectPaths.find(inner, given)
    assert (found.fixtures_dir, found.golden_dir) == (tmp_path / "data" / "in", elsewhere)
    assert found.artifacts_dir == tmp_path / "out"
    assert ProjectPaths.find(inner, {**given, "ARTIFACTS_DIR": "first"}).artifacts_dir == tmp_path / "first"
