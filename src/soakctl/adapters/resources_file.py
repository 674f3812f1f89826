"""A bare file of samples, from soakctl or anywhere else: JSON lines (or a JSON list) with a time, and what there is."""

from __future__ import annotations

import json
import math
from array import array
from datetime import datetime
from itertools import accumulate, islice
from operator import gt, ne
from typing import TYPE_CHECKING, Any

from soakctl.adapters.json_lines import lines_of, open_file, pieces
from soakctl.adapters.samples_file import FastDecoder
from soakctl.domain.record import KEPT, Series, possible
from soakctl.domain.sample import is_number
from soakctl.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_TIMES = ("elapsed_s", "timestamp_unix", "unix", "timestamp", "time", "ts", "timestamp_utc", "t")
_UNIX_TIMES = _TIMES[1:]
# The year 1973: what is less counts from a beginning of its own.
_LEAST_UNIX_S = 1e8
# The year 5138: what is larger counts parts of a second.
_NO_UNIX_S = 1e11
_PARTS = ((1e14, 1e3), (1e17, 1e6))
# So much of a value that cannot be read is shown.
_SHOWN = 40
_PIDS = ("service_pid", "pid")
_STARTS = ("service_started_unix", "create_time", "started_unix")
# Processes that follow one another change less often than this for each of them.
_ALTERNATING = 4
# Names that other tools give to the same figures, and what one of theirs is in ours.
_OTHER_NAMES: Mapping[str, tuple[tuple[str, float], ...]] = {
    "rss_bytes": (
        ("rss", 1.0),
        ("rss_kb", 1e3),
        ("rss_mb", 1e6),
        ("rss_kib", 1024.0),
        ("rss_mib", 1048576.0),
        ("memory_rss_bytes", 1.0),
        ("memory_mb", 1e6),
    ),
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
    table = _Table()
    try:
        with open_file(path) as stream:
            is_list = stream.read(64).lstrip().startswith(b"[")
            stream.seek(0)
            if is_list:
                for row in _list(stream.read(), problems):
                    table.add(row)
            else:
                for block in pieces(stream):
                    table.add_lines(block)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        raise NoDataError(message, where=str(path)) from error
    if not table.series.times:
        hint = f"Each line is a JSON object with a time ({', '.join(_TIMES)}), a pid and rss_bytes."
        wrong = "; ".join((*problems, *table.problems()))
        message = f"the file holds no samples{': ' if wrong else ''}{wrong}"
        raise NoDataError(message, hint=hint, where=str(path))
    series = table.in_order()
    if all(math.isnan(value) for column in series.columns.values() for value in column):
        wrong = "; ".join(table.problems())
        message = f"the samples of the file hold no figure that can be judged{': ' if wrong else ''}{wrong}"
        raise NoDataError(message, hint="Give each line rss_bytes (or rss, rss_mb).", where=str(path))
    return series, (*problems, *table.problems())


class _Table:
    """Takes rows in by column, so that a long file needs little more room than its figures; `lives` are identities."""

    def __init__(self) -> None:
        self.series = Series()
        self._decoder: FastDecoder | None = None
        self._who: tuple[Any, Any] = (None, None)
        self._number = 0
        self._clock: float | None = None  # what a time of 0 is in unix seconds
        self._numbers: dict[str, int] = {}
        self._damaged = self._unread = 0
        self._sought = ""  # what the first line without a time has in its place
        self._odd: tuple[int, str, str] | None = None  # how many figures cannot be, and the first of them
        self._disorder = False

    def add_lines(self, block: bytes) -> None:
        """Take in lines, at once where all are as soakctl writes them."""
        if self._decoder is None and self.series.times:  # not for a file of one block
            self._decoder = FastDecoder(nothing_else=True)
        samples = None if self._decoder is None else self._decoder.block(block, block.count(b"\n"))
        if samples is None:
            for line in lines_of(block):
                if line.strip():
                    self._add_line(line)
            return
        self.series.extend(samples)
        self.series.lives[-len(samples) :] = array(
            "l", [self._life((row.service_pid, row.service_started_unix)) for row in samples]
        )

    def _add_line(self, line: bytes) -> None:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            self.add(row)
        else:
            self._damaged += 1

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in a row."""
        at = _time(row, _TIMES)
        if at is None:
            if not self._unread:
                self._sought = _instead(row)
            self._unread += 1
            return
        if not self.series.times:
            unix = _time(row, _UNIX_TIMES)
            self._clock = None if unix is None or unix < _LEAST_UNIX_S else unix - at
        self.series.times.append(at)
        self.series.lives.append(self._life((_first(row, _PIDS), _first(row, _STARTS))))
        for name in KEPT:
            self.series.columns[name].append(self._figure(row, name))

    def _figure(self, row: Mapping[str, Any], name: str) -> float:
        found = _number(row, name)
        if found is None:
            return math.nan
        if isinstance(found, float):
            value = possible(name, found)
            if not math.isnan(value):
                return value
            found = name, f"{found:g}"
        count, first, said = self._odd or (0, *found)
        self._odd = count + 1, first, said
        return math.nan

    def _life(self, who: tuple[Any, Any]) -> int:
        """A number for each process; a line that does not say which it is of is of the one before."""
        if who == self._who:
            return self._number
        if not self._numbers:
            self._numbers[repr(who)] = self._number
        known = [new if old is None else old for new, old in zip(who, self._who, strict=True)]
        if any(new not in (None, old) for new, old in zip(who, known, strict=True)):
            known = list(who)
            self._number = self._numbers.setdefault(repr(who), len(self._numbers) + 1)
        self._who = (known[0], known[1])
        return self._number

    def problems(self) -> Iterator[str]:
        """What could not be read, once all has been put in order."""
        if self._damaged:
            yield f"{self._damaged} lines are damaged and were left out"
        if self._unread:
            yield f"{self._unread} lines have no time that can be read{self._sought}"
        if self._odd:
            count, name, value = self._odd
            yield f"{count} figures cannot be true and were left out (first: {name} is {value})"
        if self._disorder:
            yield "the samples were not in the order of time"

    def in_order(self) -> Series:
        """The samples by time, which begins at 0; a change of the process begins a life, if none are interleaved."""
        series = self.series
        times = series.times
        self._disorder = any(map(gt, times, islice(times, 1, None)))
        if self._disorder:
            order = sorted(range(len(times)), key=times.__getitem__)
            series = Series(_picked(times, order), _picked(series.lives, order))
            series.columns = {name: _picked(values, order) for name, values in self.series.columns.items()}
        first = series.times[0]
        series.started_unix = None if self._clock is None else round(first + self._clock, 6)
        series.times = array("d", [at - first for at in series.times])
        life = array("l", accumulate(map(ne, islice(series.lives, 1, None), series.lives), initial=1))
        if life[-1] <= _ALTERNATING * max(len(self._numbers), 1):  # else processes side by side, each judged alone
            series.lives = life
        return series


def _picked(values: array[Any], order: list[int]) -> array[Any]:
    return array(values.typecode, [values[place] for place in order])


def _list(text: bytes, problems: list[str]) -> Iterator[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        problems.append(f"it is not JSON: {error}")
        return
    yield from (row for row in found if isinstance(row, dict))


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _time(row: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    """Seconds; other tools also count in milliseconds and less since 1970, which no run is long enough for."""
    for name in names:
        value: Any = row.get(name)
        if is_number(value):
            at = float(value)
            return at if abs(at) < _NO_UNIX_S else at / next((by for most, by in _PARTS if abs(at) < most), 1e9)
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value).timestamp()
            except (ValueError, OverflowError, OSError):
                continue
    return None


def _instead(row: Mapping[str, Any]) -> str:
    there = next((f"{name} is {_shown(row[name])}" for name in _TIMES if row.get(name) is not None), "")
    return f" (first: {there})" if there else f" (none of {', '.join(_TIMES)})"


def _number(row: Mapping[str, Any], name: str) -> float | tuple[str, str] | None:
    """The figure; None where there is none, or what stands there in its place: a name and a value, to be shown."""
    odd: tuple[str, str] | None = None
    for key, factor in ((name, 1.0), *_OTHER_NAMES.get(name, ())):
        value: Any = row.get(key)
        if is_number(value):
            return float(value) * factor
        if value is not None and odd is None:
            odd = key, _shown(value)
    return odd


def _shown(value: Any) -> str:
    """A few characters of what stands in a file, on one line; text in quotes, so that a number in them is seen."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    text = "a number that is too large" if whole else ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
