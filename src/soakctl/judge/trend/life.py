"""The judgement of one life of the process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from soakctl.domain.trend import TrendVerdict
from soakctl.judge.trend.design import Kind
from soakctl.judge.trend.doubts import Doubt
from soakctl.judge.trend.drift import climbs_at_random, drift
from soakctl.judge.trend.fit import Fit, fit
from soakctl.judge.trend.gates import clear_doubt, late_steps, leak_doubt, reclaimed
from soakctl.judge.trend.search import Search
from soakctl.judge.trend.series import LEAST_POINTS, Floats, Series, looks
from soakctl.judge.trend.stairs import climb, keeps_time
from soakctl.judge.trend.troughs import troughs

if TYPE_CHECKING:
    from collections.abc import Sequence

# Noise of under 0.2 % of what the budget allows over a life decides nothing, and a flat series must not divide by 0.
_BUDGET_NOISE = 0.002
_NUMBER_NOISE = 1e-9
# How much worse, as a criterion, a random walk may tell the story and still stand for bends in it; or for its interval.
_WALK_MARGIN = 25.0
_WALK_ALONE = 12.0
_WALK_WIDENS = 6.0
_DAILY_PROVES_H = 34.0
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


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What a set of looks says."""

    verdict: TrendVerdict
    doubt: Doubt
    fit: Fit


def judge_life(
    start_s: float, hours: Floats, values: Floats, *, limit: float, floor: float, every_h: float | None
) -> Life:
    """Judge one life against `limit` an hour; `floor` is the least noise, `every_h` the hours between samples."""
    span = float(hours[-1])
    if hours.size < LEAST_POINTS or span <= 0:
        return Life(TrendVerdict.INCONCLUSIVE, Doubt.FEW, None, start_s, hours, values, 0.0, np.inf, limit)
    spread = float(np.ptp(values))
    if spread <= _BUDGET_NOISE * limit * span:
        half = (floor / 2 + spread) / span
        return Life(TrendVerdict.NO_LEAK, Doubt.NONE, None, start_s, hours, values, 0.0, half, limit)
    least = max(floor, _BUDGET_NOISE * limit * span, _NUMBER_NOISE * spread)
    fits, plain = _fits(looks(hours, values, every_h), least)
    if not fits:
        return Life(TrendVerdict.INCONCLUSIVE, Doubt.FEW, None, start_s, hours, values, 0.0, np.inf, limit)
    found = _decide(fits, limit, least, span)
    if span < _DAILY_PROVES_H and any(each.parts(Kind.DAILY) for each in fits):
        found = _without_daily(found, _decide(plain, limit, least, span), limit)
    return Life(found.verdict, found.doubt, found.fit, start_s, hours, values, found.fit.slope, found.fit.half, limit)


def _fits(views: Sequence[Series], least: float) -> tuple[list[Fit], list[Fit]]:
    """Every look with the model that tells it best, the level first; and the same with models without a daily cycle."""
    low = troughs(views[0]) if views else None
    best, plain = [], []
    for view in [*views, *([low] if low is not None else [])]:
        search = Search(view, least)
        models = search.run() if view.y.size >= LEAST_POINTS else [search.score((0, 1))]
        best.append(fit(search, models[0], view, least))
        other = next(model for model in models if not search.daily(model))
        plain.append(best[-1] if other is models[0] else fit(search, other, view, least))
    return best, plain


def _without_daily(daily: _Found, plain: _Found, limit: float) -> _Found:
    """A cycle seen once bends to whatever else happened that day: it may clear a run but not condemn it."""
    if daily.fit.low > limit:
        return plain
    if daily.verdict is TrendVerdict.NO_LEAK and plain.verdict is TrendVerdict.LEAK:
        return replace(daily, verdict=TrendVerdict.INCONCLUSIVE, doubt=Doubt.DAY)
    return daily


def _choose(fits: Sequence[Fit], least: float) -> tuple[Fit, Sequence[Fit], Fit | None]:
    """The look that decides, all looks that count, and the random walk if it tells the deciding look nearly as well.

    The narrowest interval wins, among looks that do not mistake a sawtooth for growth.
    """
    honest = [each for each in fits if not reclaimed(each)]
    chosen = min(honest or fits, key=_width)
    walk = drift(chosen.series, least)
    if walk.slope > 0 and walk.criterion < chosen.criterion + _WALK_WIDENS:
        wider = replace(chosen, half=max(chosen.half, walk.half))
        honest = [wider if each is chosen else each for each in honest]
        chosen = wider
    return chosen, honest, walk if walk.criterion < chosen.criterion + _WALK_MARGIN else None


def _width(each: Fit) -> float:
    """How wide an interval counts: thrice when it rests on the end of the run only."""
    return each.half * (_SHORT_REGIME_WEIGHT if each.regime_share < _SHORT_REGIME else 1.0)


def _stairs(chosen: Fit, limit: float) -> _Found:
    """Steps that go up and up: a LEAK where they keep time, else open; their own growth is the figure either way."""
    steps = late_steps(chosen)
    whole = climb(chosen, steps)
    if keeps_time(steps, chosen.span_h) and whole.low > limit:
        return _Found(TrendVerdict.LEAK, Doubt.NONE, whole)
    return _Found(TrendVerdict.INCONCLUSIVE, Doubt.STAIRS, whole)


def _decide(fits: Sequence[Fit], limit: float, least: float, span: float) -> _Found:
    """LEAK or NO_LEAK when the interval and every gate agree, else INCONCLUSIVE with the doubt."""
    chosen, honest, walk = _choose(fits, least)
    if chosen.low > limit:
        doubt = leak_doubt(chosen, honest, walk, limit, span) if honest else Doubt.TEETH
        verdict = TrendVerdict.LEAK
    elif chosen.high < limit:
        doubt, verdict = clear_doubt(chosen, honest, limit), TrendVerdict.NO_LEAK
        if doubt is Doubt.STAIRS:
            return _stairs(chosen, limit)
    else:
        doubt, verdict = Doubt.NOISE, TrendVerdict.INCONCLUSIVE
        alone = drift(fits[0].series, least)
        if alone.criterion < fits[0].criterion + _WALK_ALONE and climbs_at_random(alone, limit, least):
            return _Found(TrendVerdict.LEAK, Doubt.NONE, alone)
    return _Found(TrendVerdict.INCONCLUSIVE if doubt else verdict, doubt, chosen)
