"""Where growth comes from, beside the finding that there is growth; and that somebody looked, with what it cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from soakctl.domain.verdict import Check, Severity
from soakctl.domain.wording import counted, show_bytes, show_number, show_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.state import RunState

_SHOWN_AS = {"rss": ("rss", "uss")}
_UNITS = {"fds": "open", "threads": "running", "tasks": "pending", "processes": "running"}
# The heap needs a moment to give back what the notes took (seconds).
_AFTER_S = 1.0
# A larger hole than this in a short run would look like a jump, and hide the very growth that was looked into.
_MOST_LEFT_OUT = 0.1


def traced_windows(state: RunState) -> list[tuple[float, float]]:
    """When allocations were noted, in elapsed seconds: that time is no part of any trend, unless the run is short."""
    return [(one["from_s"], one["to_s"] + _AFTER_S) for one in state.attributions if _is_left_out(one, state)]


def _is_left_out(one: Mapping[str, Any], state: RunState) -> bool:
    took_s: float = one["to_s"] - one["from_s"]
    return one["resource"] == "rss" and took_s <= _MOST_LEFT_OUT * state.observed_s


def with_origin(check: Check, state: RunState) -> Check:
    """The finding with the lines, kinds or commands that grew, the latest that were found."""
    name = check.id.removeprefix("resource.")
    for one in reversed(state.attributions):
        if name in _SHOWN_AS.get(one["resource"], (one["resource"],)) and one.get("ended"):
            evidence = tuple(_evidence(one))
            return check if check.severity is Severity.OK else replace(check, evidence=(*check.evidence, *evidence))
    return check


def attribution_checks(state: RunState) -> Iterator[Check]:
    """That somebody looked, when, and what that may have changed; it decides nothing."""
    for one in state.attributions:
        resource, from_s, to_s = one["resource"], one["from_s"], one["to_s"]
        memory = resource == "rss"
        touched = [item.index for item in state.iterations if item.started_s < to_s and from_s < item.ended_s]
        growth = "left out of growth" if _is_left_out(one, state) else "kept, as the run is short"
        under = f"; its samples are {growth}, KPIs of iteration {_listed(touched)} were taken under it"
        yield Check(
            f"attribution.{resource}",
            Severity.INFO,
            f"Origin of {resource}",
            show_seconds(to_s - from_s) if memory else "looked at once",
            window=f"at {show_seconds(from_s)}",
            points=len(one.get("rows", ())),
            reason=f"{_result(one)}{under if memory else ''}",
        )


def _listed(numbers: list[int]) -> str:
    return ", ".join(str(number) for number in numbers) or "the last"


def _result(one: Mapping[str, Any]) -> str:
    if not one.get("ended"):
        return "it was cut short"
    rows = one.get("rows") or ()
    return f"{counted(len(rows), 'place')} found" if rows else str(one.get("reason") or "nothing found")


def _evidence(one: Mapping[str, Any]) -> Iterator[str]:
    rows = one.get("rows") or ()
    resource, memory = one["resource"], one["resource"] == "rss"
    if not rows:
        yield f"where it comes from: not found, {one.get('reason') or 'for no known reason'}"
        return
    explained = one.get("explained")
    known = "" if explained is None else f"{show_number(100 * explained, 2)}% of it "
    yield f"{known}comes from here ({one['how']}, at {show_seconds(one['from_s'])}):"
    for row in rows:
        what = f" ({row['what']})" if row["what"] else ""
        if memory:
            per_hour = row["grew"] * 3600 / max(one["over_s"], 0.001)
            yield f"+{show_bytes(per_hour)}/h  {row['where']}{what}"
        else:
            yield f"+{show_number(row['grew'], 3)} {_UNITS[resource]}  {row['where']}{what}"
    if one.get("reason"):
        yield str(one["reason"])
    if memory:
        yield _cost(one)


def _cost(one: Mapping[str, Any]) -> str:
    cost = one["cost"]
    before, during = cost.get("cpu_percent_before"), cost.get("cpu_percent_during")
    cpu = "not known" if before is None or during is None else f"{before:g}% to {during:g}% of a core"
    notes, pause = show_bytes(cost.get("memory_bytes") or 0.0), cost.get("pause_ms") or 0.0
    took = show_seconds(one["to_s"] - one["from_s"])
    return f"cost of looking: {took}, CPU {cpu}, {notes} of memory, longest pause {pause:g} ms"
