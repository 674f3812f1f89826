"""Known cases and their known verdicts: the proof that a gate can fail, and that it does not fail by itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soakctl.domain.config.root import Config
from soakctl.domain.verdict import Outcome
from soakctl.mock.steady import Steady

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HOUR = 3600.0
_SERVICE = {"command": ["service"], "liveness": {"pattern": "tick", "silence": "10m"}}
_SILENT = {"command": ["service"]}
_RESTARTS = {**_SERVICE, "restart": {"policy": "on_failure", "max": 3, "backoff": "1s..60s"}}


@dataclass(frozen=True, slots=True)
class Case:
    """A service with one known trait, and what a soak of 24 hours must say of it.

    Attributes:
        name: for people.
        service: makes the service.
        outcome: the verdict it must get.
        check: the check that must say so; "" where everything must be well.
        section: the `service` section of its configuration.
    """

    name: str
    service: Callable[[], Steady]
    outcome: Outcome
    check: str = ""
    section: Mapping[str, Any] | None = None

    def config(self) -> Config:
        """The configuration it is soaked with: the defaults."""
        return Config.model_validate({"service": self.section or _SERVICE, "soak": {"hours": 24}})


def _sawtooth(age: float) -> float:
    return 30e6 * ((age % 5400.0) / 5400.0)


def _plateau(age: float) -> float:
    return 60e6 * (1.0 - math.exp(-age / (1.5 * _HOUR)))


def _from_halfway(age: float) -> float:
    return max(0.0, age - 12 * _HOUR) / _HOUR * 5e6


CASES: tuple[Case, ...] = (
    Case("flat", Steady, Outcome.PASS),
    Case("warm-up, then plateau", lambda: Steady({"rss_bytes": _plateau}), Outcome.PASS),
    Case("sawtooth", lambda: Steady({"rss_bytes": _sawtooth}), Outcome.PASS),
    Case(
        "slow leak of 3 MB/h",
        lambda: Steady({"rss_bytes": lambda age: age / _HOUR * 3e6}),
        Outcome.FAIL,
        "resource.rss",
    ),
    Case("leak from halfway on", lambda: Steady({"rss_bytes": _from_halfway}), Outcome.FAIL, "resource.rss"),
    Case("fd leak", lambda: Steady({"num_fds": lambda age: age / _HOUR * 4}), Outcome.FAIL, "resource.fds"),
    Case("thread leak", lambda: Steady({"num_threads": lambda age: age / _HOUR * 3}), Outcome.FAIL, "resource.threads"),
    Case("zombie leak", lambda: Steady({"zombies": lambda age: age / _HOUR}), Outcome.FAIL, "resource.zombies"),
    Case("stall", lambda: Steady(silent_after_s=10 * _HOUR), Outcome.FAIL, "stability.liveness"),
    Case("crash loop", lambda: Steady(lives_s=2 * _HOUR), Outcome.FAIL, "stability.crashes", _RESTARTS),
    Case("silent service", lambda: Steady(silent_after_s=0.0), Outcome.WARN, "boot", _SILENT),
)
