"""How much growth is allowed: the default budgets, scaled for short runs, and those that users give."""

from __future__ import annotations

from soakctl.domain.trend import Budget

# Growth an hour that a run of 24 h and more may show. Disk: 100 MB/h fills the default limit of 5 GB in two days.
DEFAULT_PER_HOUR: dict[str, float] = {
    "rss": 1e6,
    "uss": 1e6,
    "disk": 1e8,
    "artifacts": 1e8,
    "fds": 1.0,
    "threads": 1.0,
    "processes": 1.0,
    "zombies": 1.0,
    "tasks": 10.0,
}
_BYTES = frozenset({"rss", "uss", "disk", "artifacts"})
_FULL_RUN_S = 24 * 3600.0
_SHORTEST_S = 60.0
_WARN_POWER = 0.55
_FAIL_POWER = 1.1
_KPI_SHARE_PER_HOUR = 0.01
_KPI_NOISE_SHARE = 0.001


def noise_floor(resource: str) -> float:
    """The least residual noise assumed: a page of 4096 for bytes, 0.3 for counts, whose values are whole numbers."""
    return 4096.0 if resource in _BYTES else 0.3


def default_budget(resource: str, run_s: float) -> Budget:
    """The budget of a resource nobody set one for, for a run of `run_s` seconds.

    Runs under 24 h are given more an hour, as warm-up weighs more in them: a warning above budget x (24 / T)^0.55,
    a failure above budget x (24 / T)^1.1; under a minute as for a minute. Raises KeyError for an unknown resource.
    """
    warn, fail, scaled = _scaled(DEFAULT_PER_HOUR[resource], run_s)
    return Budget(warn, fail, scaled, noise_floor(resource))


def kpi_budget(typical: float, run_s: float) -> Budget:
    """The budget of a KPI whose trend is judged: one percent an hour of its `typical` value, scaled as all defaults.

    A KPI that must not fall is judged with its sign turned round.
    """
    per_hour = _KPI_SHARE_PER_HOUR * abs(typical)
    warn, fail, scaled = _scaled(per_hour, run_s)
    return Budget(warn, fail, scaled, noise_floor=_KPI_NOISE_SHARE * abs(typical))


def _scaled(per_hour: float, run_s: float) -> tuple[float, float, bool]:
    ratio = _FULL_RUN_S / min(max(run_s, _SHORTEST_S), _FULL_RUN_S)
    return per_hour * ratio**_WARN_POWER, per_hour * ratio**_FAIL_POWER, ratio > 1


def user_budget(resource: str, per_hour: float) -> Budget:
    """A budget the user gave: taken as it stands at any run length; proven growth above it fails."""
    return Budget(per_hour, per_hour, scaled=False, noise_floor=noise_floor(resource))
