"""Jumps between iterations that a mean over the window would hide."""

from __future__ import annotations

import statistics
from itertools import pairwise
from typing import TYPE_CHECKING

from soakctl.domain.verdict import Check, Severity
from soakctl.domain.wording import show_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soakctl.domain.iteration import Iteration

_RISK_JUMP = 0.15
_RATIO_DROP = 0.15
_LATENCY_SPIKE = 1.5


def anomalies(chosen: Sequence[Iteration]) -> list[Check]:
    """A note for each latency spike, risk jump and maker/taker drop among these iterations, told by the KPI's name.

    A spike is 1.5 times the median of the window; a jump or drop is more than 0.15 from one iteration to the next.
    """
    names = sorted({name for item in chosen for name in item.values})
    found: list[Check] = []
    for name in names:
        points = [(item.index, value) for item in chosen if (value := item.values.get(name)) is not None]
        if "latency" in name:
            found += _spikes(name, points)
        elif "risk" in name:
            found += _jumps(name, points, sign=1.0, least=_RISK_JUMP, word="jumped")
        elif "maker_taker" in name:
            found += _jumps(name, points, sign=-1.0, least=_RATIO_DROP, word="dropped")
    return found


def _spikes(name: str, points: Sequence[tuple[int, float]]) -> Iterator[Check]:
    if not points:
        return
    usual = statistics.median(value for _, value in points)
    for index, value in points:
        if usual > 0 and value > _LATENCY_SPIKE * usual:
            yield _note(name, index, value, f"a spike: {value / usual:,.1f} times the median {show_number(usual)}")


def _jumps(name: str, points: Sequence[tuple[int, float]], *, sign: float, least: float, word: str) -> Iterator[Check]:
    for (_, before), (index, after) in pairwise(points):
        if sign * (after - before) > least:
            yield _note(name, index, after, f"it {word} by {abs(after - before):,.2f} from {show_number(before)}")


def _note(name: str, index: int, value: float, reason: str) -> Check:
    return Check(f"anomaly.{name}", Severity.INFO, name, show_number(value), "", f"iteration {index}", 1, reason)
