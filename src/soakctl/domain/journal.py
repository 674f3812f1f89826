"""The journal of a run: what happened, in order, and enough to resume."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from soakctl.domain.sample import is_number, is_whole

if TYPE_CHECKING:
    from collections.abc import Mapping


class EventKind(StrEnum):
    """Everything that can be recorded."""

    RUN_STARTED = "run_started"
    RUN_RESUMED = "run_resumed"
    RUN_ENDED = "run_ended"
    GAP = "gap"
    SERVICE_STARTING = "service_starting"
    SERVICE_STARTED = "service_started"
    SERVICE_EXITED = "service_exited"
    STOP_RUNG = "stop_rung"
    CHECKPOINT = "checkpoint"
    BOOT_ENDED = "boot_ended"
    LIVENESS_LOST = "liveness_lost"
    LIVENESS_RESTORED = "liveness_restored"
    SAMPLE_MISSED = "sample_missed"
    LINES_DROPPED = "lines_dropped"
    LOG_OBSERVED = "log_observed"
    ITERATION_STARTED = "iteration_started"
    ITERATION_ENDED = "iteration_ended"
    KPI_READ = "kpi_read"
    OVERRIDES_READ = "overrides_read"
    DELTA_PROPOSED = "delta_proposed"
    DELTA_APPLIED = "delta_applied"
    DELTA_SKIPPED = "delta_skipped"
    DELTA_REVERTED = "delta_reverted"
    ATTRIBUTION_STARTED = "attribution_started"
    ATTRIBUTION_ENDED = "attribution_ended"
    FINDING = "finding"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Event:
    """Something to record; the engine adds when."""

    kind: EventKind
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of `events.jsonl`: an event with its place in the run.

    Attributes:
        seq: counts from 1 without a hole, over resumes.
        elapsed_s: elapsed seconds of the run.
        unix: wall clock, for people.
        kind: what happened.
        life: the life of the service it belongs to; 0 before the first.
        data: the rest, by kind.
    """

    seq: int
    elapsed_s: float
    unix: float
    kind: EventKind
    life: int
    data: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Flat, as it stands in the file."""
        return {
            **self.data,
            "elapsed_s": round(self.elapsed_s, 6),
            "kind": str(self.kind),
            "life": self.life,
            "seq": self.seq,
            "unix": round(self.unix, 6),
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Entry:
        """The entry of a line. Raises KeyError or ValueError for a line that is none."""
        seq, life = row["seq"], row["life"]
        if not (is_whole(seq) and is_whole(life) and is_number(row["elapsed_s"]) and is_number(row["unix"])):
            raise ValueError("an entry needs a number, a life and its two times")
        return cls(
            seq=seq,
            elapsed_s=float(row["elapsed_s"]),
            unix=float(row["unix"]),
            kind=EventKind(row["kind"]),
            life=life,
            data={key: value for key, value in row.items() if key not in _FIXED},
        )


_FIXED = frozenset({"seq", "elapsed_s", "unix", "kind", "life"})
