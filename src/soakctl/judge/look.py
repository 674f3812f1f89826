"""How the resources of a run look to a person: start, end, peak and growth, events, and when the memory runs out."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soakctl.domain.verdict import Check, Severity
from soakctl.domain.wording import show_number
from soakctl.judge.columns import known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.domain.iteration import Iteration
    from soakctl.domain.record import Record
    from soakctl.domain.trend import Trend

# A drop in throughput is a finding when it is this large and this many times its own standard error.
_DROP_SHARE = 0.2
_DROP_ERRORS = 3.0
_FEWEST_ITERATIONS = 6


@dataclass(frozen=True, slots=True)
class Look:
    """Figures for people. Bytes, events and seconds; None where there is nothing to say.

    Attributes:
        start, end, peak: memory (RSS) of the tree.
        events: signs of progress over the run.
        events_per_second: over the observed time.
        exhaustion_s: expected, earliest and latest seconds until the machine's memory is used up.
    """

    start: float | None = None
    end: float | None = None
    peak: float | None = None
    events: int | None = None
    events_per_second: float | None = None
    exhaustion_s: tuple[float, float, float] | None = None

    @property
    def growth(self) -> float | None:
        """End less start; growth is never decided on it."""
        return None if self.start is None or self.end is None else self.end - self.start

    def to_json(self) -> dict[str, Any]:
        """By name, with units."""
        return {
            "start_bytes": self.start,
            "end_bytes": self.end,
            "peak_bytes": self.peak,
            "growth_bytes": self.growth,
            "events": self.events,
            "events_per_second": self.events_per_second,
            "exhaustion_s": None if self.exhaustion_s is None else list(self.exhaustion_s),
        }


def look(record: Record, trends: Mapping[str, Trend], *, counts_events: bool) -> Look:
    """The figures of a run."""
    columns = record.series.columns
    rss = known(columns["rss_bytes"])
    seconds, events = record.state.observed_s, record.state.events
    return Look(
        start=rss[0] if rss else None,
        end=rss[-1] if rss else None,
        peak=max(rss) if rss else None,
        events=events if counts_events else None,
        events_per_second=round(record.state.events_in_iterations / seconds, 4)
        if counts_events and seconds > 0
        else None,
        exhaustion_s=trends["rss"].exhaustion_s if "rss" in trends else None,
    )


def throughput_check(counted: Sequence[Iteration]) -> Check | None:
    """Whether fewer events were processed at the end than at the start, beyond noise; None where none are counted."""
    rates = [value for item in counted if (value := item.values.get("events_per_second")) is not None]
    if len(rates) < _FEWEST_ITERATIONS:
        return None
    third = len(rates) // 3
    first, last = rates[:third], rates[-third:]
    before, after = statistics.fmean(first), statistics.fmean(last)
    error = math.sqrt((_variance(first) + _variance(last)) / third)
    dropped = before > 0 and before - after > max(_DROP_SHARE * before, _DROP_ERRORS * error)
    shown = f"{show_number(after)}/s"
    limit = f">= {show_number((1 - _DROP_SHARE) * before)}/s"
    reason = f"it was {show_number(before)}/s in the first {third} iterations" if dropped else ""
    severity = Severity.WARN if dropped else Severity.OK
    hint = "Something slows down with time: a growing list that is searched, a queue, a cache that misses."
    return Check(
        "performance.throughput",
        severity,
        "Events",
        shown,
        limit,
        f"last {third}",
        len(rates),
        reason,
        hint=hint if dropped else "",
    )


def _variance(values: Sequence[float]) -> float:
    return statistics.variance(values) if len(values) > 1 else 0.0
