"""One figure of a run against that of its baseline: a line of the verdict."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, NamedTuple

from soakctl.domain.verdict import Check, Severity
from soakctl.judge.baseline_stats import CONFIDENCE_PERCENT, Shift, shift

if TYPE_CHECKING:
    from soakctl.judge.baseline_metrics import Metric

FEWEST_ITERATIONS = 5  # on both sides; with fewer no interval of this confidence exists
_MOST_ITERATIONS = 1000
_HINT = "Soak once more: two runs of one build can differ by more than the iterations of a run do among themselves."


class _Outcome(NamedTuple):
    """How a figure came out, the word for it, and whether it fails under --strict."""

    severity: Severity
    word: str = ""
    strict: bool = False


def check(metric: Metric) -> Check:
    """Judge a figure that was taken in each iteration of both runs."""
    if metric.unlike or not (metric.mine and metric.theirs):
        return _not_compared(metric)
    found = shift(metric.mine, metric.theirs)
    if found is None:
        return _line(metric, _lacking(metric, too_few(len(metric.mine), len(metric.theirs))), _base(metric))
    outcome = _either_way(metric, found) if metric.worse == 0 else _judged(metric, _turned(found, metric.worse))
    return _line(metric, outcome, f"{_base(metric)}, {_told(metric, found)}")


def too_few(here: int, there: int) -> str:
    """Why a comparison of so few iterations decides nothing."""
    fewest = f"{FEWEST_ITERATIONS} against {FEWEST_ITERATIONS} would do"
    return f"{here} iterations against {there} are too few to tell a change from chance; {fewest}"


def check_figure(metric: Metric) -> Check:
    """Judge a figure of which the baseline is one number: whether the change matters, not whether it is chance."""
    if not (metric.mine and metric.theirs):
        return _not_compared(metric)
    apart = statistics.median(metric.mine) - metric.base
    told = f"{_base(metric)}, {_change(metric, apart)}"
    matters = abs(apart) >= metric.matters and apart != 0.0
    if matters and apart * metric.worse > 0:
        word = "REGRESSION of practical significance; whether it is chance, a snapshot cannot tell"
        return _line(metric, _Outcome(Severity.WARN, word, strict=True), told)
    return _line(metric, _Outcome(Severity.INFO if matters or not metric.worse else Severity.OK), told)


def _not_compared(metric: Metric) -> Check:
    if metric.unlike:
        return _line(metric, _Outcome(Severity.NO_DATA, metric.unlike))
    if not metric.theirs:
        return _line(metric, _Outcome(Severity.INFO, "the baseline has no value of it"))
    return _line(metric, _lacking(metric, "this run has no value of it"), _base(metric))


def _lacking(metric: Metric, reason: str) -> _Outcome:
    return _Outcome(Severity.INFO if metric.optional else Severity.NO_DATA, reason)


def _judged(metric: Metric, found: Shift) -> _Outcome:
    """The outcome of a shift in which up is worse."""
    matters = metric.matters
    seen = found.estimate >= matters and found.estimate > 0
    if seen and found.low > 0:
        return _Outcome(Severity.FAIL if metric.key else Severity.WARN, "REGRESSION", strict=True)
    if seen:
        word = f"it looks worse, which may be chance; {_would_decide(metric, found, found.estimate)}"
        return _Outcome(Severity.INFO, word, strict=True)
    if found.estimate <= -matters and found.high < 0:
        return _Outcome(Severity.INFO, "improved")
    if found.high < matters or found.high <= 0:
        return _Outcome(Severity.OK)
    unseen = f"a regression of up to {_share(metric, found.high)} would not have been seen"
    return _Outcome(Severity.INFO, f"{unseen}; {_would_decide(metric, found, matters - found.estimate)}")


def _either_way(metric: Metric, found: Shift) -> _Outcome:
    changed = abs(found.estimate) >= metric.matters and (found.low > 0 or found.high < 0)
    why = "its limits do not say which way is worse"
    return _Outcome(Severity.INFO, f"changed, and {why}" if changed else why)


def _would_decide(metric: Metric, found: Shift, gap: float) -> str:
    """How many iterations on each side bring the interval down to what is to be decided; it shrinks with the root."""
    most = max(len(metric.mine), len(metric.theirs))
    half = (found.high - found.low) / 2.0
    needed = math.ceil(most * min(half / gap, _MOST_ITERATIONS) ** 2) if gap > 0 else math.inf
    if needed > _MOST_ITERATIONS:
        return f"more than {_MOST_ITERATIONS} iterations on each side would be needed to decide"
    return f"about {max(needed, most + 1)} iterations on each side would decide"


def _turned(found: Shift, worse: int) -> Shift:
    return found if worse > 0 else Shift(-found.estimate, -found.high, -found.low)


def _base(metric: Metric) -> str:
    return f"was {metric.show(metric.base)}"


def _told(metric: Metric, found: Shift) -> str:
    bounds = f"{_change(metric, found.low)} to {_change(metric, found.high)}"
    return f"{_change(metric, found.estimate)} ({CONFIDENCE_PERCENT}%: {bounds})"


def _change(metric: Metric, amount: float) -> str:
    shown = _share(metric, amount)
    return shown if shown.startswith("-") else f"+{shown}"


def _share(metric: Metric, amount: float) -> str:
    """In per cent of the baseline; where that is nothing, as an amount."""
    if not metric.base:
        return metric.show(amount)
    percent = round(100.0 * amount / abs(metric.base), 1) + 0.0  # there is no -0.0
    return f"{percent:.1f}%" if abs(percent) < 100.0 else f"{percent:,.0f}%"  # noqa: PLR2004


def _line(metric: Metric, outcome: _Outcome, told: str = "") -> Check:
    severity, strict = outcome.severity, outcome.strict
    regressed = severity in {Severity.WARN, Severity.FAIL}
    words = [outcome.word, told] if regressed else [told, outcome.word]
    if metric.dry_run:
        severity, strict = Severity.INFO, False
        words.insert(0, "dry run, not counted")
    return Check(
        f"compare.{metric.name}",
        severity,
        f"{metric.title} vs baseline",
        metric.show(statistics.median(metric.mine)) if metric.mine else "",
        _limit(metric),
        f"{len(metric.mine)} vs {len(metric.theirs)}",
        len(metric.mine),
        "; ".join(word for word in words if word),
        hint=_HINT if severity in {Severity.WARN, Severity.FAIL} else "",
        strict=strict,
    )


def _limit(metric: Metric) -> str:
    if not metric.worse or not metric.theirs or metric.unlike:
        return ""
    sign = "<=" if metric.worse > 0 else ">="
    return f"{sign} {metric.show(metric.base + metric.worse * metric.matters)}"
