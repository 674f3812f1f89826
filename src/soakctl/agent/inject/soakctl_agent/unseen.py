"""Who holds something where the collector cannot see it: an extension in C may keep a future, or what sets it.

As the collector tells garbage: of all that only stuck tasks know, each reference is counted. What has more than were
found is held by somebody else. The method is that of CPython's own, Modules/gcmodule.c.
"""

from __future__ import annotations

import gc
import sys
from itertools import islice
from types import CodeType, FunctionType, ModuleType

from .pieces import is_large, pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_PLAIN = {str, bytes, int, float, complex, bool, type(None), CodeType, ModuleType}
_SLICE = 256


class Unseen:
    """One count. `known`: ids of what is not followed, as its holders are judged otherwise."""

    def __init__(self, known: set[int]) -> None:
        """Nothing is counted yet."""
        self._known = known
        self._objects: dict[int, Any] = {}
        self._counts: dict[int, int] = {}
        self.held: list[Any] = []  # what somebody holds who was not seen

    def search(self, sources: Iterable[Any], seen: Iterable[Any]) -> Iterator[None]:
        """Follow the sources, with a halt now and then. `seen`: others that may hold it, and are no reason."""
        for _ in self._follow(iter(sources)):
            yield
        for holder in seen:
            for one in gc.get_referents(holder):
                if id(one) in self._counts:
                    self._counts[id(one)] += 1
            yield
        for place, key in enumerate(self._objects):
            if sys.getrefcount(self._objects[key]) > self._counts[key] + _OURS:
                self.held.append(self._objects[key])
            if place % _SLICE == 0:
                yield

    def _follow(self, sources: Iterator[Any]) -> Iterator[None]:
        todo: list[Any] = []
        while todo := todo or list(islice(sources, _SLICE)):
            for holder in [todo.pop() for _ in range(min(_SLICE, len(todo)))]:
                large = is_large(holder)
                for piece in pieces(holder) if large else (gc.get_referents(holder),):
                    todo += [one for one in piece if type(one) not in _PLAIN and self._is_new(one)]
                    if large:
                        yield
            yield

    def _is_new(self, one: Any) -> bool:
        """Count it, unless it does not matter; whether it was met for the first time."""
        key = id(one)
        count = self._counts.get(key)
        if count is not None:
            self._counts[key] = count + 1
            return False
        if key in self._known or issubclass(type(one), type) or (type(one) is FunctionType and one.__closure__ is None):
            return False  # a function without a closure is known to code by name
        self._objects[key] = one
        self._counts[key] = 1
        return True


def _own_references() -> int:
    """How many references a look like this one has itself."""
    objects = {0: object()}
    return sys.getrefcount(objects[0])


_OURS = _own_references()
