"""Growth of each resource over a run, and the limits that need no trend: disk, CPU, zombies."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from soakctl.domain.trend import Trend, TrendVerdict
from soakctl.domain.verdict import Check, Severity
from soakctl.domain.wording import counted, show_bytes, show_count, show_number, show_seconds
from soakctl.judge.attribution import traced_windows
from soakctl.judge.budgets import default_budget, user_budget
from soakctl.judge.columns import known, known_sums
from soakctl.judge.coverage import file_coverage
from soakctl.judge.headroom import with_exhaustion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.domain.config.gate import Budgets
    from soakctl.domain.record import Record, Series
    from soakctl.domain.state import RunState
    from soakctl.domain.trend import Budget

# Below this many samples there is no trend to speak of, and numpy need not be imported to say so.
FEWEST_POINTS = 8
_GROWTH_BETWEEN = "growth between"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource whose growth is judged: its name in reports, its column and the key of its budget."""

    name: str
    column: str
    budget: str
    title: str
    size: bool = False
    expected: bool = True  # a run that never has it is a finding


RESOURCES = (
    Resource("rss", "rss_bytes", "rss_slope", "RSS", size=True),
    Resource("uss", "uss_bytes", "uss_slope", "USS", size=True, expected=False),
    Resource("fds", "num_fds", "fd_slope", "Open files"),
    Resource("threads", "num_threads", "thread_slope", "Threads"),
    Resource("processes", "num_processes", "process_slope", "Processes"),
    Resource("tasks", "num_tasks", "task_slope", "Tasks", expected=False),
    Resource("zombies", "zombies", "", "Zombies", expected=False),
    Resource("artifacts", "artifacts_bytes", "disk_slope", "Artifacts", size=True, expected=False),
    Resource("disk", "data_bytes", "disk_slope", "Data", size=True, expected=False),
)

_BY_NAME = {item.name: item for item in RESOURCES}


def excluded_of(state: RunState) -> list[tuple[float, float]]:
    """The stretches that no trend may be drawn through, in elapsed seconds: gaps, and looks into its memory."""
    gaps = [(float(gap["from_s"]), float(gap["to_s"])) for gap in state.gaps if {"from_s", "to_s"} <= gap.keys()]
    return gaps + traced_windows(state)


def judge_trends(
    series: Series, budgets: Budgets, *, run_s: float, excluded: Sequence[tuple[float, float]] = ()
) -> dict[str, Trend]:
    """The trend of every resource, by name. `run_s` is the observed length, which default budgets are scaled by."""
    trends = {}
    for resource in RESOURCES:
        budget = budget_of(resource, budgets, run_s=run_s)
        trends[resource.name] = with_exhaustion(resource.name, _trend(series, resource, budget, excluded), series)
    return trends


def budget_of(resource: Resource, budgets: Budgets, *, run_s: float) -> Budget:
    """The budget that the user gave, as it stands, or the default, scaled for the length of the run."""
    given = getattr(budgets, resource.budget) if resource.budget else None
    return user_budget(resource.name, float(given)) if given is not None else default_budget(resource.name, run_s)


def _trend(series: Series, resource: Resource, budget: Budget, excluded: Sequence[tuple[float, float]]) -> Trend:
    values = series.columns[resource.column]
    present = len(known(values))
    if not present:
        return Trend(TrendVerdict.NO_DATA, reason="it could not be read")
    if present < FEWEST_POINTS:
        return Trend(
            TrendVerdict.INCONCLUSIVE,
            budget_per_hour=budget.warn_per_hour,
            points=present,
            reason=f"{counted(present, 'sample')}: too few to judge growth",
        )
    from soakctl.judge.trend import judge_series  # numpy comes with it  # noqa: PLC0415

    trend = judge_series(series.times, values, lives=series.lives, excluded=excluded, budget=budget)
    return replace(trend, reason=_both_sides(trend, size=resource.size)) if _only_undecided(trend) else trend


