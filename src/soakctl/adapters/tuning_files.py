"""What the documents of a tuned run tell of its tuning, beside the journal."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soakctl.domain.record import OverridesCopy
from soakctl.domain.tuning_shape import lacks_in_row

if TYPE_CHECKING:
    from collections.abc import Iterable

REPORT = "TUNING_REPORT.json"
SUMMARIES = "ITER_SUMMARY files"
_SUMMARY = re.compile(r"^ITER_SUMMARY_(\d{1,6})\.json$")

# A tuning part as it stands there, whatever it is; None where no document tells of the iteration.
Told = dict[int, Any]


def read_tuning_files(path: Path, expected: Iterable[int], problems: list[str]) -> dict[str, Told]:
    """The tuning part of each iteration by kind of document; what is missing or malformed is said."""
    return {SUMMARIES: _summaries(path, set(expected), problems), REPORT: _report(path, problems)}


def read_overrides_copy(path: Path, file: str) -> OverridesCopy:
    """The overrides file that a mock run has in its own directory."""
    where = path / Path(file).name
    if not where.is_file():
        return OverridesCopy(where.name, None, f"{where.name} is missing")
    from soakctl.adapters.overrides_file import OverridesFile  # what writes it comes along  # noqa: PLC0415

    found = OverridesFile(where).read(0)
    return OverridesCopy(where.name, None if found.error else found.document, found.error)


def _summaries(path: Path, expected: set[int], problems: list[str]) -> Told:
    told: Told = {}
    there = {int(match[1]) for item in path.iterdir() if (match := _SUMMARY.match(item.name))}
    for number in sorted(there | expected):
        name = f"ITER_SUMMARY_{number}.json"
        document = _document(path / name, problems) if number in there else None
        if document is None:
            told[number] = None
            continue
        part = document.get("tuning")
        said = document.get("iteration")
        if said != number:
            problems.append(f"{name} says that it is of iteration {json.dumps(said)[:20]}")
        if part is not None or number in expected:
            told[number] = _looked_at(part, name, problems)
    return told


def _report(path: Path, problems: list[str]) -> Told:
    if not (path / REPORT).exists():
        return {}
    document = _document(path / REPORT, problems)
    if document is None:
        return {}
    rows = document.get("iterations")
    if not isinstance(rows, list):
        problems.append(f"{REPORT} has no list of iterations")
        return {}
    told: Told = {}
    for place, row in enumerate(rows):
        number = row.get("iteration") if isinstance(row, dict) else None
        if type(number) is not int:
            problems.append(f"{REPORT} has an entry {place + 1} without an iteration")
            continue
        if number in told:
            problems.append(f"{REPORT} tells of iteration {number} twice")
        part = {key: value for key, value in row.items() if key not in {"iteration", "kpi_verdict"}}
        told[number] = _looked_at(part, f"{REPORT}, iteration {number}", problems)
    return told


def _looked_at(part: Any, name: str, problems: list[str]) -> Any:
    """The part as it is, for whoever compares it with the journal; a null is told as an empty part."""
    lacking = lacks_in_row(part)
    if lacking:
        problems.append(f"{name} has no valid {lacking}")
    return {} if part is None else part


def _document(path: Path, problems: list[str]) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        problems.append(f"{path.name} cannot be read: {error.strerror or error}")
    except (ValueError, RecursionError):
        problems.append(f"{path.name} is damaged")
    else:
        if isinstance(found, dict):
            return found
        problems.append(f"{path.name} is damaged")
    return None
