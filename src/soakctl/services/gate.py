"""gate: judge a recorded run, and write what was found beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.config.root import Config
from soakctl.domain.journal import Entry, EventKind
from soakctl.domain.run import Mode
from soakctl.domain.verdict import Check, Outcome, Severity, Verdict, conclude
from soakctl.judge.resources import judge_resources
from soakctl.judge.verdict import SHORT_RUN_S, Judgement, Options, judge, softened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.domain.baseline import Baseline
    from soakctl.domain.config.gate import Budgets
    from soakctl.domain.record import Record, Series
    from soakctl.domain.trend import Trend
    from soakctl.ports import Documents, RunStore

_NOT_TUNED: dict[str, Any] = {
    "freeze_seen": False,
    "signature_loops": 0,
    "guards_last8": dict.fromkeys(("oscillation_count", "velocity_count", "cooldown_count", "freeze_events"), 0),
}


def recorded_config(record: Record) -> Config:
    """The configuration that the run was made with; a run is judged by it, now or later, here or elsewhere."""
    return Config.model_validate(record.manifest.config)


def judge_run(
    record: Record,
    *,
    config: Config | None = None,
    mock: bool | None = None,
    strict: bool = False,
    fail_on_warn: bool = False,
    baseline: Baseline | None = None,
    force: bool = False,
) -> Judgement:
    """Judge a record. Unless `mock` says otherwise a run is judged in its own mode.

    With a `baseline` it is compared with it, too; `force` does so even if the two are unlike.
    Raises NoDataError when there is nothing to judge.
    """
    by_mock = record.manifest.mode is Mode.MOCK if mock is None else mock
    config = config or recorded_config(record)
    compared: tuple[Check, ...] = ()
    if baseline is not None:
        from soakctl.judge.baseline import compare  # few gates compare  # noqa: PLC0415

        compared = compare(record, config, baseline, mock=by_mock, force=force)
    options = Options(mock=by_mock, strict=strict, fail_on_warn=fail_on_warn, extra_checks=compared)
    return judge(record, config, options)


def judge_resource_file(
    series: Series, problems: Sequence[str], budgets: Budgets, *, strict: bool, fail_on_warn: bool
) -> Judgement:
    """Judge a bare file of samples: growth, and what could not be read."""
    trends, checks = judge_resources(series, budgets)
    checks += [Check("record.damaged", Severity.WARN, "File", reason=problem) for problem in problems]
    short = series.times[-1] - series.times[0] < SHORT_RUN_S
    checks = softened(checks, (), short=short)
    facts = {"samples": len(series), "observed_s": round(series.times[-1] - series.times[0], 3)}
    verdict = conclude(checks, mock=False, strict=strict, fail_on_warn=fail_on_warn, facts=facts)
    return Judgement(verdict, trends)


def older_run_document(run_id: str, verdict: Verdict) -> dict[str, Any]:
    """What `gate --json` prints for a directory of an older tool."""
    return {
        "schema": "soakctl.verdict/1",
        "run_id": run_id,
        "mode": "unknown",
        "mock_thresholds": verdict.mock,
        **_judged(verdict),
        "resources": {},
    }


def _judged(verdict: Verdict) -> dict[str, Any]:
    return {
        "strict": verdict.strict,
        "verdict": verdict.outcome.value,
        "exit_code": int(verdict.exit_code),
        "exit_name": verdict.exit_code.label,
        "checks": [check.to_json() for check in verdict.checks],
        "findings": [check.to_json() for check in verdict.findings],
        **verdict.facts,
    }


def resource_file_document(judgement: Judgement, series: Series) -> dict[str, Any]:
    """What `gate --resources FILE --json` prints."""
    analysis = analysis_document("", series.started_unix, judgement.trends)
    return {
        "schema": "soakctl.resources-verdict/1",
        **_judged(judgement.verdict),
        "memory_leak_detected": analysis["memory_leak_detected"],
        "resources": analysis["resources"],
    }


def write_judgement(store: Documents, record: Record, judgement: Judgement) -> None:
    """Write `verdict.json`, `POST_SOAK_SNAPSHOT.json` and `resources.analysis.json`. Raises what the store raises."""
    store.write("verdict.json", verdict_document(record, judgement))
    store.write("POST_SOAK_SNAPSHOT.json", snapshot_document(judgement))
    store.write("resources.analysis.json", _analysis(record, judgement))


def conclude_run(store: RunStore, record: Record, judgement: Judgement) -> None:
    """The last word of a soak: its own verdict in the journal and in the manifest. Raises what the store raises."""
    verdict, state = judgement.verdict, record.state
    data = {"verdict": verdict.outcome.value, "exit_code": int(verdict.exit_code)}
    store.append(Entry(state.seq + 1, state.elapsed_s, state.unix, EventKind.VERDICT, state.life, data))
    store.write("run.json", record.manifest.model_copy(update=data).to_json())


def verdict_document(record: Record, judgement: Judgement) -> dict[str, Any]:
    """`verdict.json`, and what `gate --json` prints."""
    verdict = judgement.verdict
    return {
        "schema": "soakctl.verdict/1",
        "run_id": record.manifest.run_id,
        "mode": record.manifest.mode.value,
        "mock_thresholds": verdict.mock,
        **_judged(verdict),
        "resources": _analysis(record, judgement)["resources"],
    }


def snapshot_document(judgement: Judgement) -> dict[str, Any]:
    """`POST_SOAK_SNAPSHOT.json`, in the layout that older tools read."""
    verdict, facts = judgement.verdict, judgement.verdict.facts
    kpis: Mapping[str, Mapping[str, float]] = facts["kpis"]
    ready = verdict.outcome is not Outcome.FAIL and facts["pass_count"] >= facts["min_pass"]
    tuning: Mapping[str, Any] = facts.get("tuning") or _NOT_TUNED
    freeze_seen = bool(tuning["freeze_seen"])
    return {
        "schema": "soakctl.snapshot/1",
        "schema_version": "1.1",
        "verdict": verdict.outcome.value,
        "window": facts["window"],
        "pass_count_last8": facts["pass_count"],
        "freeze_seen": freeze_seen,
        "freeze_ready": ready and freeze_seen,
        "kpi_last8": {
            "mean": {name: figures["mean"] for name, figures in kpis.items()},
            "median": {name: figures["median"] for name, figures in kpis.items()},
        },
        "guards_last8": tuning["guards_last8"],
        "anomalies_count": facts["anomalies"],
        "signature_loops": tuning["signature_loops"],
        "time_range": facts["time_range"],
    }


def _analysis(record: Record, judgement: Judgement) -> dict[str, Any]:
    manifest = record.manifest
    return analysis_document(manifest.run_id, manifest.started_unix, judgement.trends)


def analysis_document(run_id: str, started_unix: float | None, trends: Mapping[str, Trend]) -> dict[str, Any]:
    """`resources.analysis.json`: the judgement of each resource."""
    leaking = [name for name in ("rss", "uss") if name in trends and trends[name].verdict.value == "LEAK"]
    return {
        "schema": "soakctl.analysis/1",
        "run_id": run_id,
        "memory_leak_detected": bool(leaking),
        "resources": {name: _trend(trend, started_unix) for name, trend in trends.items()},
    }


def _trend(trend: Trend, started_unix: float | None) -> dict[str, Any]:
    began = None if trend.began_s is None or started_unix is None else round(started_unix + trend.began_s, 3)
    expected, earliest, latest = trend.exhaustion_s or (None, None, None)
    return {
        "verdict": trend.verdict.value,
        "shape": trend.shape,
        "slope_per_hour": trend.slope_per_hour,
        "slope_low": trend.slope_low,
        "slope_high": trend.slope_high,
        "budget_per_hour": trend.budget_per_hour,
        "began_unix": began,
        "exhaustion_s": expected,
        "exhaustion_earliest_s": earliest,
        "exhaustion_latest_s": latest,
        "smallest_detectable_per_hour": trend.smallest_detectable_per_hour,
        "decide_after_s": trend.decide_after_s,
        "fails": trend.fails,
        "points": trend.points,
        "reason": trend.reason,
    }
