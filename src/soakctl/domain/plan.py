"""How long a soak runs and how it is cut: worked out once from what was given."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from soakctl.domain.sample import is_number
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.domain.config.soak import Soak

_ITERATION_BOUNDS_S = (10.0, 3600.0)
_SAMPLE_BOUNDS_S = (1.0, 60.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a soak; all times in seconds. `iterations` is None for a repeated command that only time ends."""

    duration_s: float
    iteration_s: float
    sample_every_s: float
    iterations: int | None
    repeated: bool = False

    @classmethod
    def of(cls, soak: Soak) -> Plan:
        """Work the plan out. Raises ConfigError for parts that contradict each other."""
        if soak.repeat is not None:
            return cls._repeated(soak)
        duration = _duration(soak)
        if soak.iterations is not None:
            iteration = duration / soak.iterations
        elif soak.iteration is not None:
            iteration = min(float(soak.iteration), duration)
        else:
            iteration = min(_clamp(duration / 8, _ITERATION_BOUNDS_S), duration)
        sample = float(soak.sample_every) if soak.sample_every is not None else _clamp(iteration / 60, _SAMPLE_BOUNDS_S)
        if sample > duration:
            message = f"sampling every {sample:g}s cannot happen in a run of {duration:g}s"
            raise ConfigError(message, hint="give a shorter sample_every or a longer run", where="soak.sample_every")
        return cls(duration, iteration, sample, max(1, math.ceil(duration / iteration - 1e-9)))

    @classmethod
    def _repeated(cls, soak: Soak) -> Plan:
        assert soak.repeat is not None
        iteration = float(soak.repeat.timeout) + float(soak.repeat.heartbeat)
        timed = soak.duration is not None or "hours" in soak.model_fields_set or soak.iterations is None
        duration = _duration(soak) if timed else (soak.iterations or 1) * iteration
        sample = float(soak.sample_every) if soak.sample_every is not None else _clamp(iteration / 60, _SAMPLE_BOUNDS_S)
        return cls(duration, iteration, sample, soak.iterations, repeated=True)

    def to_json(self) -> dict[str, Any]:
        """By name."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Plan:
        """The plan as it was recorded. Raises TypeError for what is none."""
        plan = cls(**{name: row[name] for name in cls.__dataclass_fields__ if name in row})
        if not all(is_number(span) and span > 0 for span in (plan.duration_s, plan.iteration_s, plan.sample_every_s)):
            raise TypeError("a plan is made of positive times")
        return plan


def _duration(soak: Soak) -> float:
    if soak.duration is not None:
        return float(soak.duration)
    if soak.iterations is not None and soak.iteration is not None and "hours" not in soak.model_fields_set:
        return soak.iterations * float(soak.iteration)
    return soak.hours * 3600.0


def _clamp(value: float, bounds: tuple[float, float]) -> float:
    return max(bounds[0], min(bounds[1], value))
