"""The simulated market maker: poor at first, good in its last eight iterations, and broken on request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from soakctl.domain.line import Hit, HitKind, Line
from soakctl.domain.reduce import quantile
from soakctl.domain.signal import Lines
from soakctl.mock.resources import Resources

if TYPE_CHECKING:
    from soakctl.domain.config.root import Config
    from soakctl.domain.plan import Plan
    from soakctl.domain.sample import Sample
    from soakctl.domain.signal import Moment, StartFailed

_GOOD_ITERATIONS = 8
_BOOT_STEP_S = 0.2
_FILLS_EVERY_S = 60.0
_FILLS_A_MINUTE = 12


class Fault(StrEnum):
    """What can go wrong in a mock run."""

    LEAK = "leak"
    CRASH = "crash"
    STALL = "stall"
    LATENCY = "latency"
    ZOMBIE = "zombie"
    DISK = "disk"


@dataclass(frozen=True, slots=True)
class _Edge:
    """The business figures of an iteration."""

    risk_ratio: float
    net_bps: float
    latency_ms: float
    maker_share: float


# While it finds its feet the risk rises to its worst and falls again; these are the steps, repeated to fit.
_POOR = (
    _Edge(0.52, -1.2, 300.0, 0.50),
    _Edge(0.61, -1.5, 315.0, 0.50),
    _Edge(0.68, -0.8, 322.0, 0.52),
    _Edge(0.60, 0.4, 310.0, 0.55),
    _Edge(0.53, 1.3, 290.0, 0.58),
    _Edge(0.46, 2.1, 268.0, 0.62),
    _Edge(0.40, 2.9, 250.0, 0.66),
    _Edge(0.36, 3.6, 238.0, 0.70),
)
_GOOD = _Edge(0.30, 4.75, 202.0, 0.74)


class MarketMaker:
    """A `SimService`. Everything it does follows from the plan, the seed and the fault."""

    def __init__(self, config: Config, plan: Plan, *, seed: int, fault: Fault | None = None, pid: int = 4242) -> None:
        """`pid` stands in the record of a mock run, the same each time."""
        self._config = config
        self._plan = plan
        self._seed = seed
        self._fault = fault
        self._pid = pid
        self._life = 0
        self._began_s = 0.0
        self._first_began_s: float | None = None
        self._seq = 0
        self._boot: list[tuple[float, str]] = []
        self._edges: dict[tuple[int, str], tuple[float, str]] = {}
        self._resources = Resources(plan, seed=seed, fault=fault)

    def random(self, purpose: str) -> Random:
        """A generator of its own for each purpose of a life."""
        return Random(f"{self._seed}:{self._life}:{purpose}")  # noqa: S311 - a simulation, not a secret

    def start(self, life: int, at_s: float) -> StartFailed | int:
        """Begin to boot: one checkpoint after the other."""
        self._life, self._began_s = life, at_s
        if self._first_began_s is None:
            self._first_began_s = at_s
        names = [point.name for point in self._config.smoke.checkpoints]
        self._boot = [(at_s + _BOOT_STEP_S * step, name) for step, name in enumerate(names, start=1)]
        self._resources.start(life, at_s)
        return self._pid + life - 1

    def dies(self) -> tuple[float, int] | None:
        """The crash fault: a segmentation fault after 40 % of the planned time."""
        if self._fault is not Fault.CRASH or self._life > 1:
            return None
        return self._began_s + 0.4 * self._plan.duration_s, -11

    def speaks(self, at_s: float) -> tuple[float, Lines] | None:
        """Boot lines first, then what the fills of each minute log."""
        for when, name in self._boot:
            if when >= at_s - 1e-9 and name:
                self._boot = [item for item in self._boot if item[0] > when]
                return when, self._boot_line(name, when)
        minute = int((at_s - self._began_s) // _FILLS_EVERY_S) + 1
        when = self._began_s + minute * _FILLS_EVERY_S
        if self._silent(when):
            return None
        return when, self._fills(when)

    def _silent(self, at_s: float) -> bool:
        return self._fault is Fault.STALL and at_s - self._began_s > 0.5 * self._plan.duration_s

    def _line(self, text: str, at_s: float) -> Line:
        self._seq += 1
        return Line("out", self._seq, at_s, text)

    def _boot_line(self, name: str, at_s: float) -> Lines:
        point = next(item for item in self._config.smoke.checkpoints if item.name == name)
        line = self._line(f"{point.name.replace('_', ' ')} reached", at_s)
        hits = [Hit(HitKind.CHECKPOINT, name, line)]
        if point.liveness:
            hits.append(Hit(HitKind.LIVENESS, "", line))
        return Lines("out", 1, hits=tuple(hits), tail=(line,))

    def _fills(self, at_s: float) -> Lines:
        line = self._line(f"Order filled: {_FILLS_A_MINUTE} fills in the last minute", at_s)
        events = tuple(Hit(HitKind.LIVENESS, "", line) for _ in range(_FILLS_A_MINUTE))
        return Lines("out", _FILLS_A_MINUTE, hits=events, tail=(line,))

    def stops(self, _at_s: float, _grace_s: float) -> tuple[float, int, bool]:
        """Always cleanly."""
        return 0.8, 0, False

    def ready(self, at_s: float) -> bool:
        """A moment after the start."""
        return at_s >= self._began_s + _BOOT_STEP_S

    def sample(self, moment: Moment, life: int) -> Sample | None:
        """What the process tree looks like."""
        return self._resources.sample(moment, life, self._pid + life - 1)

    def kpi(self, name: str, at_s: float) -> tuple[float | None, str, str]:
        """A figure of the iteration that ends about now."""
        index = self.iteration_at(at_s)
        own = next((kpi.mock for kpi in self._config.kpis if kpi.name == name), None)
        if own is not None and own.value is not None:
            return own.value + self.random(f"kpi:{name}:{index}").gauss(0.0, own.noise), "", ""
        figure = getattr(self, f"_{name}", None)
        if figure is None:
            return None, "it is not simulated; give it mock: {value: ..., noise: ...}", ""
        value, note = figure(self._edge(index), self.random(f"{name}:{index}"), index)
        return value, "", note

    def iteration_at(self, at_s: float) -> int:
        """The number of the iteration that ends about then."""
        began = self._first_began_s or 0.0
        return max(1, round((at_s - began) / self._plan.iteration_s))

    def _edge(self, index: int) -> _Edge:
        total = self._plan.iterations or 1
        poor = max(0, total - _GOOD_ITERATIONS)
        if index > poor:
            return _GOOD
        return _POOR[min(len(_POOR) - 1, (index - 1) * len(_POOR) // max(poor, len(_POOR)))]

    def _risk_ratio(self, edge: _Edge, random: Random, _index: int) -> tuple[float, str]:
        return max(0.0, edge.risk_ratio + random.gauss(0.0, 0.004)), ""

    def _net_bps(self, edge: _Edge, random: Random, _index: int) -> tuple[float, str]:
        return edge.net_bps + random.gauss(0.0, 0.05), ""

    def _p95_latency_ms(self, edge: _Edge, random: Random, index: int) -> tuple[float, str]:
        centre = edge.latency_ms * (2.2 if self.slow_at(index) else 1.0)
        return quantile([random.gauss(centre, 12.0) for _ in range(200)], 0.95), ""

    def slow_at(self, index: int) -> bool:
        """Whether the latency fault has set in by this iteration."""
        return self._fault is Fault.LATENCY and index > 0.6 * (self._plan.iterations or 1)

    def _maker_taker_ratio(self, edge: _Edge, random: Random, _index: int) -> tuple[float, str]:
        # So many of 400 fills were maker fills; volumes differ, so the share by volume differs a little from it.
        makers = round(400 * edge.maker_share + random.gauss(0.0, 4.0))
        volumes = [random.uniform(0.5, 1.5) for _ in range(400)]
        return sum(volumes[:makers]) / sum(volumes), "fills_volume"
