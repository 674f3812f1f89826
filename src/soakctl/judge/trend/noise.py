"""Errors that remember the one before: whitening for a first-order autoregression over uneven points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from soakctl.judge.trend.series import Floats

# The last two come close to a random walk: growth made of random events looks like that.
PHIS: Floats = np.array([0.0, 0.2, 0.4, 0.55, 0.68, 0.78, 0.86, 0.92, 0.96, 0.985])
_LARGEST_PHI = 0.99
_LEAST_GAP = 0.25
NORMAL_975 = 1.959964
_FEW_FREEDOMS = {1: 12.706, 2: 4.303}
_SERIES_FROM = 3


def correlations(phis: Floats, x: Floats, spacing: float) -> Floats:
    """The correlation of each point with the one before, a row for each phi of one spacing."""
    gaps = np.maximum(np.diff(x) / spacing, _LEAST_GAP)
    found: Floats = phis[:, None] ** gaps[None, :]
    return found


def whiten(rho: Floats, columns: Floats) -> Floats:
    """Columns made free of the correlations `rho`, with the variance they had: (phi, point, column)."""
    scale = 1.0 / np.sqrt(1.0 - rho**2)
    first = np.broadcast_to(columns[0], (rho.shape[0], 1, columns.shape[1]))
    rest = (columns[None, 1:] - rho[:, :, None] * columns[None, :-1]) * scale[:, :, None]
    return np.concatenate([first, rest], axis=1)


def log_determinant(rho: Floats) -> Floats:
    """What whitening costs in the likelihood, for each phi."""
    found: Floats = np.log(1.0 - rho**2).sum(axis=1)
    return found


def corrected(phi: float, n: int) -> float:
    """An estimated phi is too low by about (1 + 3 phi) / n; an interval must not inherit that."""
    return min(phi + (1 + 3 * phi) / n, _LARGEST_PHI)


def student_975(freedom: float) -> float:
    """The 97.5 % point of Student's t: the expansion around the normal one, within 1 % from 3 degrees on."""
    z, v = NORMAL_975, max(freedom, 1.0)
    if v < _SERIES_FROM:
        return _FEW_FREEDOMS[int(v)]
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )
