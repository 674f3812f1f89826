"""A run as it was recorded: all that judging needs, and nothing else."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    "self_rss_bytes",
    "self_cpu_percent",
)


def _empty() -> dict[str, array[float]]:
    return {name: array("d") for name in KEPT}


@dataclass(slots=True)
class Series:
    """Samples by column, as packed doubles; what is missing is NaN. `lives` changes where the process did."""

    times: array[float] = field(default_factory=lambda: array("d"))
    lives: array[int] = field(default_factory=lambda: array("l"))
    columns: dict[str, array[float]] = field(default_factory=_empty)

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self.times)

    def add(self, sample: Sample) -> None:
        """Take in a sample."""
        self.times.append(sample.elapsed_s)
        self.lives.append(sample.life)
        for name in KEPT:
            value = getattr(sample, name)
            self.columns[name].append(float("nan") if value is None else float(value))


@dataclass(slots=True)
class Record:
    """A run: its manifest, its state as folded from the journal, its samples, and what could not be read.

    `tuning_files`: of a tuned run, the tuning part of each iteration as each kind of document tells it; None for one
    that tells none.
    """

    manifest: Manifest
    state: RunState
    series: Series
    problems: tuple[str, ...] = ()
    tuning_files: Mapping[str, Mapping[int, Mapping[str, Any] | None]] = field(default_factory=dict)
