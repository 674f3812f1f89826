"""What the judgement of one resource over time says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TrendVerdict(StrEnum):
    """Three values and the absence of data; nothing else decides about growth."""

    LEAK = "LEAK"
    NO_LEAK = "NO_LEAK"
    INCONCLUSIVE = "INCONCLUSIVE"
    NO_DATA = "NO_DATA"


@dataclass(frozen=True, slots=True)
class Budget:
    """How much growth an hour is allowed, in the resource's unit (bytes or counts).

    Attributes:
        warn_per_hour: proven growth above it is a leak and a warning.
        fail_per_hour: proven growth above it is a leak and fails.
        scaled: the default budget, scaled for a run of under 24 h; one given by the user never is.
        noise_floor: the least residual noise assumed, in the unit (4096 for bytes, 0.3 for counts).
    """

    warn_per_hour: float
    fail_per_hour: float
    scaled: bool
    noise_floor: float


@dataclass(frozen=True, slots=True)
class Trend:
    """The judgement of one series. Slopes are per hour in the unit; times are elapsed seconds of the run.

    Attributes:
        verdict: LEAK only when growth above the budget is proven, NO_LEAK only when it is excluded.
        shape: flat, plateau, sawtooth, climbing, stairs, step, daily or unknown.
        slope_per_hour: the slope at the end of the run; None without data.
        slope_low: lower end of its 95 % interval.
        slope_high: upper end of its 95 % interval.
        budget_per_hour: the limit that applied.
        began_s: when the growth began.
        last_level: the level at the end, in the unit.
        smallest_detectable_per_hour: the smallest growth that this run could have proven.
        exhaustion_s: expected, earliest and latest seconds until what it grows into is used up; None without proof.
        decide_after_s: the run length that would decide, when noise is the reason that this one did not.
        fails: the growth is above the fail budget, not only above the warn budget.
        points: samples used.
        reason: one line for people, always there unless the verdict is NO_LEAK.
    """

    verdict: TrendVerdict
    shape: str = "unknown"
    slope_per_hour: float | None = None
    slope_low: float | None = None
    slope_high: float | None = None
    budget_per_hour: float | None = None
    began_s: float | None = None
    last_level: float | None = None
    smallest_detectable_per_hour: float | None = None
    exhaustion_s: tuple[float, float, float] | None = None
    decide_after_s: float | None = None
    fails: bool = False
    points: int = 0
    reason: str = ""
