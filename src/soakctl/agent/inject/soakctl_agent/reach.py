"""Whether anybody who can still go on knows the lock, queue or event that others wait for.

As a collector marks memory: from the tasks that go on by themselves, timers, callbacks, signal handlers and other
threads to all that they refer to, by name too. A task that waits hides what it knows until its wait can end.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from itertools import chain
from time import monotonic
from types import (
    AsyncGeneratorType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from weakref import ReferenceType

from . import aside, loops
from .chains import links, mark
from .givers import sets, sets_at_its_end
from .named import Named
from .pieces import is_large, pieces
from .unseen import Unseen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any


MOST = 150_000  # objects; whoever knows more may know everything
_NOTHING = (str, bytes, bytearray, int, float, complex, bool, type(None), ModuleType, FrameType, CodeType)
_PLAIN = set(_NOTHING)  # nearly all that there is, and quickly told
_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any


MOST = 150_000  # objects; whoever knows more may know everything
_NOTHING = (str, bytes, bytearray, int, float, complex, bool, type(None), ModuleType, FrameType, CodeType)
_PLAIN = set(_NOTHING)  # nearly all that there is, and quickly told
_LIBRARY = (os.path.dirname(os.__file__) + os.sep, os.path.dirname(__file__) + os.sep, "<frozen")
_INSTALLED = "-packages" + os.sep
_CHECK = 256
_OWNED = {"lock", "semaphore"}
_GIVE = {"release", "__aexit__"}
_SUSPENDED = {CoroutineType, GeneratorType, AsyncGeneratorType}
_MODULE_OF = type.__dict__["__module__"].__get__


class Parked:
    """A task that goes on only when what it waits for comes."""

    __slots__ = ("task", "wait", "waiter")

    def __init__(self, task: Any, wait: dict[str, Any], waiter: Any) -> None:
        """`wait`: the row that tells of it; `waiter`: the future."""
        self.task, self.wait, self.waiter = task, wait, waiter


class Reach:
    """One search. `things`: the rows of what is waited for, with `free` added once it is over."""

    def __init__(self, things: dict[int, dict[str, Any]], objects: dict[int, Any], parked: list[Parked]) -> None:
        """Nothing is known to be free yet."""
        self._things, self._objects = things, objects
        self._parked = {mark(one.task): one for one in parked}
        self._all = dict(self._parked)
        self._methods: set[int] = set()  # things of which somebody who can go on has a bound method, as release
        self._named = Named()  # what is in the code of those who can go on
        self._targets = {id(one): number for number, one in objects.items()}
        self._waiters = {id(one.waiter): mark(one.task) for one in parked}
        self._free: set[int] = set()
        self._settled = False
        self.lost: list[int] = []  # tasks that nobody who can go on can wake
        self.setters: dict[int, list[int]] = {}  # tasks that wait for a future, and those that alone say they set it
        self._todo: list[Any] = []
        self._large: list[Iterator[list[Any]]] = []  # containers of which a piece is taken at a time
        # Code knows a module by the names in it.
        self._seen = {id(vars(one)) for one in list(sys.modules.values()) if type(one) is ModuleType}
        self._seen.add(id(sys.modules))
        self._steps = self._follow()
        self._over = False  # all of it was followed
        for one in parked:
            self._seen |= {id(one.task), *(id(link) for _frame, link in links(one.task.get_coro()))}

    def begin(self, tasks: Iterable[Any], alive: Iterable[Any], loop_threads: set[int | None]) -> None:
        """Start at everything that can go on by itself."""
        for task in tasks:
            if mark(task) not in self._parked:
                self._enter(task)
        for loop in alive:
            self._seen |= {id(loop), id(getattr(loop, "_asyncgens", None))}
            self._todo += gc.get_referents(loop)
        mine = {*aside.IDENTS, *loop_threads}
        for ident, frame in aside.frames_of_others().items():
            here: FrameType | None = frame if ident not in mine else None
            while here is not None:
                self._todo += list(here.f_locals.values())
                self._todo += self._named.by(here.f_code, here.f_globals)
                here = here.f_back
        self._todo += loops.handlers()

    def go_on(self, until: float) -> bool:
        """Follow until then; whether it is over."""
        return all(monotonic() <= until for _step in self._steps)

    def _follow(self) -> Iterator[None]:
        """All of it, with a halt now and then."""
        woken, searched = True, False
        while woken:
            yield from self._reach_out()
            if len(self._seen) > MOST:
                return
            woken = False
            for count, (number, one) in enumerate(list(self._parked.items())):
                if count % _CHECK == 0:
                    yield
                if self._can_end(one):
                    woken = True
                    self._enter(self._parked.pop(number).task)
            if not woken and self._parked and not searched:
                searched = woken = True
                yield from self._unseen()
            elif not woken:
                woken = self._settle()
        self._over = True

    def _reach_out(self) -> Iterator[None]:
        """Visit all that is known so far, and what that refers to."""
        while len(self._seen) <= MOST and (self._todo or self._large):
            if not self._todo:
                piece = next(self._large[-1], None)
                if piece is None:
                    self._large.pop()
                else:
                    self._todo += piece
            for _ in range(min(_CHECK, len(self._todo))):
                self._visit(self._todo.pop())
            yield

    def _unseen(self) -> Iterator[None]:
        """What only those know who cannot go on may still be held by somebody whom the collector does not see."""
        unseen = Unseen(self._seen)
        modules = (vars(one) for one in list(sys.modules.values()) if type(one) is ModuleType)
        yield from unseen.search(self._stuck(), chain(self._all.values(), (self._objects,), modules))
        self._todo += unseen.held

    def _stuck(self) -> Iterator[Any]:
        """The tasks that nobody can wake as far as is known, and what they consist of."""
        for one in self._parked.values():
            yield one.task
            yield from (link for _frame, link in links(one.task.get_coro()))

    def _settle(self) -> bool:
        """Note who is free, once. Then let in who waits for a bare future, which code in C may hold; whether any."""
        if self._settled:
            return False
        self._settled = True
        for number, row in self._things.items():
            row["free"] = self._is_free(number)
            if row.get("joined"):
                row["marked"] = row["free"] and "task_done" in self._named.said
        self.lost = self._lost()
        bare = [number for number, one in self._parked.items() if one.wait["kind"] == "future"]
        self.setters = {number: setters for number in bare if (setters := self._setters(self._parked[number]))}
        for number in bare:
            self._enter(self._parked.pop(number).task)
        return bool(bare)

    def finish(self) -> None:
        """Say for each thing whether somebody who can go on knows it. A search that was not ended says so of all.

        `alone`: nor does anybody who waits for a bare future.
        """
        for number, row in self._things.items():
            row["free"] = row.get("free", True)
            row["alone"] = self._over and number not in self._free

    def _setters(self, waits: Parked) -> list[int]:
        """The tasks stuck themselves whose code gives a future its result that nobody else knows."""
        if id(waits.waiter) not in self._waiters:
            return []
        frames = ((number, frame) for number, one in self._all.items() for frame, _ in links(one.task.get_coro()))
        found = [number for number, frame in frames if number in self._parked and sets(frame, waits.waiter)]
        return found + [number for number in self._parked if sets_at_its_end(self._parked[number].task, waits.waiter)]

    def _is_free(self, number: int) -> bool:
        """Whether it is known to code that says what gives it back."""
        by_name = self._things[number].get("is") not in _OWNED or not self._named.said.isdisjoint(_GIVE)
        return number in self._free and (by_name or number in self._methods)

    def _lost(self) -> list[int]:
        """The tasks that nobody who can go on can wake: nobody knows what they wait for, or nobody says set()."""
        unset = {number for number, row in self._things.items() if row.get("is") == "event"} - self._methods
        unset = unset if "set" not in self._named.said else set()
        return [number for number, one in self._all.items() if number in self._parked or one.wait.get("thing") in unset]

    def _enter(self, task: Any) -> None:
        """All that a task knows which can go on."""
        self._seen.add(id(task))
        self._todo += gc.get_referents(task)
        for frame, link in links(task.get_coro()):
            self._seen.add(id(link))
            self._todo += gc.get_referents(link)
            self._todo += self._named.by(frame.f_code, frame.f_globals)

    def _can_end(self, one: Parked) -> bool:
        wait = one.wait
        needed = wait.get("tasks")
        if needed:
            held = [task in self._parked for task in needed]
            return not all(held) if wait.get("any") else not any(held)
        thing = self._things.get(wait.get("thing") or 0)
        if thing is None:
            return self._waiters.get(id(one.waiter)) is None  # taken away when it was reached
        holders = thing.get("holders") or ()
        if any(holder["task"] not in self._parked for holder in holders if not holder["ended"]):
            return True
        inside = [holder for holder in holders if holder["inside"]]
        if holders and len(inside) == len(holders):
            return False  # only those who are inside of it give it back
        return self._is_free(wait["thing"])

    def _visit(self, one: Any) -> None:
        kind = type(one)  # isinstance() would ask a proxy for its class, and so run code of the program
        key = id(one)
        if kind in _PLAIN or key in self._seen or issubclass(kind, _NOTHING):
            return
        self._seen.add(key)
        number = self._targets.get(key)
        if number is not None:
            self._free.add(number)
        self._waiters.pop(key, None)
        if not issubclass(kind, asyncio.Task):  # those that go on are entered by themselves
            self._todo += self._behind(one, kind)

    def _behind(self, one: Any, kind: type) -> Iterable[Any]:
        """What an object refers to."""
        if kind is FunctionType:
            return self._function(one)
        if kind is MethodType:
            self._methods.add(self._targets.get(id(one.__self__), 0))
            return (one.__self__, one.__func__)
        if issubclass(kind, ReferenceType):
            return (ReferenceType.__call__(one),)
        if issubclass(kind, type) and loops.standard(_MODULE_OF(one)):
            return ()
        if kind in _SUSPENDED:
            for frame, _link in links(one)[:1]:
                self._todo += self._named.by(frame.f_code, frame.f_globals)
        if is_large(one):
            self._large.append(pieces(one))
            return ()
        return gc.get_referents(one)

    def _function(self, one: FunctionType) -> list[Any]:
        self._todo += self._named.by(one.__code__, one.__globals__)
        found = [*(one.__defaults__ or ()), *(one.__kwdefaults__ or {}).values(), *vars(one).values()]
        for cell in one.__closure__ or ():
            try:
                found.append(cell.cell_contents)
            except ValueError:  # not filled yet
                continue
        return found