def _only_undecided(trend: Trend) -> bool:
    """Whether there is growth, and all that is open is on which side of the limit it lies."""
    from soakctl.judge.trend.doubts import Doubt  # with numpy beside it  # noqa: PLC0415

    if trend.verdict is not TrendVerdict.INCONCLUSIVE or trend.reason != str(Doubt.NOISE):
        return False
    low, high, limit = trend.slope_low, trend.slope_high, trend.budget_per_hour
    return low is not None and high is not None and limit is not None and 0 < low <= limit < high


def _both_sides(trend: Trend, *, size: bool) -> str:
    assert trend.slope_low is not None
    assert trend.slope_high is not None
    low, high = (show_amount(bound, size=size) for bound in (trend.slope_low, trend.slope_high))
    return f"{_GROWTH_BETWEEN} {low} and {high} an hour, on both sides of what is allowed"


def judge_resources(series: Series, budgets: Budgets) -> tuple[dict[str, Trend], list[Check]]:
    """Judge samples that have nothing around them: what grows, for those resources that were sampled."""
    run_s = max(series.times[-1] - series.times[0], 1.0) if len(series) else 1.0
    trends = judge_trends(series, budgets, run_s=run_s)
    seen = [item for item in RESOURCES if item.name == "rss" or _worth_a_line(item, trends[item.name])]
    checks = [trend_check(item, trends[item.name]) for item in seen]
    if known(series.columns["zombies"]):
        checks.append(_zombies(series.columns, budgets))
        seen.append(_BY_NAME["zombies"])
    coverage = file_coverage(series, {item.title: item.column for item in seen}.items())
    return trends, checks if coverage is None else [*checks, coverage]


def _worth_a_line(resource: Resource, trend: Trend) -> bool:
    """Zombies have a limit of their own, and artifacts grow by nature: only a leak of them is told."""
    if resource.name in {"zombies", "artifacts"}:
        return trend.verdict is TrendVerdict.LEAK
    return trend.points >= FEWEST_POINTS


def shown_trends(trends: Mapping[str, Trend], *, data: bool) -> list[Resource]:
    """The resources of a run that get a line of its verdict; `data` tells whether directories of data are watched."""
    return [
        item
        for item in RESOURCES
        if (data if item.name == "disk" else item.expected or _worth_a_line(item, trends[item.name]))
    ]


def trend_check(resource: Resource, trend: Trend) -> Check:
    """The line of a verdict for one trend. INCONCLUSIVE is a warning here; a short run may soften it."""
    severity = {
        TrendVerdict.LEAK: Severity.FAIL if trend.fails else Severity.WARN,
        TrendVerdict.NO_LEAK: Severity.OK,
        TrendVerdict.INCONCLUSIVE: Severity.WARN,
        TrendVerdict.NO_DATA: Severity.NO_DATA if resource.expected else Severity.INFO,
    }[trend.verdict]
    shown = "" if trend.slope_per_hour is None else show_growth(_visible(trend), size=resource.size)
    limit = "" if trend.budget_per_hour is None else f"<= {show_growth(trend.budget_per_hour, size=resource.size)}"
    return Check(
        f"resource.{resource.name}",
        severity,
        f"{resource.title} growth",
        shown,
        limit,
        "run",
        trend.points,
        _reason(trend, size=resource.size),
        hint=_HINTS.get(resource.name, "") if trend.verdict is TrendVerdict.LEAK else "",
        strict=trend.verdict is TrendVerdict.INCONCLUSIVE,
    )


def _visible(trend: Trend) -> float:
    """The slope, or 0 where it is nothing beside the budget: nobody should wonder at -2e-18."""
    slope, budget = trend.slope_per_hour or 0.0, trend.budget_per_hour or 0.0
    return 0.0 if abs(slope) < budget / 1000 else slope


_HINTS = {
    "rss": "Look for caches, lists and tasks that only grow; the figures over time are in resources.jsonl.",
    "fds": "Look for files, sockets and clients that are opened and never closed.",
    "threads": "Look for executors and threads that are started a request and never joined.",
    "processes": "Look for children that are started and never waited for.",
}


