"""Several looks at one process as one scene: what lasted, who needs whom, and how things are called."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from soakctl.awaits.finding import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soakctl.awaits.model import Holder, Look, Place, Task, Thing, Thread


_UNNAMED = re.compile(r"Task-\d+|")
_TOLD_APART = (2, 3)  # tasks of one function in a sentence
_INSTALLED = "-packages/"  # site-packages, and dist-packages of Debian


class Need(NamedTuple):
    """Tasks that can end a wait: all of them are needed, or with `any` one is enough."""

    tasks: frozenset[int]
    any: bool


class Scene:
    """What is true of a process over all looks at it, the last one being the present."""

    def __init__(self, looks: Sequence[Look]) -> None:
        """At least one look, in the order of time."""
        self.looks = tuple(looks)
        self.last = looks[-1]

    @cached_property
    def tasks(self) -> dict[int, Task]:
        """The tasks of the last look, by id."""
        return {task.id: task for task in self.last.tasks}

    @cached_property
    def lasting(self) -> dict[int, Task]:
        """The tasks that waited for the very same future in every look."""
        kept = {task.id: task for task in self.last.tasks if task.state == "waiting" and task.waiter is not None}
        for look in self.looks[:-1]:
            before = {task.id: task.waiter for task in look.tasks if task.state == "waiting"}
            kept = {key: task for key, task in kept.items() if before.get(key) == task.waiter}
        return kept

    @cached_property
    def window_s(self) -> float:
        """Seconds from the first look to the last."""
        return self.last.at_s - self.looks[0].at_s

    def thing(self, task: Task) -> Thing | None:
        """The lock, queue and so on that the task waits for."""
        return None if task.wait is None or task.wait.thing is None else self.last.things.get(task.wait.thing)

    def holders(self, number: int) -> list[Holder | int]:
        """Who holds the thing: as the hooks noted it, or the ids of tasks that were found inside of it."""
        thing = self.last.things.get(number)
        if thing is not None and thing.holders:
            return list(thing.holders)
        return [task.id for task in self.last.tasks if number in task.holds]

    def need(self, task: Task, *, with_limits: bool = False, with_failures: bool = False) -> Need | None:
        """The tasks that alone can end this wait; None where something else can.

        A time limit can, and so can any one of a group that fails, unless asked.
        """
        wait = task.wait
        if wait is None or task.state != "waiting" or ((task.timeout or wait.timeout) and not with_limits):
            return None
        if wait.kind == "task":
            one_is_enough = wait.any or (wait.fails and not with_failures)
            alone = wait.tasks and not (one_is_enough and wait.others)
            return Need(frozenset(wait.tasks), one_is_enough) if alone else None
        if wait.kind == "future":
            setters = self.setters(task)
            return Need(setters, any=True) if setters else None
        thing = self.thing(task)
        if thing is None or wait.thing is None or wait.how != "acquire":
            return None
        if self.given_back_by_others(wait.thing):
            return None
        held_by = [one if isinstance(one, int) else one.task for one in self.holders(wait.thing)]
        known = frozenset(one for one in held_by if one is not None and one in self.tasks)
        if thing.is_ == "lock" and thing.locked and len(known) == 1:
            return Need(known, any=True)
        whole = len(known) == len(set(held_by)) and (thing.held or len(held_by)) <= len(held_by)
        if thing.is_ == "semaphore" and thing.value == 0 and known and whole:
            return Need(known, any=True)
        return None

    def setters(self, task: Task) -> frozenset[int]:
        """The tasks that alone say that they give the future its result; none unless two looks agree."""
        told = [look.setters.get(task.id, ()) for look in self.looks if self.sighted]
        agreed = len(told) > 1 and len(set(told)) == 1
        return frozenset(told[-1]) if agreed else frozenset()

    @cached_property
    def sighted(self) -> bool:
        """Whether every loop shows what it knows: uvloop hides its connections."""
        return all(loop.descriptors is not None for look in self.looks for loop in look.loops)

    def failures(self) -> list[Evidence]:
        """The first tasks that died of what nobody has asked for: they may be the ones that are missed."""
        return [
            self.evidence(one.at, f"{short(one.name)} had died of {one.error} here, and nobody has asked for that")
            for one in self.last.failed[:3]
        ]

    def alone(self, number: int) -> bool:
        """Whether nobody at all who may go on knows it, by all looks that asked (at least one)."""
        told = [look.things[number].alone for look in self.looks if number in look.things]
        asked = [one for one in told if one is not None]
        return self.sighted and bool(asked) and all(asked)

    def by_hand(self, number: int) -> bool:
        """Whether some of it was taken by a plain acquire(), which anybody may answer with release()."""
        return any(not isinstance(one, int) and not one.inside for one in self.holders(number))

    def given_back_by_others(self, number: int) -> bool:
        """Whether somebody who goes on by himself may give back what was taken by a plain acquire()."""
        return self.by_hand(number) and self.known_to_others(number)

    def known_to_others(self, number: int) -> bool:
        """Whether somebody who goes on by himself refers to it, as far as any look can tell."""
        things = [look.things[number] for look in self.looks if number in look.things]
        return any(thing.free is not False for thing in things)

    def waiting_for(self, roots: Iterable[int]) -> list[Task]:
        """The tasks that cannot go on before one of these does, other than these."""
        reached = set(roots)
        found: list[Task] = []
        grew = True
        while grew:
            grew = False
            for task in self.lasting.values():
                need = self.need(task, with_limits=True, with_failures=True) if task.id not in reached else None
                if need is None:
                    continue
                if need.tasks <= reached if need.any else need.tasks & reached:
                    reached.add(task.id)
                    found.append(task)
                    grew = True
        return found

    def age_s(self, task: Task) -> float | None:
        """How long ago it was made; None where that is not known."""
        return None if task.made_s is None else round(max(0.0, self.last.at_s - task.made_s), 3)

    def held_s(self, holder: Holder) -> float:
        """How long ago it was taken."""
        return max(0.0, self.last.at_s - holder.since_s)

    # --- What things are called ---

    def ours(self, place: Place) -> bool:
        """Whether a line is the program's own, not a library's."""
        return not place[0].startswith(("<", *self.last.library)) and _INSTALLED not in place[0]

    def line(self, task: Task) -> Place | None:
        """The innermost line of the program itself that the task is at; of a library where there is none."""
        return self.own_line(self.last.stack(task.stack))

    def own_line(self, stack: Sequence[Place]) -> Place | None:
        """The innermost line of the program itself in a stack, else of a library it uses, else of Python's own."""
        inwards = list(reversed(stack))
        installed = (place for place in inwards if _INSTALLED in place[0])
        return next((place for place in inwards if self.ours(place)), None) or next(installed, None) or _first(inwards)

    def title(self, task: Task) -> str:
        """The task as people know it: its coroutine, and the name that asyncio or the program gave it."""
        return f"{self.called(task)} ({short(task.name)})"

    def called(self, task: Task) -> str:
        """The outermost function of the program itself in it: libraries wrap coroutines in their own."""
        stack = self.last.stack(task.stack)
        return short(next((place[2] for place in stack if self.ours(place)), task.coro))

    def thread_title(self, thread: Thread) -> str:
        """The thread as people know it."""
        return f"thread {thread.name}"

    def at(self, place: Place | None) -> str:
        """A line as `file:line`, as an editor opens it."""
        return "" if place is None else f"{place[0]}:{place[1]}"

    def apart(self, tasks: Sequence[Task]) -> dict[int, str]:
        """What a few tasks are called in one sentence, by id: those of one function by their names, too.

        Where there are many of a function, they are all called by it.
        """
        called = [self.called(task) for task in tasks]
        found = {task.id: name for task, name in zip(tasks, called, strict=True)}
        for name in set(called):
            alike = [task for task in tasks if found[task.id] == name]
            if len(alike) in _TOLD_APART:
                found |= _by_their_names(alike, name)
        return found

    def evidence(self, place: Place | None, text: str) -> Evidence:
        """A line and what it shows."""
        return Evidence(self.at(place), text)

    def titles(self, tasks: Iterable[Task]) -> tuple[str, ...]:
        """Their titles."""
        return tuple(self.title(task) for task in tasks)


def _first(places: Sequence[Place]) -> Place | None:
    return places[0] if places else None


def _by_their_names(tasks: Sequence[Task], called: str) -> dict[int, str]:
    """The names that the program gave them, what asyncio calls them, or numbers where these are the same too."""
    if len({task.name for task in tasks}) < len(tasks):
        return {task.id: f"{called} ({number})" for number, task in enumerate(tasks, 1)}
    return {task.id: f"{called} ({task.name})" if _UNNAMED.fullmatch(task.name) else short(task.name) for task in tasks}


def short(name: str) -> str:
    """The name of a function without those that it is defined in."""
    return name.rpartition("<locals>.")[2]


def tasks_wait(number: int) -> str:
    """The beginning of a sentence about tasks that wait."""
    return "1 task waits" if number == 1 else f"{number} tasks wait"
