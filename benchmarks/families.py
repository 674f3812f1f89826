"""The families that the method was developed with."""

from __future__ import annotations

from typing import Any

import numpy as np
from traces import Floats, Scene, family

Extras = tuple[Floats, dict[str, Any]]


# Healthy ---------------------------------------------------------------------------------------------------------


@family("healthy")
def flat_white(s: Scene) -> Floats:
    return s.white(s.unit * s.log(0.003, 0.5))


@family("healthy")
def flat_wander(s: Scene) -> Floats:
    return s.noise() + s.wander(s.unit * s.log(0.02, 0.5), s.log(0.003, 0.04))


@family("healthy")
def warm_up(s: Scene) -> Floats:
    return s.noise() + s.unit * s.log(0.3, 10) * (1 - np.exp(-s.u / s.log(0.01, 0.12)))


@family("healthy")
def cache_fills(s: Scene) -> Floats:
    end = s.rng.uniform(0.05, 0.6)
    return s.noise() + s.unit * s.log(0.3, 10) * np.minimum(1, s.u / end)


@family("healthy")
def sawtooth(s: Scene) -> Floats:
    return s.noise() + s.teeth(s.unit * s.log(0.1, 4), s.log(0.005, 0.08))


@family("healthy")
def sawtooth_irregular(s: Scene) -> Floats:
    return s.noise() + s.teeth(s.unit * s.log(0.1, 4), s.log(0.005, 0.06), 0.35)


@family("healthy")
def daily(s: Scene) -> Floats:
    if s.hours < 24:
        return s.noise()
    angle = 2 * np.pi * (s.u * s.hours / 24 + s.rng.uniform())
    height = s.unit / s.hours * 24 * s.log(0.1, 2)
    return s.noise() + height * (np.sin(angle) + s.rng.uniform(-0.3, 0.3) * np.sin(2 * angle))


@family("healthy")
def load_steps(s: Scene) -> Floats:
    y = s.noise()
    for _ in range(s.rng.integers(1, 4)):
        y += (s.u > s.rng.uniform(0.05, 0.9)) * s.unit * s.log(0.2, 3) * s.rng.choice([-1, 1])
    return y


@family("healthy")
def bursts(s: Scene) -> Floats:
    y = s.noise()
    for _ in range(s.rng.integers(2, 15)):
        start, width = s.rng.uniform(), s.log(0.002, 0.03)
        y += ((s.u > start) & (s.u < start + width)) * s.unit * s.log(0.2, 5)
    return y


@family("healthy")
def ratchet(s: Scene) -> Floats:
    demand = s.rng.exponential(s.unit * s.log(0.05, 0.6), s.n)
    return s.noise() + np.maximum.accumulate(demand) * s.rng.uniform(0.7, 1)


@family("healthy")
def below_budget(s: Scene) -> Extras:
    share = s.rng.uniform(0.1, 0.5)
    return s.noise() + share * s.unit * s.u, {"slope": share * s.unit / s.hours}


@family("healthy")
def shrinking(s: Scene) -> Floats:
    return s.noise() + s.unit * s.log(0.3, 5) * np.exp(-s.u / s.log(0.05, 0.3))


@family("healthy", "fds")
def fds_flat(s: Scene) -> Floats:
    return s.rng.poisson(s.log(0.2, 15), s.n).astype(np.float64)


@family("healthy", "threads")
def pool_fills(s: Scene) -> Floats:
    most, pace = int(s.rng.integers(2, 40)), s.log(0.005, 0.1)
    return np.floor(most * (1 - np.exp(-s.u / pace)) + 0.5)


@family("healthy", "fds")
def fds_sessions(s: Scene) -> Floats:
    return np.round(s.wander(s.log(1, 10), s.log(0.003, 0.03)))


@family("healthy")
def restarts(s: Scene) -> Extras:
    marks = np.sort(s.rng.uniform(0.1, 0.9, s.rng.integers(1, 4)))
    life = np.searchsorted(marks, s.u) + 1
    age = s.u - np.concatenate(([0], marks))[life - 1]
    return s.noise() + s.unit * s.log(0.3, 5) * (1 - np.exp(-age / s.log(0.005, 0.03))), {"lives": life}


