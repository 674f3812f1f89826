"""A bare file of samples, from soakctl or anywhere else: JSON lines (or a JSON list) with a time, and what there is."""

from __future__ import annotations

import json
import math
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from soakctl.domain.record import KEPT, Series
from soakctl.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_TIMES = ("elapsed_s", "timestamp_unix", "unix", "timestamp", "time", "ts", "timestamp_utc", "t")
_PIDS = ("service_pid", "pid")
_STARTS = ("service_started_unix", "create_time", "started_unix")
# Names that other tools give to the same figures, and what one of theirs is in ours.
_OTHER_NAMES: Mapping[str, tuple[tuple[str, float], ...]] = {
    "rss_bytes": (("rss", 1.0), ("rss_kb", 1e3), ("rss_mb", 1e6), ("memory_rss_bytes", 1.0), ("memory_mb", 1e6)),
    "uss_bytes": (("uss", 1.0), ("uss_mb", 1e6)),
    "num_fds": (("fds", 1.0), ("open_files", 1.0)),
    "num_threads": (("threads", 1.0),),
    "num_processes": (("processes", 1.0),),
    "num_tasks": (("tasks", 1.0),),
}


def read_resources(path: Path) -> tuple[Series, tuple[str, ...]]:
    """The samples of a file and what could not be read of it. Raises NoDataError when there is nothing to judge.

    Lives are told apart by the pair of pid and start where there is one. Times without a start of their own count
    from the first. Samples are put in the order of time.
    """
    problems: list[str] = []
    rows: list[tuple[float, tuple[Any, Any], Mapping[str, Any]]] = []
    unread = 0
    for row in _rows(path, problems):
        at = _time(row)
        if at is None:
            unread += 1
            continue
        rows.append((at, (_first(row, _PIDS), _first(row, _STARTS)), row))
    if unread:
        problems.append(f"{unread} lines have no time that can be read")
    if not rows:
        hint = f"Each line is a JSON object with a time ({', '.join(_TIMES)}), a pid and rss_bytes."
        message = "the file holds no samples"
        raise NoDataError(message, hint=hint, where=str(path))
    if any(after[0] < before[0] for before, after in pairwise(rows)):
        problems.append("the samples were not in the order of time")
        rows.sort(key=lambda item: item[0])
    series = _series(rows)
    if all(math.isnan(value) for column in series.columns.values() for value in column):
        message = "the samples of the file hold no figure that can be judged"
        raise NoDataError(message, hint="Give each line rss_bytes (or rss, rss_mb).", where=str(path))
    return series, tuple(problems)


def _series(rows: list[tuple[float, tuple[Any, Any], Mapping[str, Any]]]) -> Series:
    series, first, life = Series(), rows[0][0], 1
    before = rows[0][1]
    for at, who, row in rows:
        if who != before:
            life, before = life + 1, who
        series.times.append(at - first)
        series.lives.append(life)
        for name in KEPT:
            series.columns[name].append(_number(row, name))
    return series


def _rows(path: Path, problems: list[str]) -> Iterator[Mapping[str, Any]]:
    try:
        with path.open("rb") as stream:
            if stream.read(64).lstrip().startswith(b"["):
                stream.seek(0)
                yield from _list(stream.read(), problems)
                return
            stream.seek(0)
            damaged = 0
            for line in stream:
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except ValueError:
                    row = None
                if isinstance(row, dict):
                    yield row
                else:
                    damaged += 1
            if damaged:
                problems.append(f"{damaged} lines are damaged and were left out")
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        raise NoDataError(message, where=str(path)) from error


def _list(text: bytes, problems: list[str]) -> Iterator[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError as error:
        problems.append(f"it is not JSON: {error}")
        return
    yield from (row for row in found if isinstance(row, dict))


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _time(row: Mapping[str, Any]) -> float | None:
    for name in _TIMES:
        value = row.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value).timestamp()
            except ValueError:
                continue
    return None


def _number(row: Mapping[str, Any], name: str) -> float:
    for key, factor in ((name, 1.0), *_OTHER_NAMES.get(name, ())):
        value = row.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return float(value) * factor
    return math.nan
