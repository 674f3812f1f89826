"""Whether the record holds what it should: the whole time, every sample, every line. Missing data never passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.state import Phase
from soakctl.domain.verdict import Check, Severity
from soakctl.domain.wording import show_count, show_seconds
from soakctl.judge.coverage import run_coverage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.config.root import Config
    from soakctl.domain.record import Record

_WHOLE = 0.99
_MISSED_SHARE = 0.05
_LOST_SHARE = 0.05
# A life begins and ends between two slots.
_GRID_SLACK = 2


def completeness_checks(record: Record, config: Config) -> Iterator[Check]:
    """Duration, samples, gaps, dropped lines, unreadable parts and what the configuration asks in vain."""
    yield from _duration(record, config)
    yield from _samples(record)
    coverage = run_coverage(record.series) if record.state.began_s is not None else None
    if coverage is not None:
        yield coverage
    yield from _gaps(record)
    state = record.state
    if state.dropped:
        reason = "they came faster than they could be read; KPIs over them have no data"
        yield Check(
            "record.dropped_lines", Severity.WARN, "Dropped log lines", show_count(state.dropped), "0", "run", 1, reason
        )
    for problem in record.problems:
        yield Check("record.damaged", Severity.NO_DATA, "Record", reason=problem)
    yield from _without_effect(config)
    for finding in state.findings:
        yield Check(
            finding["id"],
            Severity(finding["severity"]),
            finding["what"],
            finding.get("value", ""),
            finding.get("limit", ""),
            f"at {show_seconds(finding['elapsed_s'])}",
            1,
            finding.get("reason", ""),
        )


def _duration(record: Record, config: Config) -> Iterator[Check]:
    state = record.state
    if state.began_s is None:
        return
    if config.soak.repeat is not None and state.plan.iterations is not None:
        yield _runs(len(state.iterations), state.plan.iterations)
        return
    shown, planned = show_seconds(state.observed_s), f">= {show_seconds(state.plan.duration_s)}"
    if state.phase is not Phase.ENDED:
        reason = "the run has not ended"
    elif state.observed_s < _WHOLE * state.plan.duration_s:
        reason = f"the run ended early: {state.ended['reason'] if state.ended else 'unknown'}"
    else:
        yield Check("record.duration", Severity.OK, "Observed time", shown, planned)
        return
    yield Check("record.duration", Severity.WARN, "Observed time", shown, planned, reason=reason, strict=True)


def _runs(done: int, wanted: int) -> Check:
    """A repeated command is planned in runs, not in time."""
    short = done < wanted
    reason = f"{show_count(wanted - done)} more were planned" if short else ""
    severity = Severity.WARN if short else Severity.OK
    limit = f">= {show_count(wanted)}"
    return Check("record.duration", severity, "Runs", show_count(done), limit, reason=reason, strict=short)


def _samples(record: Record) -> Iterator[Check]:
    state, times = record.state, record.series.times
    taken = len(set(times))
    if state.began_s is None:
        return
    if not taken:
        yield Check("record.samples", Severity.NO_DATA, "Samples", "0", reason="no sample was taken")
        return
    wanted = _wanted(record)
    missing = max(state.missed, wanted - taken)
    share = missing / max(1, taken + missing)
    twice = len(times) - taken
    reasons = [f"{show_count(missing)} of {show_count(taken + missing)} slots have no sample"] if missing else []
    if twice:
        reasons.append(f"{show_count(twice)} are there a second time")
    bad = share > _MISSED_SHARE or twice > _MISSED_SHARE * taken
    severity = Severity.WARN if bad else Severity.OK
    yield Check(
        "record.samples", severity, "Samples", show_count(taken), "", "run", taken, ", ".join(reasons), strict=bad
    )


def _wanted(record: Record) -> int:
    """How many samples the observed time asks for; a repeated command is only sampled while it runs."""
    state = record.state
    if state.plan.repeated:
        return 0
    return int(state.observed_s / state.plan.sample_every_s) - _GRID_SLACK * max(1, state.life)


def _gaps(record: Record) -> Iterator[Check]:
    gaps = record.state.gaps
    if not gaps:
        return
    lost = sum(float(gap.get("lost_s", 0.0)) for gap in gaps)
    severity = Severity.WARN if lost > _LOST_SHARE * record.state.plan.duration_s else Severity.INFO
    reasons = ", ".join(sorted({str(gap["reason"]) for gap in gaps}))
    away = sum(float(gap.get("away_s", 0.0)) for gap in gaps)
    shown = f"{show_seconds(lost)} lost" if lost or not away else f"{show_seconds(away)} away"
    yield Check("record.gaps", severity, "Gaps", f"{show_count(len(gaps))}, {shown}", "", "run", len(gaps), reasons)


def _without_effect(config: Config) -> Iterator[Check]:
    asked = [
        name
        for name, given in (
            ("soak.faults", bool(config.soak.faults)),
            ("soak.load", config.soak.load is not None),
            ("soak.reconnect", config.soak.reconnect is not None),
        )
        if given
    ]
    for name in asked:
        reason = "it is configured, and this version does not act on it yet"
        yield Check("config.no_effect", Severity.WARN, name, reason=reason)
