"""How much of a run the readings of each resource cover: what was not read cannot have been judged."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from soakctl.domain.verdict import Check, Severity
from soakctl.domain.wording import show_count, show_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soakctl.domain.record import Series

_ID, _WHAT = "record.coverage", "Readings"
_HINT = "What was not read was not judged. Look in the samples for where the values stop, and for what stopped them."
_MISSED_SHARE = 0.05
# Of each life: its process may be young at the first look and gone at the last.
_SLACK = 2
# A stretch without a value is a hole when it is so many times as long as nine of ten others.
_HOLE = 3.0
_USUAL = 0.9
# What every sample of a run has, where it can be read at all. The rest is read seldom, or not of every service.
_EVERY_SAMPLE = (
    ("RSS", "rss_bytes"),
    ("open files", "num_fds"),
    ("threads", "num_threads"),
    ("processes", "num_processes"),
    ("zombies", "zombies"),
    ("CPU", "cpu_seconds_total"),
)


def run_coverage(series: Series) -> Check | None:
    """The finding on resources that many samples of a run lack; None where there are none.

    A sample without a living process has nothing to read. A resource that was never read is told elsewhere.
    """
    wanted = [count != 0 for count in series.columns["num_processes"]]
    slots = sum(wanted)
    allowed = max(_MISSED_SHARE * slots, _SLACK * len(set(series.lives)))
    found = []
    for title, column in _EVERY_SAMPLE:
        values = series.columns[column]
        there = sum(not math.isnan(value) for value, asked in zip(values, wanted, strict=True) if asked)
        if there and slots - there > allowed:
            found.append(f"{title} in {show_count(there)}")
    return _finding(f"of {show_count(slots)} samples could be read: {', '.join(found)}", slots) if found else None


def file_coverage(series: Series, resources: Iterable[tuple[str, str]]) -> Check | None:
    """The finding on resources (title, column) that have no value for long parts of a bare file; None without any.

    A bare file has no plan. What is usual is told by the readings themselves, so that a column may be read seldom.
    """
    if not len(series):
        return None
    span, found = series.times[-1] - series.times[0], []
    for title, column in resources:
        lost, longest, since = _holes(series.times, series.columns[column])
        if lost > _MISSED_SHARE * span:
            much = "" if longest == lost else f"the longest part {show_seconds(longest)}, "
            found.append(f"{title} for {show_seconds(lost)} ({much}from {show_seconds(since)} on)")
    if not found:
        return None
    return _finding(f"in {show_seconds(span)} nothing was read of {', of '.join(found)}", len(series))


def _holes(times: Sequence[float], values: Sequence[float]) -> tuple[float, float, float]:
    """How long there was no value in all, the longest such stretch, and when it began; in seconds."""
    read = [at for at, value in zip(times, values, strict=True) if not math.isnan(value)]
    if len(read) <= _SLACK:
        return 0.0, 0.0, 0.0
    steps = sorted(later - at for at, later in pairwise(read))
    usual = steps[int(_USUAL * (len(steps) - 1))]
    between = pairwise([times[0], *read, times[-1]])
    holes = [(later - at, at - times[0]) for at, later in between if later - at > _HOLE * usual]
    longest, since = max(holes, default=(0.0, 0.0))
    return sum(length for length, _ in holes), longest, since


def _finding(reason: str, points: int) -> Check:
    return Check(_ID, Severity.NO_DATA, _WHAT, "incomplete", "", "run", points, reason, _HINT)
