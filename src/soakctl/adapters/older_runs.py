"""Run directories of older tools: `ITER_SUMMARY_<n>.json` and `TUNING_REPORT.json`, and nothing around them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from soakctl.domain.iteration import Iteration
from soakctl.domain.sample import is_number, is_whole
from soakctl.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SUMMARY = re.compile(r"^ITER_SUMMARY_(\d{1,6})\.json$")
_REPORT = "TUNING_REPORT.json"
Rows = dict[int, "Mapping[str, Any]"]
# A run of ours that lost its manifest is damaged, and must not be judged by less than it recorded.
_OURS = ("run.json", "events.jsonl", "resources.jsonl", "run.lock", "verdict.json", "status.json")


def is_older_run(path: Path) -> bool:
    """Whether this is such a directory: summaries or a report, and nothing that soakctl itself leaves beside them."""
    if not path.is_dir() or any((path / name).exists() for name in _OURS):
        return False
    return (path / _REPORT).is_file() or any(_numbers(path))


def read_older_run(path: Path) -> tuple[list[Iteration], tuple[str, ...]]:
    """Its iterations in order, and everything that is missing or malformed. Raises NoDataError without any."""
    problems: list[str] = []
    numbers = sorted(_numbers(path))
    found = {number: item for number in numbers if (item := _iteration(path, number, problems)) is not None}
    if not found:
        message = "no ITER_SUMMARY file of this directory can be read"
        raise NoDataError(message, hint="; ".join(problems[:3]), where=str(path))
    missing = [number for number in range(1, numbers[-1] + 1) if number not in numbers]
    if missing:
        problems.append(f"ITER_SUMMARY_{missing[0]}.json is missing ({len(missing)} in all)")
    problems += _report_problems(path, found)
    return [found[number] for number in sorted(found)], tuple(problems)


def read_older_tuning(path: Path, problems: list[str]) -> tuple[Rows, Rows]:
    """The tuning part of each iteration that has one, by its summary and by the report; what is malformed is said.

    What is damaged as a whole is told by `read_older_run`.
    """
    found: dict[int, Mapping[str, Any]] = {}
    for number in sorted(_numbers(path)):
        name = f"ITER_SUMMARY_{number}.json"
        document = _document(path / name, [])
        row = None if document is None else document.get("tuning")
        if isinstance(row, dict):
            found[number] = row
        elif row is not None:
            problems.append(f"{name} has a tuning part that is no object")
    document = _document(path / _REPORT, []) if (path / _REPORT).is_file() else None
    rows = None if document is None else document.get("iterations")
    told = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    report: Rows = {row["iteration"]: row for row in told if is_whole(row.get("iteration")) and _tells_of_tuning(row)}
    return {number: row for number, row in found.items() if row}, report


def _tells_of_tuning(row: Mapping[str, Any]) -> bool:
    """Whether a row of the report tells what became of proposals, and not only that there was an iteration."""
    return "proposed_deltas" in row or "applied" in row


def _numbers(path: Path) -> Iterator[int]:
    return (int(match[1]) for item in path.iterdir() if (match := _SUMMARY.match(item.name)))


def _document(path: Path, problems: list[str]) -> Mapping[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        problems.append(f"{path.name} cannot be read: {error.strerror or error}")
        return None
    except (ValueError, RecursionError) as error:
        problems.append(f"{path.name} is truncated or malformed: {error}")
        return None
    if isinstance(found, dict):
        return found
    problems.append(f"{path.name} is malformed: it holds no object")
    return None


def _iteration(path: Path, number: int, problems: list[str]) -> Iteration | None:
    name = f"ITER_SUMMARY_{number}.json"
    document = _document(path / name, problems)
    if document is None:
        return None
    summary = document.get("summary")
    if not isinstance(summary, dict):
        problems.append(f"{name} has no summary")
        return None
    said = document.get("iteration", number)
    if said != number:
        problems.append(f"{name} says that it is of iteration {json.dumps(said)[:20]}")
    values = {str(key): float(value) for key, value in summary.items() if is_number(value)}
    unreadable = {str(key): "it is not a finite number" for key, value in summary.items() if _is_broken(value)}
    reasons = {str(key): str(why) for key, why in _mapping(summary.get("no_data")).items()} | unreadable
    return Iteration(
        index=number,
        started_s=float(number - 1),
        ended_s=float(number),
        partial=summary.get("partial") is True,
        values=values,
        reasons=reasons,
        notes={},
        verdict=str(summary.get("kpi_verdict", "NO_DATA")),
        failed=(),
        samples=1,
        missed=0,
        exits=_count(summary.get("exits")),
        failed_runs=_count(summary.get("failed_runs")),
        ended_utc=str(summary.get("runtime_utc", "")),
    )


def _is_broken(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and not is_number(value)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _report_problems(path: Path, found: Mapping[int, Iteration]) -> Iterator[str]:
    """What `TUNING_REPORT.json` says beside the summaries; a directory without one was not tuned."""
    target = path / _REPORT
    if not target.exists():
        return
    told: list[str] = []
    document = _document(target, told)
    yield from told
    if document is None:
        return
    rows = document.get("iterations")
    if not isinstance(rows, list):
        yield f"{_REPORT} has no list of iterations"
        return
    said: list[Any] = [row.get("iteration") for row in rows if isinstance(row, dict)]
    numbers: set[int] = {number for number in said if is_whole(number)}
    lost = sorted(number for number in numbers if number > max(found))
    if lost:
        yield f"{_REPORT} knows iteration {lost[0]} ({len(lost)} in all), which has no ITER_SUMMARY file"
    unknown = [number for number in sorted(found) if number not in numbers]
    if unknown:
        yield f"{_REPORT} does not know iteration {unknown[0]} ({len(unknown)} in all)"
