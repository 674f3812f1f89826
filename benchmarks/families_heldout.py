"""Families kept out of the first development: other shapes and other noise, looked at now and then to correct."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from traces import Floats, Scene, family

Extras = tuple[Floats, dict[str, Any]]


def _heavy(s: Scene) -> Floats:
    """Student noise with three degrees of freedom and now and then an outlier."""
    sd = s.unit * s.log(0.005, 0.05)
    y = sd * s.rng.standard_t(3, s.n)
    y[s.rng.uniform(size=s.n) < 0.01] += s.unit * s.log(0.5, 5)
    return y


def _office_hours(s: Scene) -> Floats:
    """1 by day, 0 by night, two hours of slope between, weekends off."""
    hour = s.u * s.hours + s.rng.uniform(0, 168)
    day = np.clip(np.minimum(hour % 24 - 7, 19 - hour % 24) / 2, 0, 1)
    return day * ((hour // 24) % 7 < 5)


def _compaction(s: Scene, height: float, cycles: float) -> Floats:
    """Rises for nine tenths of a cycle, falls over the last tenth."""
    phase = (s.u * cycles + s.rng.uniform()) % 1
    return height * np.where(phase < 0.9, phase / 0.9, (1 - phase) / 0.1)


# Healthy ---------------------------------------------------------------------------------------------------------


@family("healthy")
def h_heavy_tailed(s: Scene) -> Floats:
    return _heavy(s)


@family("healthy")
def h_office_hours(s: Scene) -> Floats:
    if s.hours < 24:
        return s.noise()
    return s.noise() + s.unit / s.hours * 24 * s.log(0.1, 2) * _office_hours(s)


@family("healthy")
def h_slow_wander(s: Scene) -> Floats:
    return s.noise() + s.wander(s.unit * s.log(0.03, 0.6), s.log(0.05, 0.15))


@family("healthy")
def h_log_warm_up(s: Scene) -> Floats:
    return s.noise() + s.unit * s.log(0.1, 0.6) * np.log1p(s.u / s.log(0.001, 0.02))


@family("healthy")
def h_many_load_steps(s: Scene) -> Floats:
    marks = np.sort(s.rng.uniform(0, 1, s.rng.integers(4, 12)))
    levels = s.rng.uniform(0, s.unit * s.log(0.3, 4), marks.size + 1)
    return s.noise() + levels[np.searchsorted(marks, s.u)]


@family("healthy")
def h_compaction(s: Scene) -> Floats:
    return s.noise() + _compaction(s, s.unit * s.log(0.2, 4), s.rng.uniform(3, 12))


@family("healthy")
def h_slow_gc(s: Scene) -> Floats:
    return s.noise() + s.teeth(s.unit * s.log(0.2, 4), s.log(0.06, 0.2), 0.4)


@family("healthy")
def h_generations(s: Scene) -> Floats:
    """Small teeth on large teeth: minor and major collections."""
    return (
        s.noise() + s.teeth(s.unit * s.log(0.1, 1), 0.01, 0.2) + s.teeth(s.unit * s.log(0.2, 2), s.log(0.05, 0.15), 0.1)
    )


@family("healthy")
def h_heap_resizes(s: Scene) -> Floats:
    """A heap doubling until it fits, then steady."""
    y = s.noise()
    at, height = s.log(0.005, 0.05), s.unit * s.log(0.05, 0.3)
    for _ in range(s.rng.integers(2, 6)):
        y += (s.u > at) * height
        at, height = at * 2, height * 2
        if at > 0.6:
            break
    return y


@family("healthy")
def h_huge_pages(s: Scene) -> Floats:
    quantum = s.unit * s.log(0.02, 0.3)
    return np.round((s.white(quantum / 3) + s.wander(quantum, s.log(0.005, 0.05))) / quantum) * quantum


@family("healthy")
def h_trimmed(s: Scene) -> Floats:
    """Ratchets up with demand; the system takes pages back now and then."""
    y = np.zeros(s.n)
    demand = s.rng.exponential(s.unit * s.log(0.1, 0.5), s.n)
    marks = [0, *np.sort(s.rng.integers(0, s.n, s.rng.integers(1, 6))).tolist(), s.n]
    for start, end in itertools.pairwise(marks):
        if end > start:
            y[start:end] = np.maximum.accumulate(demand[start:end])
    return s.noise() + y


@family("healthy")
def h_jobs(s: Scene) -> Floats:
    """A job every so often: takes memory, holds it, gives it back."""
    period, share = s.log(0.01, 0.2), s.rng.uniform(0.2, 0.7)
    return s.noise() + s.unit * s.log(0.2, 3) * ((s.u / period + s.rng.uniform()) % 1 < share)


@family("healthy")
def h_lru_slow(s: Scene) -> Floats:
    """A cache whose misses thin out as it fills: full by two thirds of the run."""
    end = s.rng.uniform(0.2, 0.65)
    return s.noise() + s.unit * s.log(0.5, 6) * (1 - np.maximum(0, 1 - s.u / end) ** s.rng.uniform(1, 3))


@family("healthy", "fds")
def h_connections(s: Scene) -> Floats:
    """Births and deaths: arrivals at a rate, lifetimes of a fiftieth of the run."""
    life = s.log(0.005, 0.05)
    arrivals = np.sort(s.rng.uniform(-5 * life, 1, int(s.rng.integers(3, 15) / life)))
    ends = np.sort(arrivals + s.rng.exponential(life, arrivals.size))
    return (np.searchsorted(arrivals, s.u) - np.searchsorted(ends, s.u)).astype(np.float64)


@family("healthy", "tasks")
def h_task_waves(s: Scene) -> Floats:
    wave = s.rng.integers(3, 50)
    return np.round(wave * ((s.u / s.log(0.01, 0.1)) % 1) ** 2) + s.rng.poisson(2, s.n)


@family("healthy", "threads")
def h_thread_spikes(s: Scene) -> Floats:
    y = np.full(s.n, 8.0)
    y[s.rng.uniform(size=s.n) < 0.03] += s.rng.integers(1, 8)
    return y + (s.u > s.rng.uniform()) * s.rng.integers(0, 2)


@family("healthy")
def h_crash_loop(s: Scene) -> Extras:
    marks = np.sort(s.rng.uniform(0, 1, s.rng.integers(4, 12)))
    life = np.searchsorted(marks, s.u) + 1
    age = s.u - np.concatenate(([0], marks))[life - 1]
    y = _heavy(s) + s.unit * s.log(0.3, 3) * np.minimum(1, age / s.log(0.003, 0.03))
    return y, {"lives": life}


@family("healthy")
def h_multiplicative(s: Scene) -> Floats:
    level = s.unit * s.log(0.5, 5)
    return level * np.exp(s.wander(s.log(0.01, 0.15), s.log(0.002, 0.02)) + s.white(0.01))


# Leaking ---------------------------------------------------------------------------------------------------------


@family("leak")
def l_heavy_tailed(s: Scene) -> Floats:
    return _heavy(s) + s.ramp()


@family("leak")
def l_pareto_events(s: Scene) -> Extras:
    """Leaks at random moments, of very unequal sizes."""
    count = int(s.rng.integers(60, 600))
    sizes = np.minimum(s.rng.pareto(2.0, count) + 0.2, 8)
    order = np.sort(s.rng.uniform(0, 1, count))
    grown = np.concatenate(([0], np.cumsum(sizes)))[np.searchsorted(order, s.u)]
    return s.noise() + s.multiple * s.unit * grown / sizes.sum(), {}


@family("leak")
def l_dict_doubling(s: Scene) -> Extras:
    """A growing dictionary: entries linear, its table in doubling jumps."""
    entries = s.u * s.rng.uniform(1, 2) + 0.02
    table = 2 ** np.ceil(np.log2(entries)) * s.rng.uniform(0.05, 0.3)
    return s.noise() + s.multiple * s.unit * (s.u + table), {}


@family("leak")
def l_by_load(s: Scene) -> Extras:
    """Leaks more by day than by night, never nothing."""
    if s.hours < 48:
        return s.noise() + s.ramp(), {}
    hour = s.u * s.hours + s.rng.uniform(0, 24)
    rate = 1 + s.rng.uniform(0.2, 0.9) * np.sin(2 * np.pi * hour / 24)
    return s.noise() + max(s.multiple, 3) * s.unit * np.cumsum(rate) / s.n, {"slope": np.nan}


@family("leak")
def l_slow_gc(s: Scene) -> Floats:
    return s.noise() + s.teeth(s.multiple * s.unit * s.log(0.1, 1), s.log(0.04, 0.12), 0.4) + s.ramp()


@family("leak")
def l_trimmed(s: Scene) -> Floats:
    """Now and then the system takes some pages back for a while."""
    y = s.noise() + s.ramp()
    for _ in range(s.rng.integers(1, 5)):
        start = s.rng.uniform(0, 0.95)
        y -= ((s.u > start) & (s.u < start + 0.05)) * s.multiple * s.unit * s.rng.uniform(0.05, 0.3)
    return y


@family("leak")
def l_many_load_steps(s: Scene) -> Floats:
    marks = np.sort(s.rng.uniform(0, 1, s.rng.integers(4, 8)))
    levels = s.rng.uniform(0, s.multiple * s.unit * s.log(0.05, 0.4), marks.size + 1)
    return s.noise() + s.ramp() + levels[np.searchsorted(marks, s.u)]


@family("leak")
def l_hourly_job(s: Scene) -> Floats:
    """A job that takes much, gives back less."""
    count = int(s.rng.integers(10, 60))
    phase = (s.u * count) % 1
    share = s.multiple * s.unit / count
    return s.noise() + np.floor(s.u * count) * share + (phase < 0.3) * share * s.log(1, 8)


@family("leak")
def l_slow_wander(s: Scene) -> Floats:
    return s.noise() + s.wander(s.multiple * s.unit * s.log(0.01, 0.06), s.log(0.04, 0.1)) + s.ramp()


@family("leak")
def l_accelerating(s: Scene) -> Extras:
    power = s.rng.uniform(1.3, 2.2)
    m = max(s.multiple, 2)
    return s.noise() + m * s.unit * s.u**power, {"slope": m * s.unit / s.hours * power}


@family("leak")
def l_decay_hides(s: Scene) -> Floats:
    return s.noise() + s.ramp() + s.multiple * s.unit * s.log(0.2, 1.5) * np.exp(-s.u / s.log(0.03, 0.2))


@family("leak")
def l_two_speeds(s: Scene) -> Floats:
    """The leak is there from the start and gets worse when a feature is switched on."""
    at = s.rng.uniform(0.2, 0.35)
    return s.noise() + s.ramp(at) * 0.6 + s.ramp() * 0.4


@family("leak")
def l_huge_pages(s: Scene) -> Floats:
    quantum = s.multiple * s.unit / s.rng.uniform(15, 60)
    return np.floor((s.ramp() + s.white(quantum * 0.1)) / quantum) * quantum


@family("leak", "fds")
def l_sockets(s: Scene) -> Extras:
    """Connections come and go; some of them are never closed."""
    life = s.log(0.005, 0.03)
    arrivals = np.sort(s.rng.uniform(-5 * life, 1, int(s.rng.integers(3, 15) / life)))
    ends = np.sort(arrivals + s.rng.exponential(life, arrivals.size))
    alive = np.searchsorted(arrivals, s.u) - np.searchsorted(ends, s.u)
    grown = max(s.multiple * s.unit, 20)
    return alive + np.floor(grown * s.u), {"slope": grown / s.hours}


@family("leak", "tasks")
def l_tasks(s: Scene) -> Extras:
    """Tasks spawned by requests and never awaited, amid those that are."""
    grown = max(s.multiple * s.unit, 30)
    lost = s.rng.poisson(grown / s.n, s.n)
    return np.cumsum(lost) + s.rng.poisson(s.log(1, 20), s.n).astype(np.float64), {"slope": grown / s.hours}


@family("leak")
def l_restart_leak(s: Scene) -> Extras:
    """An out-of-memory killer ends each life at about the same height."""
    lives = s.rng.uniform(1.3, 4)
    life = np.floor(s.u * lives).astype(np.int64) + 1
    age = s.u - (life - 1) / lives
    m = max(s.multiple, 3)
    warm = s.unit * s.log(0.2, 1) * (1 - np.exp(-age / 0.01))
    return _heavy(s) + warm + m * s.unit * age, {"lives": life, "slope": m * s.unit / s.hours}
