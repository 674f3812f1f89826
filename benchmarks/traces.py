"""Seeded traces of services with known answers: healthy, leaking, and some that no method can tell apart yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from soakctl.judge.budgets import default_budget

if TYPE_CHECKING:
    from numpy.random import Generator

    from soakctl.domain.trend import Budget

Floats = NDArray[np.float64]
HOUR = 3600.0
PAGE = 4096
BYTES = ("rss", "uss", "disk")
# (run seconds, seconds between samples)
LENGTHS: tuple[tuple[float, float], ...] = (
    (60, 1), (300, 1), (600, 2), (HOUR, 10), (8 * HOUR, 60), (24 * HOUR, 60), (24 * HOUR, 10), (72 * HOUR, 60),
)  # fmt: skip


@dataclass(frozen=True)
class Trace:
    """A labelled series.

    Attributes:
        family: the shape it was drawn from.
        label: "healthy", "leak", or "open" where inconclusive is the honest answer.
        slope: the true growth an hour at the end, in the unit; NaN where no single number is true.
    """

    family: str
    label: str
    resource: str
    run_s: float
    times: Floats
    values: Floats
    lives: NDArray[np.int64]
    slope: float
    excluded: tuple[tuple[float, float], ...] = ()
    seed: int = 0
    budget: Budget = field(default_factory=lambda: default_budget("rss", 86400))


@dataclass(frozen=True)
class Scene:
    """What a family draws from: `u` runs from 0 to 1, `unit` is the growth that the budget allows over the run."""

    rng: Generator
    u: Floats
    hours: float
    unit: float
    multiple: float

    @property
    def n(self) -> int:
        """Samples."""
        return int(self.u.size)

    def log(self, low: float, high: float) -> float:
        """A number drawn evenly on a logarithmic scale."""
        return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))

    def white(self, sd: float) -> Floats:
        """Independent noise."""
        return self.rng.normal(0, sd, self.n)

    def wander(self, sd: float, tau: float) -> Floats:
        """Noise with a memory of `tau` of the run."""
        phi = float(np.exp(-1 / (self.n * tau)))
        steps = self.rng.normal(0, sd * np.sqrt(1 - phi**2), self.n)
        steps[0] = self.rng.normal(0, sd)
        return recursive(steps, phi)

    def noise(self) -> Floats:
        """The small mixed noise that every service has."""
        sd = self.unit * self.log(0.003, 0.06)
        return self.white(sd) + self.wander(sd * self.rng.uniform(0, 1), self.log(0.002, 0.03))

    def ramp(self, start: float = 0.0) -> Floats:
        """The leak: `multiple` budgets from `start` of the run on."""
        return self.multiple * self.unit * np.maximum(0, self.u - start)

    def teeth(self, height: float, period: float, jitter: float = 0.0) -> Floats:
        """A sawtooth: rises for a period, falls at once."""
        ends, at = [], -self.rng.uniform(0, period)
        while at < 1:
            ends.append(at)
            at += period * max(0.2, 1 + jitter * self.rng.normal())
        marks = np.array([*ends, at])
        index = np.searchsorted(marks, self.u, side="right") - 1
        return height * (self.u - marks[index]) / np.diff(marks)[index]


Family = Callable[[Scene], Any]
FAMILIES: dict[str, tuple[str, str, Family]] = {}


def family(label: str, resource: str = "rss") -> Callable[[Family], Family]:
    """Register a family: it returns values, or (values, extras of `Trace`)."""

    def register(function: Family) -> Family:
        FAMILIES[function.__name__] = (label, resource, function)
        return function

    return register


def recursive(steps: Floats, phi: float) -> Floats:
    """An autoregression of the first order."""
    found, value = [], 0.0
    for step in steps.tolist():
        value = phi * value + step
        found.append(value)
    return np.array(found)


def draw(name: str, run_s: float, every_s: float, seed: int) -> Trace:
    """One trace of a family; the same seed gives the same trace."""
    label, resource, function = FAMILIES[name]
    rng = np.random.default_rng([seed, int(run_s), *name.encode()])
    times = np.arange(0, run_s, every_s, dtype=np.float64) + rng.uniform(0, 0.02 * every_s)
    hours = run_s / HOUR
    budget = default_budget(resource, run_s)
    unit = budget.warn_per_hour * hours
    multiple = float(np.exp(rng.uniform(np.log(1.5), np.log(20))))
    if resource not in BYTES:
        multiple = max(multiple, 8 / unit)
    scene = Scene(rng, times / run_s, hours, unit, multiple)
    found = function(scene)
    values, extras = found if isinstance(found, tuple) else (found, {})
    if resource in BYTES:
        values = np.round((values + rng.uniform(5e7, 1e9)) / PAGE) * PAGE
    else:
        values = np.round(values + rng.integers(5, 200))
    slope = extras.pop("slope", budget.warn_per_hour * multiple if label == "leak" else 0.0)
    lives = extras.pop("lives", np.ones(times.size, dtype=np.int64))
    return Trace(
        name, label, resource, run_s, times, np.maximum(values, 0), lives, slope, seed=seed, budget=budget, **extras
    )


def campaign(
    seeds: range, names: list[str] | None = None, lengths: tuple[tuple[float, float], ...] = LENGTHS
) -> Iterator[Trace]:
    """Every family at lengths that rotate with the seed."""
    for place, name in enumerate(names or list(FAMILIES)):
        for seed in seeds:
            run_s, every_s = lengths[(seed + place) % len(lengths)]
            yield draw(name, run_s, every_s, seed)
