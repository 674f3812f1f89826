"""A run as it was recorded: all that judging needs, and nothing else."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.domain.run import Manifest
    from soakctl.domain.sample import Sample
    from soakctl.domain.state import RunState

# The columns that are judged or shown over time; the rest of a sample is for people reading the file.
KEPT = (
    "rss_bytes",
    "uss_bytes",
    "num_fds",
    "num_threads",
    "num_processes",
    "num_tasks",
    "zombies",
    "data_bytes",
    "artifacts_bytes",
    "cpu_seconds_total",
    "cpu_percent",
    "system_memory_available_bytes",
    "system_disk_free_bytes",
    "self_rss_bytes",
    "self_cpu_percent",
)
_NAN = float("nan")
# A process that lives has memory: no size at all, like anything below 0, was not read.
_LEAST = {"rss_bytes": 1.0, "uss_bytes": 1.0}
_kept = attrgetter(*KEPT)


def _empty() -> dict[str, array[float]]:
    return {name: array("d") for name in KEPT}


@dataclass(slots=True)
class Series:
    """Samples by column, as packed doubles; what is missing is NaN. `lives` changes where the process did.

    `started_unix` is when the times were 0, where nothing but the samples tells.
    """

    times: array[float] = field(default_factory=lambda: array("d"))
    lives: array[int] = field(default_factory=lambda: array("l"))
    columns: dict[str, array[float]] = field(default_factory=_empty)
    started_unix: float | None = None

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self.times)

    def add(self, sample: Sample) -> None:
        """Take in a sample."""
        self.extend((sample,))

    def extend(self, samples: Sequence[Sample]) -> None:
        """Take in samples, or whatever has their columns."""
        self.times.extend([sample.elapsed_s for sample in samples])
        self.lives.extend([sample.life for sample in samples])
        for name, values in zip(KEPT, zip(*map(_kept, samples), strict=True), strict=False):
            self.columns[name].fromlist(_possible(name, values))


def possible(name: str, value: float | None) -> float:
    """The value of a column; NaN where it is missing, or such as no process can have."""
    return value if value is not None and value >= _LEAST.get(name, 0.0) else _NAN


def _possible(name: str, values: tuple[float | None, ...]) -> list[float]:
    known = [value for value in values if value is not None]
    if len(known) == len(values) and min(known, default=0.0) >= _LEAST.get(name, 0.0):
        return known  # the usual, in a tenth of the time
    return [possible(name, value) for value in values]


@dataclass(frozen=True, slots=True)
class OverridesCopy:
    """An overrides file that lies in the directory of its run; `document` is None where it cannot be read."""

    name: str
    document: Mapping[str, Any] | None
    error: str = ""


@dataclass(slots=True)
class Record:
    """A run: its manifest, its state as folded from the journal, its samples, and what could not be read.

    `tuning_files`: of a tuned run, the tuning part of each iteration as each kind of document tells it, whatever it is;
    None for one that tells none. `overrides`: of a tuned mock run, the file of its parameters.
    """

    manifest: Manifest
    state: RunState
    series: Series
    problems: tuple[str, ...] = ()
    tuning_files: Mapping[str, Mapping[int, Any]] = field(default_factory=dict)
    overrides: OverridesCopy | None = None
