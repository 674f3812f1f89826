"""Tasks as a tree: under each task those that it waits for; equal ones on one line with their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.wording import show_seconds
from soakctl.report.layout import Paragraph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from soakctl.awaits.groups import Group

_MOST_LINES = 60
_INDENT = 4


def tree_lines(groups: Sequence[Group], near: Callable[[str], str], *, details: bool) -> Iterator[Paragraph]:
    """The lines of the tree; those beyond sixty are counted."""
    rows = list(_rows(groups))
    for prefix, group in rows[:_MOST_LINES]:
        yield _row(prefix, group, near)
        if details:
            for at, function in group.stack:
                yield Paragraph(((f"{near(at)} {near(function)}", "dim"),), indent=_INDENT + len(prefix) + 4)
            for at in (each for each in group.created if not near(each).startswith("asyncio/")):
                yield Paragraph(((f"created by {near(at)}", "dim"),), indent=_INDENT + len(prefix) + 4)
    if len(rows) > _MOST_LINES:
        left = sum(group.count for _, group in rows[_MOST_LINES:])
        yield Paragraph(
            ((f"and {left} tasks at {len(rows) - _MOST_LINES} other places (--json has all)", ""),), _INDENT
        )


def _rows(groups: Sequence[Group]) -> Iterator[tuple[str, Group]]:
    """Each group once, under the first that waits for it; those that nobody waits for are roots."""
    of_task = {key: place for place, group in enumerate(groups) for key in group.ids}
    below = [
        sorted({of_task[key] for key in group.awaits if key in of_task} - {place}) for place, group in enumerate(groups)
    ]
    awaited = {place for places in below for place in places}
    told: set[int] = set()
    for place in [*(place for place in range(len(groups)) if place not in awaited), *range(len(groups))]:
        if place not in told:
            yield from _branch(groups, below, place, told, ("", ""))


def _branch(
    groups: Sequence[Group], below: Sequence[Sequence[int]], place: int, told: set[int], lead: tuple[str, str]
) -> Iterator[tuple[str, Group]]:
    told.add(place)
    yield lead[0], groups[place]
    children = [child for child in below[place] if child not in told]
    told.update(children)
    for child in children:
        last = child == children[-1]
        deeper = (lead[1] + ("└─ " if last else "├─ "), lead[1] + ("   " if last else "│  "))
        yield from _branch(groups, below, child, told, deeper)


def _row(prefix: str, group: Group, near: Callable[[str], str]) -> Paragraph:
    name = f" ({_short(group.names[0])})" if group.count == 1 and group.names else ""
    many = f"{group.count} x " if group.count > 1 else ""
    coro = _short(group.called)
    waits = group.waits if group.state != "waiting" else f"waits for {group.waits}"
    text = f"{many}{coro}{name}: {waits}{_age(group)}"
    at = f" at {near(group.own)}" if group.own else ""
    return Paragraph(((prefix, "dim"), (near(text), ""), (at, "dim")), indent=_INDENT)


def _age(group: Group) -> str:
    if group.oldest_s is None:
        return ""
    oldest = show_seconds(group.oldest_s)
    youngest = show_seconds(group.youngest_s or 0.0)
    return f", {oldest} old" if group.count == 1 or oldest == youngest else f", {youngest} to {oldest} old"


def _short(name: str) -> str:
    return name.rpartition("<locals>.")[2]
