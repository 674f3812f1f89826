"""An iteration of a soak: the window while it is open, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from soakctl.domain.reduce import Reservoir

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.domain.sample import Sample


@dataclass(slots=True)
class Window:
    """The open iteration: what has been read, logged and sampled in it so far."""

    index: int
    started_s: float
    reads: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    logs: dict[str, Reservoir] = field(default_factory=dict)
    columns: dict[str, Reservoir] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    gap_s: float = 0.0
    samples: int = 0
    missed: int = 0
    exits: int = 0
    failed_runs: int = 0
    events: int = 0
    dropped: int = 0

    def read(self, name: str, at: float, value: float | None, reason: str, note: str) -> None:
        """Take in the answer of a KPI source; a later value replaces an earlier reason for having none."""
        if value is None:
            if name not in self.reads:
                self.reasons[name] = reason
            return
        self.reads.setdefault(name, []).append((at, value))
        self.reasons.pop(name, None)
        if note:
            self.notes[name] = note

    def observe(self, sample: Sample, columns: tuple[str, ...]) -> None:
        """Take in a sample; only columns that a KPI is made of are kept."""
        self.samples += 1
        for name in columns:
            value = getattr(sample, name)
            if value is not None:
                self.columns.setdefault(name, Reservoir()).add(float(value))


@dataclass(frozen=True, slots=True)
class Iteration:
    """A closed iteration.

    Attributes:
        index: counts from 1.
        started_s: elapsed seconds of the run.
        ended_s: likewise.
        partial: cut short; not counted unless it is the only one.
        values: each KPI; None where there was none.
        reasons: why a value is missing, by KPI.
        notes: where a value came from, by KPI.
        verdict: PASS, FAIL or NO_DATA by the limits of the run's own mode.
        failed: the KPIs that failed.
        samples: taken in it.
        missed: sample slots without a sample.
        exits: times the service ended by itself in it.
        failed_runs: repeated commands that failed in it.
        ended_utc: for people.
    """

    index: int
    started_s: float
    ended_s: float
    partial: bool
    values: Mapping[str, float | None]
    reasons: Mapping[str, str]
    notes: Mapping[str, str]
    verdict: str
    failed: tuple[str, ...]
    samples: int
    missed: int
    exits: int
    failed_runs: int
    ended_utc: str

    @property
    def outcome(self) -> str:
        """The verdict; FAIL too when the service ended by itself or a repeated command failed in it."""
        return "FAIL" if self.exits or self.failed_runs else self.verdict

    def to_json(self) -> dict[str, Any]:
        """The data of its `iteration_ended` entry."""
        return {
            "iteration": self.index,
            "started_s": self.started_s,
            "ended_s": self.ended_s,
            "partial": self.partial,
            "values": dict(self.values),
            "reasons": dict(self.reasons),
            "notes": dict(self.notes),
            "kpi_verdict": self.verdict,
            "failed": list(self.failed),
            "samples": self.samples,
            "samples_missed": self.missed,
            "exits": self.exits,
            "failed_runs": self.failed_runs,
            "ended_utc": self.ended_utc,
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Iteration:
        """The iteration of an `iteration_ended` entry."""
        return cls(
            index=row["iteration"],
            started_s=row["started_s"],
            ended_s=row["ended_s"],
            partial=row["partial"],
            values=row["values"],
            reasons=row["reasons"],
            notes=row["notes"],
            verdict=row["kpi_verdict"],
            failed=tuple(row["failed"]),
            samples=row["samples"],
            missed=row["samples_missed"],
            exits=row["exits"],
            failed_runs=row["failed_runs"],
            ended_utc=row["ended_utc"],
        )

    def to_summary(self, tuning: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """`ITER_SUMMARY_<n>.json`: each KPI by its name beside what describes the iteration; its tuning, if any."""
        sources = {f"{name.removesuffix('_ratio')}_source": note for name, note in self.notes.items()}
        return {
            "schema": "soakctl.iteration/1",
            "iteration": self.index,
            "summary": {
                **self.values,
                **sources,
                "runtime_utc": self.ended_utc,
                "kpi_verdict": self.verdict,
                "failed": list(self.failed),
                "no_data": dict(self.reasons),
                "partial": self.partial,
                "seconds": round(self.ended_s - self.started_s, 3),
                "samples": self.samples,
                "samples_missed": self.missed,
                "exits": self.exits,
                "failed_runs": self.failed_runs,
            },
            "tuning": None if tuning is None else dict(tuning),
        }
