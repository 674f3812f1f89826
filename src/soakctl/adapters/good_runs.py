"""What good runs of the past showed: the median of each KPI in each run that passed, the newest first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from soakctl.domain.sample import is_number

if TYPE_CHECKING:
    from pathlib import Path


def good_runs(soak_dir: Path, *, mode: str, service: str, most: int) -> list[dict[str, float]]:
    """Runs of this service in this mode whose verdict is PASS. One that cannot be read is no good run."""
    found: list[dict[str, float]] = []
    if not soak_dir.is_dir():
        return found
    for path in sorted((item for item in soak_dir.iterdir() if item.is_dir() and not item.is_symlink()), reverse=True):
        if len(found) >= most:
            break
        manifest, verdict = _document(path / "run.json"), _document(path / "verdict.json")
        named = _object(_object(manifest.get("config")).get("service")).get("name")
        if manifest.get("mode") != mode or named != service or verdict.get("verdict") != "PASS":
            continue
        kpis = _object(verdict.get("kpis"))
        medians = {name: _object(figures).get("median") for name, figures in kpis.items()}
        values = {name: float(value) for name, value in medians.items() if value is not None and is_number(value)}
        if values:
            found.append(values)
    return found


def _document(path: Path) -> dict[str, Any]:
    try:
        return _object(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
