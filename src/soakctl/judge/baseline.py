"""A run against a baseline: what got worse, by more than chance and by more than is worth a word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from soakctl.domain.baseline import Unlike, differences
from soakctl.domain.verdict import Check, Severity
from soakctl.judge.baseline_check import check, check_figure, too_few
from soakctl.judge.baseline_metrics import kpi_metric, kpi_values, resource_metrics, throughput_metric
from soakctl.judge.baseline_stats import decidable
from soakctl.judge.verdict import counted_iterations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from soakctl.domain.baseline import Baseline
    from soakctl.domain.config.root import Config
    from soakctl.domain.iteration import Iteration
    from soakctl.domain.record import Record
    from soakctl.domain.run import Manifest
    from soakctl.judge.baseline_metrics import Metric

_ID = "compare.baseline"
_WHAT = "Baseline"


def compare(
    record: Record, config: Config, baseline: Baseline, *, mock: bool, force: bool = False
) -> tuple[Check, ...]:
    """The checks of a comparison: whether the two are alike enough, then each figure.

    `mock` says whose limits tell which way is worse; `force` compares what is unlike.
    """
    if baseline.missing:
        return (_nothing(baseline, baseline.missing),)
    unlike = _unlike(record, baseline)
    if unlike.blocking and not force:
        return (_incomparable(baseline, unlike),)
    judge = check_figure if baseline.figures else check
    metrics = list(_metrics(record, config, baseline, mock=mock))
    compared = sum(bool(metric.mine and metric.theirs) for metric in metrics)
    if not compared:
        return (_nothing(baseline, "the two have no figure in common"),)
    checks = [judge(metric) for metric in metrics]
    here, there = _lengths(record, config, baseline)
    if baseline.figures or decidable(here, there):
        return (_header(baseline, unlike, compared), *checks)
    return (_too_short(baseline, here, there), *(_softened(each) for each in checks))


def _lengths(record: Record, config: Config, baseline: Baseline) -> tuple[int, int]:
    """How many iterations of the window there are on each side."""
    found = [min(len(counted), config.gate.window) for counted in _counted(record, baseline)]
    return found[0], found[1]


def _counted(record: Record, baseline: Baseline) -> tuple[Sequence[Iteration], Sequence[Iteration]]:
    theirs = baseline.iterations if baseline.record is None else baseline.record.state.iterations
    return counted_iterations(record.state.iterations), counted_iterations(theirs)


def _unlike(record: Record, baseline: Baseline) -> Unlike:
    if baseline.record is not None:
        return differences(record.manifest, baseline.record.manifest)
    said = ["it does not say what it was made on"]
    if baseline.figures:
        said.append("a snapshot holds no spread, so only the size of a change is judged")
    return Unlike(said=tuple(said))


def _metrics(record: Record, config: Config, baseline: Baseline, *, mock: bool) -> Iterator[Metric]:
    """Every figure that at least one of the two has."""
    other = baseline.record
    mine, theirs = _counted(record, baseline)
    unlike = {} if other is None else _read_otherwise(record.manifest, other.manifest)
    for kpi in config.kpis:
        here, there = (kpi_values(kpi, counted, config.gate.window) for counted in (mine, theirs))
        if kpi.name in baseline.figures:
            there = [baseline.figures[kpi.name]]
        if here or there:
            yield kpi_metric(config, kpi, here, there, mock=mock, unlike=unlike.get(kpi.name, ""))
    if baseline.figures:
        return
    throughput = throughput_metric(config, mine, theirs)
    if throughput is not None:
        yield throughput
    if other is not None:
        yield from resource_metrics(record, other, config, (mine, theirs))


def _read_otherwise(mine: Manifest, theirs: Manifest) -> dict[str, str]:
    """The KPIs that have one name and two meanings."""
    here, there = (_sources(manifest) for manifest in (mine, theirs))
    reason = "it is read from another source than in the baseline, or in another unit"
    return {name: reason for name in here.keys() & there.keys() if here[name] != there[name]}


def _sources(manifest: Manifest) -> Mapping[str, tuple[object, object]]:
    return {kpi["name"]: (kpi.get("source"), kpi.get("unit", "")) for kpi in manifest.config.get("kpis", ())}


def _nothing(baseline: Baseline, reason: str) -> Check:
    hint = "Name a run: `soakctl gate --compare RUN`." if baseline.missing else ""
    return Check(_ID, Severity.NO_DATA, _WHAT, baseline.name, reason=reason, hint=hint)


def _too_short(baseline: Baseline, here: int, there: int) -> Check:
    hint = "Compare longer runs, or cut them into more iterations; gate.window says how many are looked at."
    return Check(_ID, Severity.NO_DATA, _WHAT, baseline.name, reason=too_few(here, there), hint=hint)


def _softened(each: Check) -> Check:
    """That there are too few iterations is one finding, and not one for each figure."""
    return replace(each, severity=Severity.INFO) if each.severity is Severity.NO_DATA else each


def _incomparable(baseline: Baseline, unlike: Unlike) -> Check:
    reason = f"INCOMPARABLE: {'; '.join(unlike.blocking)}"
    hint = "Soak under the same conditions, or compare all the same with --force."
    return Check(_ID, Severity.NO_DATA, _WHAT, baseline.name, reason=reason, hint=hint)


def _header(baseline: Baseline, unlike: Unlike, count: int) -> Check:
    words = []
    if unlike.blocking:
        words.append(f"compared by force although {'; '.join(unlike.blocking)}")
    if baseline.verdict != "PASS":
        verdict = f"its verdict is {baseline.verdict}" if baseline.verdict else "it has no verdict"
        words.append(verdict)
    if baseline.problems:
        words.append(f"it is damaged: {baseline.problems[0]}")
    words += unlike.said
    severity = Severity.INFO if words else Severity.OK
    return Check(_ID, severity, _WHAT, baseline.name, points=count, reason="; ".join(words))
