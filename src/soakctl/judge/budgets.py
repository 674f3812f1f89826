"""How much growth is allowed: the default budgets, scaled for short runs, and those that users give."""

from __future__ import annotations

from soakctl.domain.trend import Budget

# Growth an hour that a run of 24 h and more may show. Disk: 100 MB/h fills the default limit of 5 GB in two days.
DEFAULT_PER_HOUR: dict[str, float] = {
    "rss": 1e6,
    "uss": 1e6,
    "disk": 1e8,
    "fds": 1.0,
    "threads": 1.0,
    "processes": 1.0,
    "zombies": 1.0,
    "tasks": 10.0,
}
_BYTES = frozenset({"rss", "uss", "disk"})
_FULL_RUN_S = 24 * 3600.0
_SHORTEST_S = 60.0
_WARN_POWER = 0.55
_FAIL_POWER = 1.1


def noise_floor(resource: str) -> float:
    """The least residual noise assumed: a page of 4096 for bytes, 0.3 for counts, whose values are whole numbers."""
    return 4096.0 if resource in _BYTES else 0.3


def default_budget(resource: str, run_s: float) -> Budget:
    """The budget of a resource nobody set one for, for a run of `run_s` seconds.

    Runs under 24 h are given more an hour, as warm-up weighs more in them: a warning above budget x (24 / T)^0.55,
    a failure above budget x (24 / T)^1.1; under a minute as for a minute. Raises KeyError for an unknown resource.
    """
    per_hour = DEFAULT_PER_HOUR[resource]
    ratio = _FULL_RUN_S / min(max(run_s, _SHORTEST_S), _FULL_RUN_S)
    return Budget(per_hour * ratio**_WARN_POWER, per_hour * ratio**_FAIL_POWER, ratio > 1, noise_floor(resource))


def user_budget(resource: str, per_hour: float) -> Budget:
    """A budget the user gave: taken as it stands at any run length; proven growth above it fails."""
    return Budget(per_hour, per_hour, scaled=False, noise_floor=noise_floor(resource))
