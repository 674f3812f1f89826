"""The judgement of one life of the process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from soakctl.domain.trend import TrendVerdict
from soakctl.judge.trend.doubts import Doubt
from soakctl.judge.trend.drift import drift
from soakctl.judge.trend.fit import Fit, fit
from soakctl.judge.trend.gates import clear_doubt, leak_doubt, reclaimed
from soakctl.judge.trend.search import Search
from soakctl.judge.trend.series import LEAST_POINTS, Floats, Series, looks
from soakctl.judge.trend.troughs import troughs

# Noise of under 0.2 % of what the budget allows over a life decides nothing, and a flat series must not divide by 0.
_BUDGET_NOISE = 0.002
# How much worse, as a criterion, a random walk may tell the story and still stand for bends in it; or for its interval.
_WALK_MARGIN = 25.0
_WALK_WIDENS = 6.0
_SHORT_REGIME = 0.25
_SHORT_REGIME_WEIGHT = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Life:
    """What is known of one life.

    Attributes:
        verdict: over this life alone.
        doubt: why it is INCONCLUSIVE.
        fit: the look that decided; None with too few samples or when nothing ever changed.
        start_s: elapsed seconds at its first sample.
        hours: since then, a value a sample.
        values: the resource.
        slope: an hour, at the end.
        half: half its 95 % interval.
        limit: the growth an hour that was tested against.
    """

    verdict: TrendVerdict
    doubt: Doubt
    fit: Fit | None
    start_s: float
    hours: Floats
    values: Floats
    slope: float
    half: float
    limit: float

    @property
    def high(self) -> float:
        """The upper end of the slope's interval."""
        return self.slope + self.half if self.fit is None else self.fit.high

    @property
    def span_h(self) -> float:
        """Hours from the first sample to the last."""
        return float(self.hours[-1])


def judge_life(
    start_s: float, hours: Floats, values: Floats, *, limit: float, floor: float, every_h: float | None
) -> Life:
    """Judge one life against `limit` an hour; `floor` is the least noise, `every_h` the hours between samples."""
    span = float(hours[-1])
    if hours.size < LEAST_POINTS or span <= 0:
        return Life(TrendVerdict.INCONCLUSIVE, Doubt.FEW, None, start_s, hours, values, 0.0, np.inf, limit)
    if values.min() == values.max():
        return Life(TrendVerdict.NO_LEAK, Doubt.NONE, None, start_s, hours, values, 0.0, floor / (2 * span), limit)
    least = max(floor, _BUDGET_NOISE * limit * span)
    fits = _fits(looks(hours, values, every_h), least)
    if not fits:
        return Life(TrendVerdict.INCONCLUSIVE, Doubt.FEW, None, start_s, hours, values, 0.0, np.inf, limit)
    chosen, honest, walk = _choose(fits, least)
    verdict, doubt = _decide(chosen, honest, walk, limit, span)
    return Life(verdict, doubt, chosen, start_s, hours, values, chosen.slope, chosen.half, limit)


def _fits(views: Sequence[Series], least: float) -> list[Fit]:
    """Every look with the model that tells it best, the level first."""
    low = troughs(views[0]) if views else None
    found = []
    for view in [*views, *([low] if low is not None else [])]:
        search = Search(view, least)
        best = search.run()[0] if view.y.size >= LEAST_POINTS else search.score((0, 1))
        found.append(fit(search, best, view, least))
    return found


def _choose(fits: Sequence[Fit], least: float) -> tuple[Fit, Sequence[Fit], Fit | None]:
    """The look that decides, all looks that count, and the random walk if it tells the deciding look nearly as well.

    The narrowest interval wins, among looks that do not mistake a sawtooth for growth.
    """
    honest = [each for each in fits if not reclaimed(each)]
    chosen = min(honest or fits, key=lambda each: each.half * (_SHORT_REGIME_WEIGHT if each.regime_share < _SHORT_REGIME else 1.0))
    walk = drift(chosen.series, least)
    if walk.slope > 0 and walk.criterion < chosen.criterion + _WALK_WIDENS:
        wider = replace(chosen, half=max(chosen.half, walk.half))
        honest = [wider if each is chosen else each for each in honest]
        chosen = wider
    return chosen, honest, walk if walk.criterion < chosen.criterion + _WALK_MARGIN else None


def _decide(
    chosen: Fit, honest: Sequence[Fit], walk: Fit | None, limit: float, span: float
) -> tuple[TrendVerdict, Doubt]:
    """LEAK or NO_LEAK when the interval and every gate agree, else INCONCLUSIVE with the doubt."""
    if chosen.low > limit:
        doubt = leak_doubt(chosen, honest, walk, limit, span) if honest else Doubt.TEETH
        verdict = TrendVerdict.LEAK
    elif chosen.high < limit:
        doubt, verdict = clear_doubt(chosen, honest, limit), TrendVerdict.NO_LEAK
    else:
        doubt = Doubt.NOISE
    return (TrendVerdict.INCONCLUSIVE, doubt) if doubt else (verdict, doubt)
