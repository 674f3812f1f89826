"""Builders of resource series with a known answer, for the tests of the trend judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from soakctl.judge.budgets import default_budget
from soakctl.judge.trend import judge_series

if TYPE_CHECKING:
    from soakctl.domain.trend import Budget, Trend

Floats = NDArray[np.float64]
HOUR = 3600.0
MB = 1e6


def clock(hours: float, every_s: float) -> Floats:
    """Elapsed seconds of samples `every_s` apart."""
    return np.arange(0, hours * HOUR, every_s, dtype=np.float64)


def noise(times: Floats, sd: float, seed: int = 1) -> Floats:
    """Independent noise."""
    return np.random.default_rng(seed).normal(0, sd, times.size)


def teeth(times: Floats, height: float, period_s: float) -> Floats:
    """A sawtooth: rises for a period, falls at once."""
    found: Floats = height * ((times / period_s) % 1)
    return found


def judged(times: Floats, values: Any, *, resource: str = "rss", budget: Budget | None = None, **other: Any) -> Trend:
    """Judge with the default budget of the resource for this length, one life and nothing left out."""
    run_s = float(times[-1] - times[0]) if times.size else 60.0
    arguments: dict[str, Any] = {"lives": np.ones(times.size, dtype=np.int64), "excluded": (), **other}
    return judge_series(times, values, budget=budget or default_budget(resource, run_s + 1), **arguments)
