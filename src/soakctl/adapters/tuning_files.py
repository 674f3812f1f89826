"""What the documents of a tuned run tell of its tuning, beside the journal."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from soakctl.domain.tuning_shape import lacks_in_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

REPORT = "TUNING_REPORT.json"
SUMMARIES = "ITER_SUMMARY files"
_SUMMARY = re.compile(r"^ITER_SUMMARY_(\d{1,6})\.json$")

Told = dict[int, "Mapping[str, Any] | None"]


def read_tuning_files(path: Path, expected: Iterable[int], problems: list[str]) -> dict[str, Told]:
    """The tuning part of each iteration by kind of document; what is missing or malformed is said."""
    return {SUMMARIES: _summaries(path, set(expected), problems), REPORT: _report(path, problems)}


def _summaries(path: Path, expected: set[int], problems: list[str]) -> Told:
    told: Told = {}
    there = {int(match[1]) for item in path.iterdir() if (match := _SUMMARY.match(item.name))}
    for number in sorted(there | expected):
        name = f"ITER_SUMMARY_{number}.json"
        row = _document(path / name, problems).get("tuning") if number in there else None
        told[number] = None if row is None else _sound(row, name, problems)
    return told


def _report(path: Path, problems: list[str]) -> Told:
    if not (path / REPORT).exists():
        return {}
    rows = _document(path / REPORT, problems).get("iterations")
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
        told[number] = _sound(part, f"{REPORT}, iteration {number}", problems)
    return told


def _sound(row: Any, name: str, problems: list[str]) -> Mapping[str, Any] | None:
    lacking = lacks_in_row(row)
    if lacking:
        problems.append(f"{name} has no valid {lacking}")
        return None
    found: Mapping[str, Any] = row
    return found


def _document(path: Path, problems: list[str]) -> dict[str, Any]:
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
    return {}
