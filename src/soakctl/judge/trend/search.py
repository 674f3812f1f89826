"""Which shapes a series is made of: greedy search with elimination and exchange, by a penalised likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from soakctl.judge.trend import noise
from soakctl.judge.trend.design import Design, Kind, dictionary

if TYPE_CHECKING:
    from soakctl.judge.trend.series import Floats, Series

# In units of log n. The best of a hundred places fits noise better than any one of them: a place costs two more.
_PENALTY = {
    Kind.CONSTANT: 0.0, Kind.LINEAR: 1.0, Kind.HINGE: 3.0, Kind.STEP: 3.0, Kind.WARM_UP: 3.0, Kind.DAILY: 1.0,
}  # fmt: skip
_MOST = {Kind.HINGE: 3, Kind.STEP: 6, Kind.WARM_UP: 2}
_ROUNDS = 12
_POINTS_A_COLUMN = 5
_SINGULAR = 1e-7


@dataclass(frozen=True, slots=True)
class Model:
    """The columns chosen, the memory of the noise, and the criterion: smaller is better."""

    active: tuple[int, ...]
    phi: float
    criterion: float


class Search:
    """Scores of column sets over one series; inner products are computed once, so a score costs no pass over it."""

    def __init__(self, series: Series, least_noise: float) -> None:
        """Noise of under `least_noise`, in the unit, tells nothing apart."""
        self.design: Design = dictionary(series.x)
        self._n = series.y.size
        self._least = self._n * least_noise**2
        self._room = max(2, self._n // _POINTS_A_COLUMN)
        rho = noise.correlations(noise.PHIS, series.x, series.spacing)
        self._logdet = noise.log_determinant(rho)
        both = np.column_stack([self.design.columns, series.y - series.y.mean()])
        white = noise.whiten(rho, both)
        gram = np.matmul(white.transpose(0, 2, 1), white)
        self._gram, self._dot, self._total = gram[:, :-1, :-1], gram[:, :-1, -1], gram[:, -1, -1]
        self._norms = np.diagonal(self._gram, axis1=1, axis2=2)
        self._penalty = np.array([_PENALTY[Kind(kind)] for kind in self.design.kinds]) * np.log(self._n)
        # Starts meet on their way, and what was refined is refined again: most sets come up twice and more.
        self._scores: dict[tuple[int, ...], Model] = {}
        self._best: dict[tuple[int, ...], Model | None] = {}

    def run(self) -> list[Model]:
        """The best model from each start, best first: a search from one start alone can lock into steps."""
        daily = tuple(int(index) for index in np.flatnonzero(self.design.kinds == Kind.DAILY))
        starts = [(0,), (0, 1)] + ([(0, *daily), (0, 1, *daily)] if daily else [])
        return sorted((self._grow(start) for start in starts), key=lambda model: model.criterion)

    def daily(self, model: Model) -> bool:
        """Whether a daily cycle is part of a model."""
        return any(self.design.kinds[index] == Kind.DAILY for index in model.active)

    def score(self, active: tuple[int, ...]) -> Model:
        """The criterion of one set of columns at its best phi."""
        if active not in self._scores:
            self._scores[active] = self._score(active)
        return self._scores[active]

    def _score(self, active: tuple[int, ...]) -> Model:
        _, beta = self._solve(active)
        rss = self._total - np.einsum("pk,pk->p", beta, self._dot[:, list(active)])
        criteria = self._likelihood(rss) + self._penalty[list(active)].sum()
        place = int(np.argmin(criteria))
        return Model(active, float(noise.PHIS[place]), float(criteria[place]))

    def _likelihood(self, rss: Floats) -> Floats:
        found: Floats = self._n * np.log((np.maximum(rss, 0) + self._least) / self._n) + (
            self._logdet if rss.ndim == 1 else self._logdet[:, None]
        )
        return found

    def _solve(self, active: tuple[int, ...]) -> tuple[Floats, Floats]:
        chosen = list(active)
        inner = self._gram[:, chosen][:, :, chosen]
        ridge = 1e-12 * np.trace(inner, axis1=1, axis2=2)[:, None, None] * np.eye(len(chosen))
        inverse: Floats = np.linalg.inv(inner + ridge)
        return inverse, np.einsum("pij,pj->pi", inverse, self._dot[:, chosen])

    def _with_one_more(self, active: tuple[int, ...]) -> Model | None:
        """The best model with one column more, None when nothing may be added."""
        if active not in self._best:
            self._best[active] = self._addition(active)
        return self._best[active]

    def _addition(self, active: tuple[int, ...]) -> Model | None:
        inverse, beta = self._solve(active)
        across = self._gram[:, list(active)]
        left = self._norms - (across * np.matmul(inverse, across)).sum(axis=1)
        open_ = np.zeros(self._penalty.size, dtype=bool)
        for kind in self._allowed(active):
            open_ |= self.design.kinds == kind
        open_[list(active)] = False
        usable = (left > _SINGULAR * self._norms) & open_
        if not usable.any():
            return None
        product = self._dot - np.einsum("pi,pim->pm", beta, across)
        rss = self._total - np.einsum("pk,pk->p", beta, self._dot[:, list(active)])
        gain = np.where(usable, product**2 / np.where(usable, left, 1.0), 0.0)
        criteria = np.where(usable, self._likelihood(rss[:, None] - gain), np.inf) + self._penalty
        place, column = np.unravel_index(int(np.argmin(criteria)), criteria.shape)
        total = float(criteria[place, column]) + float(self._penalty[list(active)].sum())
        return Model((*active, int(column)), float(noise.PHIS[place]), total)

    def _allowed(self, active: tuple[int, ...]) -> list[Kind]:
        if len(active) >= self._room:
            return []
        kinds = [Kind(self.design.kinds[index]) for index in active]
        return [Kind.LINEAR, *(kind for kind, most in _MOST.items() if kinds.count(kind) < most)]

    def _grow(self, start: tuple[int, ...]) -> Model:
        fixed = {index for index in start if self.design.kinds[index] in (Kind.CONSTANT, Kind.DAILY)}
        model = self.score(start)
        for _ in range(_ROUNDS):
            better = self._with_one_more(model.active)
            if better is None or better.criterion >= model.criterion - 1e-9:
                break
            model = self._refine(better, fixed)
        return self._refine(model, fixed)

    def _refine(self, model: Model, fixed: set[int]) -> Model:
        """Drop what no longer pays, and move each remaining column to where it serves best."""
        for index in model.active:
            if index in fixed or index not in model.active:
                continue
            rest = tuple(other for other in model.active if other != index)
            for other in (self.score(rest), self._with_one_more(rest)):
                if other is not None and other.criterion < model.criterion - 1e-9:
                    model = other
        return model
