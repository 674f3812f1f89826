"""Finding what a run is compared with: a run by its name, a snapshot, or the last run that passed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soakctl.adapters.older_runs import is_older_run, read_older_run
from soakctl.adapters.run_reader import read_manifest, read_record
from soakctl.adapters.runs import find_run, run_ids
from soakctl.domain.baseline import Baseline, differences
from soakctl.domain.run import RunPhase
from soakctl.errors import NoDataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.run import Manifest

LAST_PASS = "last-pass"  # noqa: S105 - a verdict


def find_baseline(named: str, root: Path, *, judged: Path, manifest: Manifest) -> Baseline:
    """The baseline of the run in `judged`: a run id, a path, `latest`, a file of a snapshot, or `last-pass`.

    Raises NoDataError for what is not there or cannot be read, UsageError for the judged run itself.
    """
    if named == LAST_PASS:
        return _last_pass(root, judged, manifest)
    file = Path(named)
    if file.is_file():
        _refuse_itself(file.parent, judged, named)
        return _snapshot(file)
    path = find_run(named, root)
    _refuse_itself(path, judged, named)
    if is_older_run(path):
        iterations, problems = read_older_run(path)
        return Baseline(path.name, iterations=tuple(iterations), problems=problems)
    return _run(path)


def _refuse_itself(path: Path, judged: Path, named: str) -> None:
    if path.resolve() == judged.resolve():
        message = f"--compare {named}: a run cannot be compared with itself"
        raise UsageError(message, hint="Name another run, or last-pass for the last one before it that passed.")


def _run(path: Path) -> Baseline:
    record = read_record(path)
    if not record.state.iterations:
        message = f"run {record.manifest.run_id} has no iteration to compare with"
        raise NoDataError(message, hint="Name a run that was soaked.", where=str(path))
    return Baseline(record.manifest.run_id, verdict=record.manifest.verdict, record=record, problems=record.problems)


def _last_pass(root: Path, judged: Path, manifest: Manifest) -> Baseline:
    """The newest passed run before this one that is like it; without one like it, the newest that passed."""
    passed = list(_passed_before(root, judged, manifest))
    if not passed:
        return Baseline(LAST_PASS, missing="no run before this one passed")
    alike = [path for path, other in passed if not differences(manifest, other).blocking]
    return _run(alike[0] if alike else passed[0][0])


def _passed_before(root: Path, judged: Path, manifest: Manifest) -> Iterator[tuple[Path, Manifest]]:
    """Newest first. Runs that began later do not count: a verdict stays what it was when more runs are made."""
    found = []
    for run_id in run_ids(root):
        path = root / run_id
        if path.resolve() == judged.resolve():
            continue
        try:
            other = read_manifest(path)
        except NoDataError:  # a damaged run cannot have passed
            continue
        finished = other.state is RunPhase.FINISHED and other.verdict == "PASS"
        if finished and other.started_unix <= manifest.started_unix and not _regressed(path):
            found.append((other.started_unix, run_id, path, other))
    for _, _, path, other in sorted(found, key=lambda item: item[:2], reverse=True):
        yield path, other


def _regressed(path: Path) -> bool:
    """Whether the last gate of a run found it worse than its own baseline: else that would become the new normal."""
    try:
        document = json.loads((path / "verdict.json").read_bytes())
        checks = [check for check in document["checks"] if str(check["id"]).startswith("compare.")]
        return any(check["severity"] in {"warn", "fail"} for check in checks)
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return True  # what the gate found cannot be told, so nobody is compared with it unasked


def _snapshot(path: Path) -> Baseline:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        what = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not JSON"
        message = f"the snapshot cannot be read: {what}"
        raise NoDataError(message, hint="Give a POST_SOAK_SNAPSHOT.json, or a run.", where=str(path)) from error
    figures = _figures(document.get("kpi_last8")) if isinstance(document, dict) else {}
    if not figures:
        message = "this is no snapshot of a gate: it holds no figures under kpi_last8"
        raise NoDataError(message, hint="Give a POST_SOAK_SNAPSHOT.json, or a run.", where=str(path))
    verdict = document.get("verdict")
    return Baseline(str(path), verdict=verdict if isinstance(verdict, str) else None, figures=figures)


def _figures(found: Any) -> Mapping[str, float]:
    """Each KPI: its median, else its mean."""
    figures: dict[str, float] = {}
    for kind in ("mean", "median"):
        values = found.get(kind) if isinstance(found, dict) else None
        for name, value in values.items() if isinstance(values, dict) else ():
            if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
                figures[str(name)] = float(value)
    return figures