def _reason(trend: Trend, *, size: bool) -> str:
    if trend.verdict is TrendVerdict.NO_LEAK:
        return trend.shape
    words = [trend.verdict.value]
    if trend.shape != "unknown":
        words.append(trend.shape)
    if trend.reason:
        words.append(trend.reason)
    told = trend.reason.startswith(_GROWTH_BETWEEN)
    if trend.slope_low is not None and trend.slope_high is not None and not told:
        low, high = (show_growth(bound, size=size) for bound in (trend.slope_low, trend.slope_high))
        words.append(f"95% interval {low} to {high}")
    if trend.verdict is TrendVerdict.LEAK and trend.slope_per_hour is not None:
        words.append(f"a day of this is {show_amount(trend.slope_per_hour * 24, size=size)}")
    return ", ".join(words)


def show_amount(amount: float, *, size: bool) -> str:
    """Bytes or a count for people."""
    return show_bytes(amount) if size else show_number(amount, 3)


def show_growth(per_hour: float, *, size: bool) -> str:
    """An amount an hour for people, always with its sign."""
    text = show_amount(per_hour, size=size)
    return f"{text}/h" if text.startswith("-") else f"+{text}/h"


def limit_checks(record: Record, budgets: Budgets, *, data: bool = False) -> list[Check]:
    """Disk, CPU and zombies against limits that hold at every moment or as a mean; `data`: directories are watched."""
    columns = record.series.columns
    checks = [_disk(columns, budgets, data=data), _zombies(columns, budgets)]
    if budgets.cpu_mean is not None:
        checks.append(_cpu(record.series, float(budgets.cpu_mean)))
    return checks


def _disk(columns: Mapping[str, Sequence[float]], budgets: Budgets, *, data: bool) -> Check:
    sums = known_sums(columns["artifacts_bytes"], columns["data_bytes"])
    limit = f"<= {show_bytes(float(budgets.disk))}"
    what = "Disk used"
    if not sums:
        return Check("resource.disk_total", Severity.NO_DATA, what, limit=limit, reason="it was never measured")
    peak, reason = max(sums), ""
    severity = Severity.FAIL if peak > float(budgets.disk) else Severity.OK
    if data and severity is Severity.OK and not known(columns["data_bytes"]):
        severity, reason = Severity.NO_DATA, "the directories of service.data were never measured"
    return Check("resource.disk_total", severity, what, show_bytes(peak), limit, "peak", len(sums), reason)


def _zombies(columns: Mapping[str, Sequence[float]], budgets: Budgets) -> Check:
    seen = known(columns["zombies"])
    if not seen:
        return Check("resource.zombies", Severity.NO_DATA, "Zombie processes", reason="they could not be counted")
    worst = int(max(seen))
    severity = Severity.FAIL if worst > budgets.zombies else Severity.OK
    hint = "A parent does not wait for its children; find it with `ps -o pid,ppid,stat,cmd`." if worst else ""
    limit = f"<= {show_count(budgets.zombies)}"
    return Check(
        "resource.zombies", severity, "Zombie processes", show_count(worst), limit, "peak", len(seen), hint=hint
    )


def cpu_mean_percent(series: Series) -> tuple[float, float] | None:
    """Mean CPU of the tree in per cent of one core, and the seconds it is taken over; None without two readings."""
    used = over = 0.0
    before: tuple[int, float, float] | None = None
    for life, at, total in zip(series.lives, series.times, series.columns["cpu_seconds_total"], strict=True):
        if math.isnan(total):
            continue
        if before is not None and before[0] == life:
            used += max(0.0, total - before[2])
            over += at - before[1]
        before = (life, at, total)
    return (100.0 * used / over, over) if over > 0 else None


def _cpu(series: Series, limit: float) -> Check:
    found = cpu_mean_percent(series)
    shown_limit = f"<= {show_number(limit)}% of a core"
    if found is None:
        reason = "fewer than two samples have it"
        return Check("resource.cpu_mean", Severity.NO_DATA, "CPU mean", limit=shown_limit, reason=reason)
    mean, over = found
    severity = Severity.FAIL if mean > limit else Severity.OK
    return Check(
        "resource.cpu_mean",
        severity,
        "CPU mean",
        f"{show_number(mean, 3)}%",
        shown_limit,
        show_seconds(over),
        len(series),
    )
