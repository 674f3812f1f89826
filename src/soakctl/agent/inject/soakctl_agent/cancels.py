"""Who says that he may cancel tasks later on: a supervisor that gives up on them."""

from __future__ import annotations

import asyncio
import os

from .chains import mark
from .untouched import attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType
    from typing import Any

_HOME = os.path.dirname(asyncio.__file__) + os.sep
_MOST = 200
_BOXES = {list, set, tuple}


def says_cancel(chain: list[FrameType]) -> bool:
    """Whether a function that waits says cancel()."""
    return any(_says(one) for one in chain)


def may_cancel(chain: list[FrameType]) -> list[int]:
    """The tasks in the variables, and in the attributes of objects in the variables, of functions that say cancel()."""
    found = {mark(task): None for frame in chain if _says(frame) for task in _known(frame)}
    return list(found)[:_MOST]


def _says(frame: FrameType) -> bool:
    return "cancel" in frame.f_code.co_names and not frame.f_code.co_filename.startswith(_HOME)


def _known(frame: FrameType) -> Iterator[Any]:
    here = list(frame.f_locals.values())
    own = attributes(frame.f_locals.get("self"))
    here += list(own.values()) if type(own) is dict else []
    for one in here:
        inside = list(_inside(one))
        yield from (each for each in inside if issubclass(type(each), asyncio.Task) and not each.done())


def _inside(one: Any) -> Iterable[Any]:
    """One object, or those in it where they are few: thousands of tasks may each know thousands."""
    if type(one) is not dict and type(one) not in _BOXES:
        return (one,)
    return () if len(one) > _MOST else one.values() if type(one) is dict else one
