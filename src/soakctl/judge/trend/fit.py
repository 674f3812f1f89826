"""The slope at the end of a series, with an interval that knows the noise remembers and the model was searched for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from soakctl.judge.trend import noise
from soakctl.judge.trend.design import Kind

if TYPE_CHECKING:
    from soakctl.judge.trend.search import Model, Search
    from soakctl.judge.trend.series import Floats, Series

_SEARCH_FACTOR = 1.4
_LEAST_FREEDOM = 3.0
_LEAST_STAIRS = 2
_SLOPES = (Kind.LINEAR, Kind.HINGE)


@dataclass(frozen=True, eq=False)
class Fit:
    """A model fitted to a series; slopes are per hour, knots in hours since the life's first point.

    Attributes:
        series: what was fitted.
        columns: the chosen columns of the dictionary.
        kinds: their kinds.
        knots: where they sit; the time constant of a warm-up.
        beta: their coefficients, time scaled to the span.
        span_h: the span.
        noise_sd: the standard deviation of what is left.
        phi: how much of it carries over from one point to the next.
        slope: at the end, without what a warm-up still adds.
        half: half the 95 % interval's width.
        criterion: of the model, for comparing models of one series; smaller is better.
    """

    series: Series
    columns: Floats
    kinds: tuple[Kind, ...]
    knots: tuple[float, ...]
    beta: Floats
    span_h: float
    noise_sd: float
    phi: float
    slope: float
    half: float
    criterion: float

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.slope - self.half

    @property
    def high(self) -> float:
        """The upper end of the interval; steps up amid growth may be part of it, as in a stair."""
        return self.slope + self.half + self._stairs

    @cached_property
    def _stairs(self) -> float:
        heights = [height for at, height in self.steps if at >= self.regime_from]
        rate = max(sum(heights), 0.0) / (self.regime_share * self.span_h)
        climbs = self.low > rate / 4 and sum(height > 0 for height in heights) >= _LEAST_STAIRS
        return rate if climbs else 0.0

    def parts(self, kind: Kind) -> list[tuple[float, float]]:
        """(knot, coefficient) of the columns of a kind, in order of their knots."""
        found = zip(self.kinds, self.knots, self.beta, strict=True)
        return sorted((knot, float(beta)) for own, knot, beta in found if own is kind)

    @cached_property
    def steps(self) -> list[tuple[float, float]]:
        """(hours, height), in time order."""
        return self.parts(Kind.STEP)

    @cached_property
    def slopes(self) -> list[tuple[float, float]]:
        """(hours, slope an hour from there on), the first at 0."""
        found = [(0.0, sum(beta for _, beta in self.parts(Kind.LINEAR)) / self.span_h)]
        for knot, beta in self.parts(Kind.HINGE):
            found.append((knot, found[-1][1] + beta / self.span_h))
        return found

    @property
    def regime_from(self) -> float:
        """Hours since the life began at which the last slope began."""
        return self.slopes[-1][0]

    @property
    def regime_share(self) -> float:
        """The share of the span that the last slope covers."""
        return 1.0 - self.regime_from / self.span_h

    @property
    def grown(self) -> float:
        """What the last slope has added, without steps."""
        return self.slope * self.regime_share * self.span_h

    @property
    def settling(self) -> float:
        """The slope at the end that belongs to a warm-up still going on."""
        return sum(-beta / tau * float(np.exp(-self.span_h / tau)) for tau, beta in self.parts(Kind.WARM_UP))

    @property
    def fitted(self) -> Floats:
        """The model's values at the points."""
        found: Floats = self.columns @ self.beta
        return found

    @cached_property
    def bare(self) -> Floats:
        """The points without the model's steps, daily cycle and warm-up: the line, its bends and the noise."""
        other = [kind in (Kind.STEP, Kind.DAILY, Kind.WARM_UP) for kind in self.kinds]
        found: Floats = self.series.y - self.columns[:, other] @ self.beta[other]
        return found


def fit(search: Search, model: Model, series: Series, least_noise: float) -> Fit:
    """Fit one model by generalised least squares at a phi corrected upwards."""
    design = search.design
    active = list(model.active)
    if not any(design.kinds[index] in _SLOPES for index in active):
        active.append(1)
    columns = design.columns[:, active]
    kinds = tuple(Kind(design.kinds[index]) for index in active)
    n, k = columns.shape
    phi = noise.corrected(model.phi, n)
    rho = noise.correlations(np.array([phi]), series.x, series.spacing)
    white = noise.whiten(rho, np.column_stack([columns, series.y]))[0]
    beta, covariance, sd = _solve(white[:, :-1], white[:, -1], least_noise)
    slopes = np.array([kind in _SLOPES for kind in kinds], dtype=np.float64)
    error = math.sqrt(max(float(slopes @ covariance @ slopes), 0.0)) / design.span_h
    freedom = max(n * (1 - phi) / (1 + phi) - k, _LEAST_FREEDOM)
    return Fit(
        series, columns, kinds, tuple(float(design.knots[index]) * design.span_h for index in active), beta,
        design.span_h, sd, phi, float(slopes @ beta) / design.span_h,
        noise.student_975(freedom) * _SEARCH_FACTOR * error, model.criterion,
    )  # fmt: skip


def _solve(columns: Floats, target: Floats, least_noise: float) -> tuple[Floats, Floats, float]:
    n, k = columns.shape
    beta, *_ = np.linalg.lstsq(columns, target, rcond=None)
    rest = target - columns @ beta
    variance = float(rest @ rest) / max(n - k, 1) + least_noise**2
    covariance: Floats = variance * np.linalg.pinv(columns.T @ columns)
    return np.asarray(beta, dtype=np.float64), covariance, float(np.sqrt(variance))
