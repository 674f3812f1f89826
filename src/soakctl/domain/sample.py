"""One look at the service's process tree, the machine and soakctl itself, and the table that describes its columns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sample(NamedTuple):
    """A line of `resources.jsonl`. None means "could not be read", never 0.

    Sizes are bytes, times seconds, `cpu_percent` is of one core over the time since the sample before
    (None in the first of a life), `cpu_seconds_total` includes children that have ended.
    `log_*` and `events_total` count since the run began.
    """

    elapsed_s: float
    timestamp_unix: float
    timestamp_utc: str
    life: int = 1
    service_pid: int | None = None
    service_started_unix: float | None = None
    rss_bytes: int | None = None
    uss_bytes: int | None = None
    pss_bytes: int | None = None
    vms_bytes: int | None = None
    cpu_seconds_total: float | None = None
    cpu_percent: float | None = None
    num_fds: int | None = None
    num_threads: int | None = None
    num_processes: int | None = None
    num_tasks: int | None = None
    loop_lag_ms: float | None = None
    zombies: int | None = None
    io_read_bytes: int | None = None
    io_write_bytes: int | None = None
    data_bytes: int | None = None
    artifacts_bytes: int | None = None
    system_cpu_percent: float | None = None
    system_memory_used_bytes: int | None = None
    system_memory_available_bytes: int | None = None
    system_disk_used_bytes: int | None = None
    system_disk_free_bytes: int | None = None
    system_net_sent_bytes: int | None = None
    system_net_received_bytes: int | None = None
    self_rss_bytes: int | None = None
    self_cpu_percent: float | None = None
    events_total: int | None = None
    log_lines_total: int | None = None
    log_critical_total: int | None = None
    log_dropped_total: int | None = None

    def to_json(self) -> dict[str, Any]:
        """All columns by name, in their order."""
        return self._asdict()


class Totals(NamedTuple):
    """What was counted in the service's output since the run began, as it goes into a sample. None: not counted."""

    events_total: int | None = None
    log_lines_total: int | None = None
    log_critical_total: int | None = None
    log_dropped_total: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of a sample means.

    Attributes:
        name: the field of `Sample`.
        title: for people.
        unit: "bytes", "count", "percent", "seconds" or "ms".
        judged: the resource it is judged under (`rss`, `fds`, …), or "".
        cumulative: a counter, whose rate matters rather than its value.
    """

    name: str
    title: str
    unit: str
    judged: str = ""
    cumulative: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("rss_bytes", "Memory (RSS)", "bytes", "rss"),
    Column("uss_bytes", "Memory (USS)", "bytes", "uss"),
    Column("pss_bytes", "Memory (PSS)", "bytes"),
    Column("vms_bytes", "Virtual memory", "bytes"),
    Column("cpu_percent", "CPU (of one core)", "percent"),
    Column("num_fds", "Open files", "count", "fds"),
    Column("num_threads", "Threads", "count", "threads"),
    Column("num_processes", "Processes", "count", "processes"),
    Column("num_tasks", "asyncio tasks", "count", "tasks"),
    Column("loop_lag_ms", "Event loop lag", "ms"),
    Column("zombies", "Zombies", "count", "zombies"),
    Column("io_read_bytes", "Disk read", "bytes", cumulative=True),
    Column("io_write_bytes", "Disk written", "bytes", cumulative=True),
    Column("data_bytes", "Service data", "bytes", "disk"),
    Column("artifacts_bytes", "Artifacts", "bytes", "artifacts"),
    Column("system_cpu_percent", "Machine CPU", "percent"),
    Column("system_memory_available_bytes", "Machine memory free", "bytes"),
    Column("system_disk_free_bytes", "Machine disk free", "bytes"),
    Column("self_rss_bytes", "soakctl memory", "bytes"),
    Column("self_cpu_percent", "soakctl CPU", "percent"),
)


def with_totals(sample: Sample, totals: Totals) -> Sample:
    """The sample with what was counted up to it."""
    return sample._replace(**totals._asdict())


def is_number(value: Any) -> bool:
    """Whether it is a finite number that 64 bits hold; true and false are none."""
    return is_whole(value) or (type(value) is float and math.isfinite(value))


def is_whole(value: Any) -> bool:
    """Whether it is a whole number that 64 bits hold; true and false are none."""
    return type(value) is int and -(2**63) <= value < 2**63


def from_json(row: Mapping[str, Any]) -> Sample:
    """The sample of a line; unknown columns are left out.

    Raises TypeError for a row that lacks the times, or has a column that is neither a number nor null.
    """
    known = {name: row[name] for name in FIELDS if name in row}
    for name, value in known.items():
        if name in _ALWAYS and value is None:
            raise TypeError(f"{name} is missing")
        fits = is_whole if name == "life" else is_number
        if name != "timestamp_utc" and value is not None and not fits(value):
            raise TypeError(f"{name} is not a number")
    return Sample(**known)


_ALWAYS = frozenset({"elapsed_s", "timestamp_unix", "life"})
FIELDS = Sample._fields
