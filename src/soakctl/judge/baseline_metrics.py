"""What is compared between two runs: each KPI, each resource and the events, iteration by iteration."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soakctl.domain.wording import show_bytes, show_number
from soakctl.judge.kpi import window_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from soakctl.domain.config.kpi import Kpi
    from soakctl.domain.config.root import Config
    from soakctl.domain.iteration import Iteration
    from soakctl.domain.record import Record, Series


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of both runs.

    Attributes:
        name: `kpi.p95_latency_ms`, `rss`, `throughput`, ...
        title: for people.
        mine, theirs: its value in each iteration that has one, in order; of the run and of the baseline.
        worse: 1 where higher is worse, -1 where lower is, 0 where nobody said.
        ratio: share of the baseline that a change must reach to matter.
        floor: amount that it must reach, whatever the baseline.
        show: an amount for people, with its unit.
        key: a key figure.
        dry_run: shown, not counted.
        optional: that there is too little of it is no finding, or one that is made elsewhere.
        unlike: why the two are not the same figure, or "".
    """

    name: str
    title: str
    mine: Sequence[float]
    theirs: Sequence[float]
    worse: int
    ratio: float
    floor: float
    show: Callable[[float], str]
    key: bool = False
    dry_run: bool = False
    optional: bool = False
    unlike: str = ""

    @property
    def base(self) -> float:
        """The usual value of the baseline."""
        return statistics.median(self.theirs)

    @property
    def matters(self) -> float:
        """The least change that is worth a word."""
        return max(self.ratio * abs(self.base), self.floor)


@dataclass(frozen=True, slots=True)
class _Level:
    """A resource whose level is compared. Floors are what two runs of one build differ by without a reason."""

    name: str
    title: str
    column: str
    of: Callable[[Sequence[float]], float]
    floor: float
    show: Callable[[float], str]
    ratios: float = 1.0


def _count(amount: float) -> str:
    return show_number(amount)


def _rate(amount: float) -> str:
    return f"{show_number(amount)}/s"


def _percent(amount: float) -> str:
    return f"{show_number(amount, 3)}%"


_LEVELS = (
    _Level("rss", "RSS", "rss_bytes", statistics.fmean, 2e6, show_bytes),
    _Level("rss_peak", "RSS peak", "rss_bytes", max, 2e6, show_bytes),
    _Level("uss", "USS", "uss_bytes", statistics.fmean, 2e6, show_bytes),
    # The CPU time of the same work depends on the clock of the CPU and on its neighbours.
    _Level("cpu", "CPU", "cpu_percent", statistics.fmean, 2.0, _percent, ratios=2.0),
    _Level("fds", "Open files", "num_fds", statistics.fmean, 1.0, _count),
    _Level("threads", "Threads", "num_threads", statistics.fmean, 1.0, _count),
    _Level("processes", "Processes", "num_processes", statistics.fmean, 1.0, _count),
    _Level("tasks", "Tasks", "num_tasks", statistics.fmean, 1.0, _count),
)
_EVENTS = "events_per_second"


def kpi_values(kpi: Kpi, counted: Sequence[Iteration], window: int) -> list[float]:
    """The values of a KPI over its window of iterations; `window` is that of the gate."""
    return _finite(item.values.get(kpi.name) for item in window_of(kpi, counted, window))


def _finite(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None and math.isfinite(value)]


def kpi_metric(
    config: Config, kpi: Kpi, mine: Sequence[float], theirs: Sequence[float], *, mock: bool, unlike: str = ""
) -> Metric:
    """A KPI and which way is worse, as its limits say."""
    worse, limit = _direction(kpi, mock=mock)
    unit = f" {kpi.unit}" if kpi.unit else ""
    return Metric(
        f"kpi.{kpi.name}",
        kpi.name,
        mine,
        theirs,
        worse,
        ratio=float(config.gate.compare.ratio) / 100.0,
        floor=float(config.gate.compare.floor) / 100.0 * abs(limit),
        show=lambda amount: f"{show_number(amount)}{unit}",
        key=kpi.key,
        dry_run=kpi.dry_run,
        unlike=unlike,
    )


def _direction(kpi: Kpi, *, mock: bool) -> tuple[int, float]:
    """Which way is worse and the limit that says so; 0 and the larger limit where both sides or none have one."""
    levels = [kpi.fail_bounds(mock=mock), *([kpi.warn] if kpi.warn is not None else [])]
    most = next((level.max for level in levels if level.max is not None), None)
    least = next((level.min for level in levels if level.min is not None), None)
    if least is None:
        return (0, 0.0) if most is None else (1, most)
    return (-1, least) if most is None else (0, max(abs(most), abs(least)))


def resource_metrics(
    record: Record, baseline: Record, config: Config, counted: Sequence[Sequence[Iteration]]
) -> Iterator[Metric]:
    """The level of each resource that either run has, over the window of the gate."""
    window, ratio = config.gate.window, float(config.gate.compare.ratio) / 100.0
    for level in _LEVELS:
        mine = per_iteration(record.series, counted[0][-window:], level.column, level.of)
        theirs = per_iteration(baseline.series, counted[1][-window:], level.column, level.of)
        if mine or theirs:
            yield Metric(
                level.name,
                level.title,
                mine,
                theirs,
                worse=1,
                ratio=level.ratios * ratio,
                floor=level.floor,
                show=level.show,
                optional=True,  # USS costs too much to be read at each sample
            )


def per_iteration(
    series: Series, iterations: Sequence[Iteration], column: str, of: Callable[[Sequence[float]], float]
) -> list[float]:
    """A column reduced over each iteration that has samples of it."""
    values, found = series.columns[column], []
    for item in iterations:
        start, end = bisect_left(series.times, item.started_s), bisect_left(series.times, item.ended_s)
        present = [value for value in values[start:end] if math.isfinite(value)]
        if present:
            found.append(of(present))
    return found


def throughput_metric(config: Config, mine: Sequence[Iteration], theirs: Sequence[Iteration]) -> Metric | None:
    """Events a second, where they are counted and are no KPI with limits of its own."""
    if any(kpi.name == _EVENTS for kpi in config.kpis):
        return None
    here, there = (
        _finite(item.values.get(_EVENTS) for item in counted[-config.gate.window :]) for counted in (mine, theirs)
    )
    if not (here or there):
        return None
    ratio = float(config.gate.compare.ratio) / 100.0
    return Metric("throughput", "Events", here, there, -1, ratio, floor=0.0, show=_rate)
