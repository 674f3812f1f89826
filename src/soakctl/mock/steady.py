"""A simulated service as plain as can be: it ticks once a minute, and each case changes one thing about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from soakctl.domain.line import Hit, HitKind, Line
from soakctl.domain.sample import Sample
from soakctl.domain.signal import Lines

if TYPE_CHECKING:
    from soakctl.domain.signal import Moment, StartFailed

_TICK_S = 60.0
_FIRST_TICK_S = 0.5
_RSS = 120e6
_NOISE = 300e3
_PAGE = 4096

Growth = Callable[[float], float]


@dataclass(slots=True)
class Steady:
    """A `SimService`. `growth` adds to columns of its samples, by the seconds since its start.

    Attributes:
        growth: column -> amount added after so many seconds of a life.
        silent_after_s: it logs nothing from then on; 0 for nothing at all.
        lives_s: it ends by itself after so long, in every life.
        seed: of the noise.
    """

    growth: Mapping[str, Growth] = field(default_factory=dict)
    silent_after_s: float = math.inf
    lives_s: float = math.inf
    seed: int = 1
    _began_s: float = 0.0
    _life: int = 0
    _seq: int = 0
    _random: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - a simulation, not a secret

    def start(self, life: int, at_s: float) -> StartFailed | int:
        """Begin a life."""
        self._life, self._began_s = life, at_s
        self._random = Random(f"{self.seed}:{life}:steady")  # noqa: S311 - a simulation, not a secret
        return 4000 + life

    def speaks(self, at_s: float) -> tuple[float, Lines] | None:
        """The next tick."""
        age = at_s - self._began_s
        when = at_s + (_FIRST_TICK_S if age < _FIRST_TICK_S else _TICK_S)
        if when - self._began_s > self.silent_after_s:
            return None
        self._seq += 1
        line = Line("out", self._seq, when, "tick")
        return when, Lines("out", 1, hits=(Hit(HitKind.LIVENESS, "", line),), tail=(line,))

    def dies(self) -> tuple[float, int] | None:
        """By itself, if the case says so."""
        return None if math.isinf(self.lives_s) else (self._began_s + self.lives_s, 1)

    def stops(self, _at_s: float, _grace_s: float) -> tuple[float, int, bool]:
        """Cleanly."""
        return 0.5, 0, False

    def ready(self, _at_s: float) -> bool:
        """It has no port."""
        return False

    def kpi(self, name: str, _at_s: float) -> tuple[float | None, str, str]:
        """It has none."""
        return None, f"{name} is not simulated", ""

    def sample(self, moment: Moment, life: int) -> Sample | None:
        """A quiet process with some noise in its memory."""
        age = moment.elapsed_s - self._began_s

        def more(column: str) -> float:
            return self.growth[column](age) if column in self.growth else 0.0

        rss = int((_RSS + more("rss_bytes") + self._random.gauss(0.0, _NOISE)) // _PAGE) * _PAGE
        return Sample(
            elapsed_s=moment.elapsed_s,
            timestamp_unix=moment.unix,
            timestamp_utc="",
            life=life,
            service_pid=4000 + life,
            service_started_unix=round(moment.unix - age, 3),
            rss_bytes=rss,
            cpu_seconds_total=0.02 * age,
            num_fds=int(40 + more("num_fds")),
            num_threads=int(9 + more("num_threads")),
            num_processes=1,
            zombies=int(more("zombies")),
            artifacts_bytes=int(200_000 + age),
        )
