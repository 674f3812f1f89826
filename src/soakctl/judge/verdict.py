"""The one place where a record becomes a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from soakctl.domain.reduce import reduce
from soakctl.domain.verdict import Check, Severity, Verdict, conclude
from soakctl.domain.wording import show_count
from soakctl.errors import NoDataError
from soakctl.judge.anomalies import anomalies
from soakctl.judge.attribution import attribution_checks, with_origin
from soakctl.judge.completeness import completeness_checks
from soakctl.judge.kpi import judge_iteration, judge_kpi, source_check
from soakctl.judge.kpi_trend import kpi_trend_check
from soakctl.judge.look import look, throughput_check
from soakctl.judge.resources import excluded_of, judge_trends, limit_checks, shown_trends, trend_check
from soakctl.judge.stability import stability_checks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.config.root import Config
    from soakctl.domain.deltas import DeltaJudgement
    from soakctl.domain.iteration import Iteration
    from soakctl.domain.record import Record
    from soakctl.domain.state import RunState
    from soakctl.domain.trend import Trend

SHORT_RUN_S = 3600.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to judge: by mock limits, strictly, whether a warning fails, and whether growth is judged (it costs most).

    `extra_checks` were made elsewhere and count like the others.
    """

    mock: bool = False
    strict: bool = False
    fail_on_warn: bool = False
    trends: bool = True
    extra_checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the trends that it was made from; of a tuned run its changes, too."""

    verdict: Verdict
    trends: dict[str, Trend]
    deltas: DeltaJudgement | None = None


def judge(record: Record, config: Config, options: Options) -> Judgement:
    """Judge a run by its record alone. Raises NoDataError for a run that holds nothing to judge."""
    state = record.state
    if state.first_boot is None:
        message = f"run {record.manifest.run_id} holds no data: its service was never started"
        raise NoDataError(message, hint="Start it again with `soakctl soak`.")
    counted = judged_iterations(state)
    checks = list(stability_checks(state, config))
    passes = _pass_count(counted, config, mock=options.mock)
    trends: dict[str, Trend] = {}
    if state.began_s is not None:
        checks += [judge_kpi(kpi, counted, window=config.gate.window, mock=options.mock) for kpi in config.kpis]
        sources = (source_check(kpi, counted, window=config.gate.window) for kpi in config.kpis)
        checks += [check for check in sources if check is not None]
        checks.append(_pass_check(passes, counted, config))
        throughput = throughput_check(counted)
        if throughput is not None:
            checks.append(throughput)
        checks += anomalies(counted[-config.gate.window :])
        checks += limit_checks(record, config.gate.resources, data=bool(config.service.data))
    checks += completeness_checks(record, config)
    if not counted and not any(check.severity is Severity.FAIL for check in checks):
        message = f"run {record.manifest.run_id} holds no data: no iteration of it was completed"
        raise NoDataError(message, hint="Let it run for an iteration; `soakctl soak --resume` goes on.")
    if state.began_s is not None and options.trends:
        run_s = max(min(state.observed_s, state.plan.duration_s), 1.0)
        trends = judge_trends(record.series, config.gate.resources, run_s=run_s, excluded=excluded_of(state))
        shown = shown_trends(trends, data=bool(config.service.data))
        growth = [with_origin(trend_check(item, trends[item.name]), state) for item in shown]
        growth += [
            kpi_trend_check(kpi, counted, run_s=run_s, mock=options.mock)
            for kpi in config.kpis
            if kpi.trend and not kpi.dry_run
        ]
        checks += softened(growth, checks, short=state.plan.duration_s < SHORT_RUN_S)
    deltas = _deltas(record, config) if record.manifest.tuned else None
    checks += (*attribution_checks(state), *(deltas.checks if deltas is not None else ()), *options.extra_checks)
    events = any("events_per_second" in item.values for item in state.iterations)
    facts = _facts(counted, passes, config, record) | {"look": look(record, trends, counts_events=events).to_json()}
    facts |= {} if deltas is None else {"tuning": deltas.facts}
    verdict = conclude(checks, mock=options.mock, strict=options.strict, fail_on_warn=options.fail_on_warn, facts=facts)
    return Judgement(verdict, trends, deltas)


def _deltas(record: Record, config: Config) -> DeltaJudgement:
    from soakctl.judge.delta_checks import judge_deltas  # most runs do not tune  # noqa: PLC0415

    return judge_deltas(record, config)


def judge_summaries(
    iterations: Sequence[Iteration], problems: Sequence[str], config: Config, options: Options
) -> Verdict:
    """Judge iterations that have nothing around them: their KPIs and how many pass. What is missing never passes."""
    counted = counted_iterations(iterations)
    window = counted[-config.gate.window :]
    passes = _pass_count(counted, config, mock=options.mock)
    checks = [judge_kpi(kpi, counted, window=config.gate.window, mock=options.mock) for kpi in config.kpis]
    if not config.kpis:
        reason = "no KPI is configured, so the summaries were compared with nothing"
        checks.append(Check("gate.no_kpis", Severity.NO_DATA, "KPIs", reason=reason))
    checks.append(_pass_check(passes, counted, config))
    checks += anomalies(window)
    checks += [Check("record.damaged", Severity.NO_DATA, "Record", reason=problem) for problem in problems]
    checks += options.extra_checks
    facts = {**_window_facts(window, passes, config), "iterations": len(counted)}
    return conclude(checks, mock=options.mock, strict=options.strict, fail_on_warn=options.fail_on_warn, facts=facts)


def counted_iterations(iterations: Sequence[Iteration]) -> list[Iteration]:
    """Whole iterations; a cut one counts only where there is no other."""
    whole = [item for item in iterations if not item.partial]
    return whole or list(iterations)


def judged_iterations(state: RunState) -> list[Iteration]:
    """What a run is judged by: none where it was interrupted in its first iteration."""
    counted = counted_iterations(state.iterations)
    interrupted = state.stop is not None and state.stop.reason == "interrupted"
    return [] if interrupted and all(item.partial for item in counted) else counted


def iteration_outcome(item: Iteration, config: Config, *, mock: bool) -> str:
    """PASS, FAIL or NO_DATA of an iteration: its KPIs, and that the service stayed up through it."""
    if item.exits or item.failed_runs:
        return "FAIL"
    verdict, _ = judge_iteration(config.kpis, item.values, mock=mock)
    if verdict == "PASS" and not item.samples and config.soak.repeat is None:
        return "NO_DATA"
    return verdict


def _pass_count(counted: Sequence[Iteration], config: Config, *, mock: bool) -> dict[str, int]:
    outcomes = [iteration_outcome(item, config, mock=mock) for item in counted[-config.gate.window :]]
    return {name: outcomes.count(name) for name in ("PASS", "FAIL", "NO_DATA")}


def scaled(needed: int, looked_at: int, window: int) -> int:
    """How many passes are needed where fewer iterations than the window were run."""
    return needed if looked_at >= window else math.ceil(looked_at * needed / window)


def _pass_check(passes: dict[str, int], counted: Sequence[Iteration], config: Config) -> Check:
    gate = config.gate
    looked_at = sum(passes.values())
    window = f"last {show_count(looked_at)} of {show_count(len(counted))}"
    if not looked_at:
        return Check("iterations", Severity.NO_DATA, "Iterations passed", reason="no iteration was completed")
    to_pass = scaled(gate.min_pass, looked_at, gate.window)
    to_warn = scaled(gate.warn_pass, looked_at, gate.window)
    known, hoped = passes["PASS"], passes["PASS"] + passes["NO_DATA"]
    if known >= to_pass:
        severity, reason = Severity.OK, ""
    elif hoped >= to_pass:
        severity, reason = Severity.NO_DATA, f"{passes['NO_DATA']} iterations miss a value"
    elif hoped >= to_warn:
        severity, reason = Severity.WARN, f"enough for a warning only; {to_pass} are needed to pass"
    else:
        severity, reason = Severity.FAIL, f"{passes['FAIL']} iterations failed"
    return Check(
        "iterations",
        severity,
        "Iterations passed",
        show_count(known),
        f">= {show_count(to_pass)}",
        window,
        looked_at,
        reason,
    )


def softened(trends: list[Check], others: Sequence[Check], *, short: bool) -> list[Check]:
    """In a run under an hour whose other checks pass, growth that cannot be judged yet is said, and no more."""
    decided = (*others, *(check for check in trends if not check.strict))
    fine = bool(decided) and all(check.severity in {Severity.OK, Severity.INFO} for check in decided)
    if not short or not fine:
        return trends
    return [replace(check, severity=Severity.INFO) if check.strict else check for check in trends]


def _facts(counted: Sequence[Iteration], passes: dict[str, int], config: Config, record: Record) -> dict[str, Any]:
    return {
        **_window_facts(counted[-config.gate.window :], passes, config),
        "iterations": len(counted),
        "observed_s": round(record.state.observed_s, 3),
        "planned_s": record.state.plan.duration_s,
    }


def _window_facts(chosen: Sequence[Iteration], passes: dict[str, int], config: Config) -> dict[str, Any]:
    figures: dict[str, dict[str, float]] = {}
    for kpi in config.kpis:
        values = [value for item in chosen if (value := item.values.get(kpi.name)) is not None]
        mean, median = (reduce(values, how, seconds=1.0) for how in ("mean", "median"))
        if mean is not None and median is not None:
            figures[kpi.name] = {"mean": mean, "median": median}
    span = {"from_utc": chosen[0].ended_utc, "to_utc": chosen[-1].ended_utc} if chosen else None
    return {
        "window": config.gate.window,
        "pass_count": passes["PASS"],
        "min_pass": scaled(config.gate.min_pass, len(chosen), config.gate.window),
        "looked_at": len(chosen),
        "kpis": figures,
        "time_range": span,
        "anomalies": len(anomalies(chosen)),
    }
