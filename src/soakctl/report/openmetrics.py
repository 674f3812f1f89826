"""A verdict as metrics, for a textfile collector or a push gateway.

The text is OpenMetrics, and the older Prometheus format as well, which is what node_exporter's textfile collector
reads: hence gauges alone, no state sets and no timestamps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from soakctl.domain.verdict import Outcome
from soakctl.report.subject import service_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from soakctl.domain.record import Record
    from soakctl.domain.trend import Trend
    from soakctl.domain.verdict import Verdict

_VERDICTS = {Outcome.FAIL: 0, Outcome.WARN: 1, Outcome.PASS: 2}
_SLOPES = (
    ("soak_resource_slope_per_hour", "slope_per_hour", "Growth an hour, in bytes or counts."),
    ("soak_resource_slope_low_per_hour", "slope_low", "Growth an hour, lower end of its 95 % interval."),
    ("soak_resource_slope_high_per_hour", "slope_high", "Growth an hour, upper end of its 95 % interval."),
)
_KPIS = (
    ("mean", "Mean of the KPI over the iterations that were looked at."),
    ("median", "Median of the KPI over the iterations that were looked at."),
)


@dataclass(slots=True)
class _Gauge:
    """A family. Its help is the same in every file: a collector that reads several refuses two texts for one name."""

    name: str
    help: str
    unit: str = ""
    typed: bool = True
    samples: list[tuple[Mapping[str, str], float]] = field(default_factory=list)

    def lines(self, labels: Mapping[str, str]) -> Iterator[str]:
        if self.typed:
            yield f"# TYPE {self.name} gauge"
        if self.unit:
            yield f"# UNIT {self.name} {self.unit}"
        yield f"# HELP {self.name} {self.help}"
        for own, value in self.samples:
            pairs = ",".join(f'{name}="{_quoted(text)}"' for name, text in {**own, **labels}.items())
            yield f"{self.name}{{{pairs}}} {_number(value)}"


def openmetrics_text(record: Record, verdict: Verdict, trends: Mapping[str, Trend], *, freeze_ready: bool) -> str:
    """The metrics of a run, ended by `# EOF`. What has no value has no line."""
    labels = {"run_id": record.manifest.run_id, "service": service_name(record.manifest)}
    families = [*_verdict(record, verdict, freeze_ready=freeze_ready), *_kpis(verdict), *_slopes(trends)]
    lines = [line for family in families if family.samples for line in family.lines(labels)]
    return "\n".join([*lines, "# EOF", ""])


def _verdict(record: Record, verdict: Verdict, *, freeze_ready: bool) -> Iterable[_Gauge]:
    facts, state = verdict.facts, record.state
    yield _one("soak_verdict", "The verdict: 0 FAIL, 1 WARN, 2 PASS.", _VERDICTS[verdict.outcome])
    yield _one("soak_freeze_ready", "Whether the parameters may be frozen: 1 yes, 0 no.", int(freeze_ready))
    passed = _one("soak_verdict_pass_count", "Iterations of the window that passed.", facts.get("pass_count"))
    yield replace(passed, typed=False)  # promtool wants no gauge of this ending
    yield _one("soak_window", "Iterations that the window may hold.", facts.get("window"))
    yield from _tuning(facts.get("tuning") or {})
    yield _one("soak_crashes", "Times that the service ended by itself.", len(state.crashes))
    yield _one("soak_restarts", "Times that the service was started again.", state.restarts)
    yield _one("soak_observed_seconds", "Time that was observed.", facts.get("observed_s"), "seconds")


def _tuning(facts: Mapping[str, Any]) -> Iterable[_Gauge]:
    """Of a tuned run."""
    ratio = facts.get("full_apply_ratio")
    yield _one("soak_delta_full_apply_ratio", "Share of the changes that were fully applied.", ratio, "ratio")
    for name in ("proposed", "applied", "skipped", "reverted"):
        yield _one(f"soak_delta_{name}", f"Parameter changes that were {name}.", facts.get(name))
    guards = [({"guard": guard}, count) for guard, count in facts.get("skipped_by", {}).items()]
    yield _Gauge("soak_delta_held_back", "Parameter changes that a guard held back.", samples=list(guards))
    stuck = facts.get("signature_stuck_count")
    yield _one("soak_delta_signature_stuck", "Changes marked applied that left the state as it was.", stuck)
    seen = facts.get("freeze_seen")
    yield _one("soak_freeze_seen", "Whether parameters were frozen: 1 yes, 0 no.", None if seen is None else int(seen))


def _one(name: str, text: str, value: float | None, unit: str = "") -> _Gauge:
    return _Gauge(name, text, unit, samples=[] if value is None else [({}, value)])


def _kpis(verdict: Verdict) -> Iterable[_Gauge]:
    """A family a KPI and figure. Names that differ in what a metric cannot hold share one, told apart by a label."""
    families: dict[str, _Gauge] = {}
    for kpi, figures in verdict.facts.get("kpis", {}).items():
        safe = re.sub(r"[^A-Za-z0-9_]", "_", kpi)
        for figure, text in _KPIS:
            family = families.setdefault(f"soak_kpi_{safe}_{figure}", _Gauge(f"soak_kpi_{safe}_{figure}", text))
            family.samples.append(({"kpi": kpi} if safe != kpi else {}, figures[figure]))
    return families.values()


def _slopes(trends: Mapping[str, Trend]) -> Iterable[_Gauge]:
    for name, attribute, text in _SLOPES:
        known = {resource: getattr(trend, attribute) for resource, trend in trends.items()}
        samples = [({"resource": resource}, value) for resource, value in known.items() if value is not None]
        yield _Gauge(name, text, samples=list(samples))


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))  # numpy's floats print their type


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
