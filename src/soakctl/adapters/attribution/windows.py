"""Which lines allocate what stays: tracemalloc in a few processes, over two windows, beside one without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from soakctl.adapters.agent_client import ask
from soakctl.adapters.attribution.inventory import cpu_s_of, rss_of
from soakctl.domain.attribution import Attribution
from soakctl.domain.living import Living, Windows, explain
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ANSWER_S = 20.0
# Tracing that nobody ends, ends by itself this much later than it should (seconds).
_SPARE_S = 30.0


class Traced(NamedTuple):
    """A process that is looked into, and its share of the service's growth."""

    pid: int
    socket: Path
    share: float


def attribute_memory(
    processes: list[Traced], *, slope_per_hour: float, window_s: float, wait: Callable[[float], bool]
) -> Attribution:
    """Note allocations for two windows; what is alive at the end of both, and grew in the second, is what grows.

    `wait(seconds)` says whether to go on. Whatever happens, tracing is ended in every process.
    """
    how = f"tracemalloc in two windows of {window_s:g} s, in process {', '.join(str(one.pid) for one in processes)}"
    before = _cpu_percent(processes, window_s, wait)
    try:
        for one in processes:
            _memory(one, do="begin", for_s=2 * window_s + _SPARE_S)
        during = _cpu_percent(processes, window_s, wait)
        first = [_look(one, kinds=False) for one in processes]
        resident = _resident(processes)
        whole = wait(window_s)
        grew = _resident(processes) - resident
        second = [_look(one, kinds=True) for one in processes] if whole else []
    except UnavailableError as error:
        return Attribution("rss", how=how, reason=f"the lines were not found: {error.message}")
    finally:
        for one in processes:
            _end(one)
    if not whole:
        return Attribution("rss", how=how, reason="the run ended before the second window did")
    windows = Windows(first, second, grew, slope_per_hour, share=sum(one.share for one in processes))
    cost = {
        "cpu_percent_before": before,
        "cpu_percent_during": during,
        "memory_bytes": sum(look.notes_bytes for look in second),
        "pause_ms": max(look.pause_ms for look in (*first, *second)),
    }
    return explain(windows, how=how, cost=cost)


def _memory(one: Traced, **given: Any) -> dict[str, Any]:
    return ask(one.socket, "memory", timeout_s=_ANSWER_S, **given)


def _look(one: Traced, *, kinds: bool) -> Living:
    answer = _memory(one, do="look", kinds=kinds)
    rows = answer.get("lines", [])
    return Living(
        {f"{file}:{line}": float(size) for file, line, size, _count, _types in rows},
        {f"{file}:{line}": types for file, line, _size, _count, types in rows},
        pause_ms=float(answer.get("pause_ms", 0.0)),
        notes_bytes=float(answer["notes_bytes"]),
        at_s=float(answer["at_s"]),
        cut=str(answer["cut"]),
    )


def _end(one: Traced) -> None:
    try:
        _memory(one, do="end")
    except UnavailableError:
        return  # it is gone, or ends tracing by itself


def _resident(processes: list[Traced]) -> float:
    return float(sum(rss_of(one.pid) or 0 for one in processes))


def _cpu_percent(processes: list[Traced], window_s: float, wait: Callable[[float], bool]) -> float | None:
    """Of one core, over a window, of all of them; None when one was gone or the wait was cut short."""
    before = [cpu_s_of(one.pid) for one in processes]
    went_on = wait(window_s)
    after = [cpu_s_of(one.pid) for one in processes]
    if not went_on or None in before or None in after:
        return None
    spent = sum(later - one for one, later in zip(before, after, strict=True) if one is not None and later is not None)
    return round(100.0 * spent / window_s, 2)
