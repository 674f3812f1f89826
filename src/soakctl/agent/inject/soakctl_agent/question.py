"""Whether a look has to ask who can still go on: a program that is well does not pay for that."""

from __future__ import annotations

from .chains import mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .reach import Parked

_BY_OTHERS = {"condition", "barrier"}
_waited_before: set[tuple[int, int]] = set()


def in_question(things: dict[int, dict[str, Any]], parked: Iterable[Parked]) -> bool:
    """A thing that its holders or feeders have left, or a wait that others wait for and that has lasted."""
    asked = [_is_in_question(one) for one in things.values()]
    owners = {holder["task"] for one in things.values() for holder in one.get("holders", ())}
    awaited = {number for one in parked for number in one.wait.get("tasks", ())}
    lasting = set()
    for one in parked:
        number = mark(one.task)
        if one.wait["kind"] == "future":
            asked.append(number in owners)
            continue
        kind = things.get(one.wait.get("thing", 0), {}).get("is")
        if number in awaited and (kind in _BY_OTHERS or one.wait.get("replaced")):
            lasting.add((number, mark(one.waiter)))
    asked.append(bool(lasting & _waited_before))
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
