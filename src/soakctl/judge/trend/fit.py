"""The slope at the end of a series, with an interval that knows the noise remembers and the model was searched for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from soakctl.judge.trend import noise
from soakctl.judge.trend.design import Design, Kind
from soakctl.judge.trend.search import Model, Search
from soakctl.judge.trend.series import Floats, Series

_SEARCH_FACTOR = 1.4
_BLOCKS = 8


@dataclass(frozen=True)
class Fit:
    """A model fitted to a series; slopes are per hour, knots in hours since the life began.

    Attributes:
        series: what was fitted.
        columns: the chosen columns of the dictionary.
        kinds: their kinds.
        knots: where they sit, in hours from the first point.
        beta: their coefficients, time scaled to the span.
        span_h: the span.
        noise_sd: the standard deviation of what is left.
        phi: how much of it carries over from one point to the next.
        slope: at the end.
        half: half the 95 % interval's width.
        criterion: of the model, for comparing models of one series.
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
        """The upper end of the interval."""
        return self.slope + self.half

    @cached_property
    def hinges(self) -> list[tuple[float, float]]:
        """(hours, change of slope an hour), in time order."""
        return sorted(
            (knot, float(beta) / self.span_h)
            for kind, knot, beta in zip(self.kinds, self.knots, self.beta, strict=True)
            if kind is Kind.HINGE
        )

    @cached_property
    def steps(self) -> list[tuple[float, float]]:
        """(hours, height), in time order."""
        return sorted(
            (knot, float(beta))
            for kind, knot, beta in zip(self.kinds, self.knots, self.beta, strict=True)
            if kind is Kind.STEP
        )

    @cached_property
    def slopes(self) -> list[tuple[float, float]]:
        """(hours, slope an hour from there on), the first at 0."""
        first = sum(
            float(beta) / self.span_h for kind, beta in zip(self.kinds, self.beta, strict=True) if kind is Kind.LINEAR
        )
        found = [(0.0, first)]
        for knot, change in self.hinges:
            found.append((knot, found[-1][1] + change))
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
    def fitted(self) -> Floats:
        """The model's values at the points."""
        found: Floats = self.columns @ self.beta
        return found

    @cached_property
    def bare(self) -> Floats:
        """The points without the model's steps, daily cycle and warm-up: the line, its bends and the noise."""
        other = [kind in (Kind.STEP, Kind.DAILY, Kind.RELAX) for kind in self.kinds]
        found: Floats = self.series.y - self.columns[:, other] @ self.beta[other]
        return found

    @property
    def settling(self) -> float:
        """The slope at the end that belongs to a warm-up still going on."""
        return sum(
            -float(beta) / knot * float(np.exp(-self.span_h / knot))
            for kind, knot, beta in zip(self.kinds, self.knots, self.beta, strict=True)
            if kind is Kind.RELAX
        )

    @property
    def daily(self) -> bool:
        """Whether a daily cycle is part of the model."""
        return Kind.DAILY in self.kinds


def fit(search: Search, model: Model, series: Series, least_noise: float) -> Fit:
    """Fit one model by generalised least squares at a phi corrected upwards."""
    design = search.design
    active = list(model.active)
    if not any(design.kinds[index] in (Kind.LINEAR, Kind.HINGE) for index in active):
        active.append(1)
    columns = design.columns[:, active]
    n, k = columns.shape
    phi = noise.corrected(model.phi, n)
    rho = noise.correlations(np.array([phi]), series.x, series.spacing)
    white = noise.whiten(rho, np.column_stack([columns, series.y]))[0]
    beta, covariance, sd = _solve(white[:, :-1], white[:, -1], least_noise)
    slopes = np.array([design.kinds[index] in (Kind.LINEAR, Kind.HINGE) for index in active], dtype=np.float64)
    error = float(np.sqrt(max(slopes @ covariance @ slopes, 0.0))) / design.span_h
    freedom = n * (1 - phi) / (1 + phi) - k
    half = noise.student_975(freedom) * _SEARCH_FACTOR * error
    return Fit(
        series, columns, tuple(Kind(design.kinds[index]) for index in active),
        tuple(float(design.knots[index]) * design.span_h for index in active), beta, design.span_h, sd, phi,
        float(slopes @ beta) / design.span_h, half, model.criterion,
    )  # fmt: skip


def _solve(columns: Floats, target: Floats, least_noise: float) -> tuple[Floats, Floats, float]:
    n, k = columns.shape
    beta, *_ = np.linalg.lstsq(columns, target, rcond=None)
    rest = target - columns @ beta
    variance = float(rest @ rest) / max(n - k, 1) + least_noise**2
    covariance = variance * np.linalg.pinv(columns.T @ columns)
    return beta, covariance, float(np.sqrt(variance))