# Leaking ---------------------------------------------------------------------------------------------------------


@family("leak")
def linear(s: Scene) -> Floats:
    return s.noise() + s.ramp()


@family("leak")
def linear_wander(s: Scene) -> Floats:
    return s.noise() + s.wander(s.multiple * s.unit * s.log(0.01, 0.08), s.log(0.003, 0.03)) + s.ramp()


@family("leak")
def sawtooth_leak(s: Scene) -> Floats:
    return s.noise() + s.teeth(s.multiple * s.unit * s.log(0.05, 1), s.log(0.005, 0.05), 0.15) + s.ramp()


@family("leak")
def late(s: Scene) -> Floats:
    last = 0.35 if 1 < s.hours < 24 else 0.65
    return s.noise() + s.ramp(s.rng.uniform(0.1, last))


@family("leak")
def warm_up_leak(s: Scene) -> Floats:
    return s.noise() + s.ramp() + s.unit * s.log(0.3, 5) * (1 - np.exp(-s.u / s.log(0.01, 0.08)))


@family("leak")
def stairs(s: Scene) -> Floats:
    count = s.rng.integers(12, 80)
    return s.noise() + s.multiple * s.unit * np.floor(s.u * count) / count


@family("leak")
def daily_leak(s: Scene) -> Floats:
    y = s.noise() + s.ramp()
    if s.hours < 48:
        return y
    angle = 2 * np.pi * (s.u * s.hours / 24 + s.rng.uniform())
    return y + s.unit / s.hours * 24 * s.multiple * s.log(0.05, 0.8) * np.sin(angle)


@family("leak")
def load_steps_leak(s: Scene) -> Floats:
    y = s.noise() + s.ramp()
    for _ in range(s.rng.integers(1, 3)):
        y += (s.u > s.rng.uniform(0.1, 0.9)) * s.multiple * s.unit * s.log(0.05, 0.5) * s.rng.choice([-1, 1])
    return y


@family("leak")
def bursts_leak(s: Scene) -> Floats:
    return bursts(s) + s.ramp()


@family("leak")
def restarts_leak(s: Scene) -> Extras:
    marks = np.cumsum(s.rng.dirichlet(np.full(s.rng.integers(2, 5), 8)))[:-1]
    life = np.searchsorted(marks, s.u) + 1
    age = s.u - np.concatenate(([0], marks))[life - 1]
    return s.noise() + max(s.multiple, 3) * s.unit * age, {
        "lives": life, "slope": max(s.multiple, 3) * s.unit / s.hours,
    }  # fmt: skip


@family("leak", "fds")
def fds_leak(s: Scene) -> Floats:
    return np.floor(s.ramp()) + s.rng.poisson(s.log(0.2, 5), s.n)


@family("leak", "threads")
def threads_leak(s: Scene) -> Floats:
    total = s.multiple * s.unit
    return np.searchsorted(np.sort(s.rng.uniform(0, 1, max(int(total), 1))), s.u).astype(np.float64)


@family("leak")
def gaps_leak(s: Scene) -> Extras:
    y = s.noise() + s.ramp()
    start = s.rng.uniform(0.2, 0.7)
    hole = (s.u > start) & (s.u < start + 0.1)
    y[hole] += s.unit * 5
    run_s = s.hours * 3600
    missing = s.rng.uniform(size=s.n) < 0.1
    y[missing] = np.nan
    return y, {"excluded": ((start * run_s, (start + 0.1) * run_s),)}


# Open ------------------------------------------------------------------------------------------------------------


@family("open")
def cache_still_filling(s: Scene) -> Floats:
    return s.noise() + s.unit * s.log(2, 10) * (1 - np.exp(-s.u / s.rng.uniform(0.4, 1)))


@family("open")
def started_just_now(s: Scene) -> Floats:
    return s.noise() + s.ramp(s.rng.uniform(0.9, 0.98))
