"""CPU time of judging 72 h at 1 Hz: each kind of series, and how the cost grows with the file."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time

import numpy as np

from soakctl.judge.budgets import default_budget
from soakctl.judge.trend import judge_series

HOURS = 72


def _series(n: int) -> dict[str, tuple[str, np.ndarray]]:
    rng = np.random.default_rng(1)
    u = np.arange(n) / n
    return {
        "constant": ("fds", np.full(n, 12.0)),
        "noise": ("rss", 2e8 + rng.normal(0, 3e6, n)),
        "leak": ("rss", 2e8 + 4e8 * u + rng.normal(0, 3e6, n)),
        "sawtooth": ("rss", 2e8 + 8e7 * ((u * 217) % 1) + rng.normal(0, 1e6, n)),
        "daily": ("rss", 2e8 + 5e7 * np.sin(2 * np.pi * u * 3) + rng.normal(0, 1e6, n)),
        "steps": ("rss", 2e8 + 2e7 * np.searchsorted([0.2, 0.5, 0.8], u) + rng.normal(0, 1e6, n)),
        "counts": ("fds", rng.poisson(20, n).astype(float)),
    }


def _measure(n: int) -> dict[str, float]:
    times = np.arange(n) * (HOURS * 3600.0 / n)
    lives = np.ones(n, dtype=np.int64)
    found = {}
    for name, (resource, values) in _series(n).items():
        budget = default_budget(resource, HOURS * 3600.0)
        best = min(_once(times, values, lives, budget) for _ in range(3))
        found[name] = best
    return found


def _once(times: np.ndarray, values: np.ndarray, lives: np.ndarray, budget: object) -> float:
    start = time.process_time()
    judge_series(times, values, lives=lives, excluded=(), budget=budget)
    return time.process_time() - start


def main() -> None:
    """Print a table of seconds of CPU a series."""
    sizes = (4_320, 25_920, 259_200)
    rows = {n: _measure(n) for n in sizes}
    print(f"{'series':10}" + "".join(f"{n:>12,}" for n in sizes) + "   samples; seconds of CPU, best of 3")
    for name in rows[sizes[0]]:
        print(f"{name:10}" + "".join(f"{rows[n][name]:12.4f}" for n in sizes))


if __name__ == "__main__":
    main()
