"""What must hold beside the interval before a leak is called, or excluded."""

from __future__ import annotations

import numpy as np

from soakctl.judge.trend.fit import Fit


MANY = 1


def reclaimed(fit: Fit) -> bool:
    """Whether steps down take back most of what the slope added: a sawtooth told as a line and its falls."""
    gross = fit.slope * fit.regime_share * fit.span_h
    back = sum(height for at, height in fit.steps if at >= fit.regime_from)
    return gross > 0 and gross + back < 0.5 * gross


def leak_gates(fit: Fit, fits: list[Fit], budget: float, drift: Fit | None, run_h: float) -> str:
    """Why growth above the budget is not called a leak; empty when it is."""
    share = fit.regime_share
    grown = fit.slope * share * fit.span_h
    slopes = [slope for _, slope in fit.slopes]
    before_over = len(slopes) > 1 and slopes[-2] > budget
    if share < 0.25 and not before_over:
        return "the growth began too late in the run"
    if _spread(fit) < 0.45:
        return "growth in a few jumps"
    if grown < 3 * fit.noise_sd:
        return "growth within noise"
    if any(other.high < min(budget, fit.low) for other in fits if other is not fit):
        return "looks contradict"
    if drift is not None and drift.low > budget:
        return ""
    if 1.0 <= run_h < 23.9 and share < 0.6:
        return "half a daily cycle looks like this"
    if share < 0.6 and _fall_before(fit) > 0.5 * grown:
        return "fell as much before"
    if _slowing(fit):
        return "growth slows down"
    if _curving(fit):
        return "growth slows down (curve)"
    return ""


def clear_gates(fit: Fit, fits: list[Fit], budget: float) -> str:
    slopes = [slope for _, slope in fit.slopes]
    if len(slopes) > 1 and slopes[-2] > budget and fit.regime_share < 0.15:
        return "growth stopped only just now"
    if len(slopes) > 1 and slopes[-2] > budget and fit.high < -0.5 * slopes[-2]:
        return "rose, then falls"
    if fit.settling > 0 and fit.slope + fit.settling > budget:
        return "still settling"
    if _stairs_go_on(fit, budget):
        return "stairs"
    if sum(other.low > budget for other in fits if other is not fit) >= MANY:
        return "looks contradict"
    if 2 * fit.half > 4 * budget:
        return "interval wide"
    return ""


def _stairs_go_on(fit: Fit, budget: float) -> bool:
    """Whether steps that all go up add more than the budget, and the last came too lately to say they ended."""
    if len(fit.steps) < 3 or min(height for _, height in fit.steps) <= 0:
        return False
    times = [at for at, _ in fit.steps]
    quiet, pace = fit.span_h - times[-1], (times[-1] - times[0]) / (len(times) - 1)
    ended = quiet > 2 * pace and quiet > 0.3 * fit.span_h
    return not ended and float(fit.fitted[-1] - fit.fitted[0]) > budget * fit.span_h


def _fall_before(fit: Fit) -> float:
    y = fit.series.y[fit.series.x <= fit.series.x[0] + fit.regime_from]
    if y.size < 3:
        return 0.0
    y = np.array([float(np.median(part)) for part in np.array_split(y, max(1, y.size // 3))])
    return float((np.maximum.accumulate(y) - y).max())


def _slowing(fit: Fit) -> bool:
    if len(fit.slopes) < 2:
        return False
    (start, before), (knot, last) = fit.slopes[-2:]
    return last < 0.85 * before and knot - start > (fit.span_h - knot) / 3


def _curving(fit: Fit) -> bool:
    x, y = fit.series.x, fit.bare
    late = x >= x[0] + max(0.4 * fit.span_h, fit.regime_from)
    u, v = x[late], y[late]
    if u.size < 8:
        return False
    u = (u - u[0]) / (u[-1] - u[0])
    columns = np.column_stack([np.ones(u.size), u, u**2])
    beta, *_ = np.linalg.lstsq(columns, v, rcond=None)
    rest = v - columns @ beta
    error = np.sqrt(rest @ rest / (u.size - 3) * np.linalg.pinv(columns.T @ columns)[2, 2]) * np.sqrt((1 + fit.phi) / (1 - fit.phi))
    return bool(beta[2] < -2 * error and beta[1] > 0 and beta[1] + 2 * beta[2] < 0.6 * beta[1])


def _spread(fit: Fit) -> float:
    x, y = fit.series.x, fit.bare
    late = x >= x[0] + fit.regime_from
    blocks = [float(np.median(part)) for part in np.array_split(y[late], 8) if part.size]
    steps = np.diff(blocks)
    total = blocks[-1] - blocks[0]
    if total <= 0 or steps.size < 2:
        return 0.0
    return float((total - steps.max()) / total)
