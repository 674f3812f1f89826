"""Where a suspended coroutine stands: its frames from the outermost to the innermost await, each stack stored once."""

from __future__ import annotations

import gc
import itertools

from .untouched import is_built_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

_DEEPEST = 100
# What awaits in the name of a generator does not tell which; the collector knows.
_VEILED = {"async_generator_asend", "async_generator_athrow", "coroutine_wrapper", "generator_wrapper"}
_WAYS = (("cr_frame", "cr_await"), ("ag_frame", "ag_await"), ("gi_frame", "gi_yieldfrom"))
_ways: dict[type, tuple[str, str]] = {}
_marks = itertools.count(1)
_attribute, _set = object.__getattribute__, object.__setattr__  # a lock of the program's own class may do more

Place = tuple[str, int, str]


def mark(thing: Any) -> int:
    """A number that stays with this object: unlike its address it is never another's, not even a later one's."""
    try:
        found: int = _attribute(thing, "_soak_mark")
    except AttributeError:
        found = next(_marks)
        try:
            _set(thing, "_soak_mark", found)
        except (AttributeError, TypeError):
            return -id(thing)
    return found


def frames(coro: Any) -> list[FrameType]:
    """The frames of a suspended coroutine, outermost first."""
    return [frame for frame, _ in links(coro)]


def links(coro: Any) -> list[tuple[FrameType, Any]]:
    """The frames with the coroutine or generator that each belongs to."""
    found: list[tuple[FrameType, Any]] = []
    here = coro
    while here is not None and len(found) < _DEEPEST:
        way = _way_of(type(here))
        if way is None:
            if type(type(here)) is not type or type(here).__name__ not in _VEILED:
                return found
            here = next((one for one in gc.get_referents(here) if _way_of(type(one)) is not None), None)
            continue
        frame = getattr(here, way[0])
        if frame is None:
            return found
        found.append((frame, here))
        here = getattr(here, way[1])
    return found


def _way_of(kind: type) -> tuple[str, str] | None:
    """The attributes of C that lead on, of Python's coroutines and of those that Cython makes."""
    known = _ways.get(kind)
    if known is None:
        known = next((way for way in _WAYS if is_built_in(kind, way[0]) and is_built_in(kind, way[1])), None)
        if known is not None:
            _ways[kind] = known
    return known


def line_of(code: CodeType, instruction: int) -> int:
    """The line of an instruction."""
    for start, end, line in code.co_lines():
        if start <= instruction < end and line is not None:
            return line
    return code.co_firstlineno


class Stacks:
    """A table of stacks in which equal ones have one number."""

    def __init__(self) -> None:
        """Empty."""
        self.rows: list[list[Place]] = []
        self._known: dict[tuple[tuple[CodeType, int], ...], int] = {}

    def of_frames(self, found: list[FrameType]) -> int:
        """The number of the stack with these frames, outermost first."""
        return self.of(tuple((frame.f_code, frame.f_lasti) for frame in found))

    def of(self, key: tuple[tuple[CodeType, int], ...]) -> int:
        """The number of the stack at these instructions, outermost first."""
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self.rows)
            self.rows.append([(code.co_filename, line_of(code, at), code.co_qualname) for code, at in key])
        return number
