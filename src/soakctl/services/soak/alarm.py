"""Growth noticed while a run goes on: judged at growing lengths, believed when two looks in a row agree."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING

from soakctl.domain.journal import Event, EventKind
from soakctl.domain.signal import Sampled
from soakctl.domain.state import Phase
from soakctl.domain.trend import TrendVerdict
from soakctl.judge.resources import RESOURCES, budget_of, excluded_of, show_growth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.config.gate import Budgets
    from soakctl.domain.plan import Plan
    from soakctl.domain.sample import Sample
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState
    from soakctl.domain.trend import Trend

_WATCHED = tuple(item for item in RESOURCES if item.expected or item.name == "tasks")
# The first look at a quarter of the plan, but not before so many seconds; each later one at a quarter more.
_FIRST_SHARE = 0.25
_FIRST_S = 300.0
# Who wants to know the lines wants them of a short run, too.
_FIRST_TO_ATTRIBUTE_S = 15.0
_GROWTH = 1.25
# Samples kept; when there are more, every other one is left out, so that memory stays flat over days.
_KEPT_AT_MOST = 4096


class LeakAlarmPart:
    """Says so in the journal when memory, files, threads or processes look like leaking; the verdict comes later."""

    def __init__(self, plan: Plan, budgets: Budgets, *, attribute: bool = False) -> None:
        """Nothing has been looked at yet. `attribute`: an alarm makes somebody look for its origin."""
        self._plan = plan
        self._budgets = budgets
        self._times: array[float] = array("d")
        self._lives: array[int] = array("l")
        self._columns = {item.column: array("d") for item in _WATCHED}
        self._every = 1
        self._seen = 0
        self._next_look_s = max(_FIRST_TO_ATTRIBUTE_S if attribute else _FIRST_S, _FIRST_SHARE * plan.duration_s)
        self._before: dict[str, bool] = {}
        self._told: set[str] = set()

    def due(self, _state: RunState) -> float | None:
        """It looks when a sample comes."""
        return None

    def on(self, signal: Signal | None, _now: Moment, state: RunState) -> Iterator[Event]:
        """Keep the sample, and look when the run has grown by a quarter."""
        if not isinstance(signal, Sampled) or state.phase is not Phase.RUNNING:
            return
        self._keep(signal.sample)
        if state.observed_s < self._next_look_s:
            return
        self._next_look_s = state.observed_s * _GROWTH
        yield from self._look(state)

    def _keep(self, sample: Sample) -> None:
        self._seen += 1
        if self._seen % self._every:
            return
        self._times.append(sample.elapsed_s)
        self._lives.append(sample.life)
        for name, values in self._columns.items():
            value = getattr(sample, name)
            values.append(math.nan if value is None else float(value))
        if len(self._times) > _KEPT_AT_MOST:
            self._every *= 2
            self._times, self._lives = self._times[::2], self._lives[::2]
            self._columns = {name: values[::2] for name, values in self._columns.items()}

    def _look(self, state: RunState) -> Iterator[Event]:
        from soakctl.judge.trend import judge_series  # numpy comes with it, and not before it is needed  # noqa: PLC0415

        excluded = excluded_of(state)
        for item in _WATCHED:
            budget = budget_of(item, self._budgets, run_s=state.observed_s)
            values = self._columns[item.column]
            trend = judge_series(self._times, values, lives=self._lives, excluded=excluded, budget=budget)
            leaks = trend.verdict is TrendVerdict.LEAK
            if leaks and self._before.get(item.name) and item.name not in self._told:
                self._told.add(item.name)
                yield _alarm(item.name, item.title, trend, size=item.size)
            self._before[item.name] = leaks


def _alarm(name: str, title: str, trend: Trend, *, size: bool) -> Event:
    slope = show_growth(trend.slope_per_hour or 0.0, size=size)
    limit = show_growth(trend.budget_per_hour or 0.0, size=size)
    data = {
        "id": f"alarm.{name}",
        "severity": "info",
        "what": f"{title} growth",
        "value": slope,
        "limit": f"<= {limit}",
        "slope_per_hour": round(trend.slope_per_hour or 0.0, 3),
        "reason": f"it looked like a leak while the run went on ({trend.shape}, {slope})",
    }
    return Event(EventKind.FINDING, data)
