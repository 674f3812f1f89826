"""Whether a look has to ask who can still go on: a program that is well does not pay for that."""

from __future__ import annotations

from .chains import mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_BY_OTHERS = {"condition", "barrier"}
_waited_before: set[tuple[int, int]] = set()


def in_question(things: dict[int, dict[str, Any]], parked: Iterable[tuple[Any, dict[str, Any], Any]]) -> bool:
    """A thing that its holders or feeders have left, or a wait that others wait for and that has lasted.

    `parked`: tasks, the rows of what they wait for, and the futures. No objects are made of them: thousands would call
    the collector.
    """
    asked = {any(map(_is_in_question, things.values()))}
    owners = {holder["task"] for one in things.values() for holder in one.get("holders", ())}
    awaited = {number for _task, wait, _waiter in parked for number in wait.get("tasks", ())}
    lasting = set()
    for task, wait, waiter in parked:
        number = mark(task)
        if wait["kind"] == "future":
            asked.add(number in owners)
            continue
        kind = things.get(wait.get("thing", 0), {}).get("is")
        if number in awaited and (kind in _BY_OTHERS or wait.get("replaced")):
            lasting.add((number, mark(waiter)))
    asked.add(bool(lasting & _waited_before))
    _waited_before.clear()
    _waited_before.update(lasting)
    return any(asked)


def _is_in_question(thing: dict[str, Any]) -> bool:
    """What was taken without `async with`, a queue that is joined, lent from, or left by all its known feeders."""
    if thing.get("is") == "queue":
        feeders = thing["feeders"]
        left = bool(feeders) and not thing["other_puts"] and all(one["ended"] for one in feeders)
        return thing["joined"] or (not thing["size"] and (left or thing.get("pool", False)))
    return any(not one["inside"] for one in thing.get("holders", ()))
