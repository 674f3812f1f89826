"""What a task waits for: the lock, queue, task or timer behind the future, and who holds or feeds it."""

from __future__ import annotations

import asyncio
import os

from .cancels import may_cancel, says_cancel
from .chains import line_of, mark
from .failed import consumers, died_owing, owes
from .givers import puts_back, replaced
from .owners import held
from .standins import completions, group, shielded, task_behind, threads_future
from .untouched import own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_HOME = os.path.dirname(asyncio.__file__) + os.sep
_OUTSIDE = {"streams", "selector_events", "base_events", "base_subprocess", "subprocess", "proactor_events", "sslproto"}
_SERVING = {"serve_forever", "wait_closed"}
_MANY = 50
_IN_A_BARRIER = 3  # frames: its own, and two of the Condition that it waits for
_OF_BARRIERS = {"_wait", "_block"}


class Things:
    """The locks, queues and so on that tasks were found waiting for, by their marks."""

    def __init__(self) -> None:
        """Empty."""
        self.rows: dict[int, dict[str, Any]] = {}
        self.objects: dict[int, Any] = {}
        self._asked: dict[tuple[int, int], bool] = {}
        self._completions: dict[int, tuple[Any, Any]] | None = None

    def add(self, thing: Any) -> int:
        """Describe it, once."""
        number = mark(thing)
        if number not in self.rows:
            self.rows[number] = _describe(thing)
            self.objects[number] = thing
        return number

    def wait_of(self, waiter: Any, chain: list[FrameType]) -> dict[str, Any]:
        """What the future that a task waits for stands for. `chain` is where the task is, outermost first."""
        if isinstance(waiter, asyncio.Task):
            return {"kind": "task", "tasks": [mark(waiter)]}
        if issubclass(type(waiter), asyncio.tasks._GatheringFuture):  # type: ignore[attr-defined]
            return {"kind": "task", "how": "gather", **group([waiter])}
        found = self._by_frame(waiter, chain) if chain else None
        return found or _behind(waiter) or {"kind": "future"}

    def _by_frame(self, waiter: Any, chain: list[FrameType]) -> dict[str, Any] | None:
        frame = chain[-1]
        path, name = frame.f_code.co_filename, frame.f_code.co_name
        if not path.startswith(_HOME):
            return _foreign(frame)
        module = path[len(_HOME) : -3]
        here = frame.f_locals
        owner = here.get("self")
        if module in {"locks", "queues"} and owner is not None:
            found = self._of_completing(owner, chain, waiter) if module == "queues" else None
            if found is not None:
                return found
            return self._of_thing(owner, name, chain)
        if module == "tasks":
            return _of_tasks(name, here, chain)
        if module == "taskgroups":
            ending = getattr(owner, "_aborting", False)
            return {"kind": "task", "how": "TaskGroup", **group(getattr(owner, "_tasks", ()), fails=not ending)}
        if name in _SERVING:
            return {"kind": "serving", "how": name}
        if module in _OUTSIDE:
            of = f"{type(owner).__name__}." if owner is not None else ""
            return {"kind": "outside", "how": f"{of}{name}"}
        return None

    def _of_completing(self, queue: Any, chain: list[FrameType], waiter: Any) -> dict[str, Any] | None:
        """Of a wait for the next one of as_completed(), which waits at a queue of its own."""
        asks = chain[-2] if len(chain) > 1 else None
        if chain[-1].f_code.co_name != "get" or asks is None or asks.f_code.co_name != "_wait_for_one":
            return None
        if not asks.f_code.co_filename.startswith(_HOME):
            return None
        every = asks.f_locals.get("self")  # from 3.13 on
        if every is not None:
            todo, timer = every._todo, every._timeout_handle
        else:
            if self._completions is None:
                self._completions = completions(waiter.get_loop())
            todo, timer = self._completions.get(id(queue), ((), None))
        if not todo:
            return None
        return {"kind": "task", "how": "as_completed", "any": True, **group(todo), "timeout": timer is not None}

    def _of_thing(self, owner: Any, how: str, chain: list[FrameType]) -> dict[str, Any]:
        """A wait for a lock, queue and so on. `replaced`: the code has another one by now."""
        depth = len(chain) - 2
        while depth >= 0 and chain[depth].f_code.co_filename.startswith(_HOME):
            depth -= 1
        own = chain[depth] if depth >= 0 else None
        if len(chain) > _IN_A_BARRIER and chain[-_IN_A_BARRIER].f_code.co_name in _OF_BARRIERS:
            barrier = chain[-_IN_A_BARRIER].f_locals.get("self")
            owner, how = (barrier, "wait") if isinstance(barrier, asyncio.Barrier) else (owner, how)
        elif how == "wait" and len(chain) > 1 and chain[-2].f_code is asyncio.Queue.join.__code__:
            owner, how = chain[-2].f_locals.get("self", owner), "join"
        number = self.add(owner)
        found = {"kind": type(owner).__name__, "how": how, "thing": number}
        if own is not None and self._is_replaced(number, own, owner, how):
            found["replaced"] = True
        return found

    def _is_replaced(self, number: int, own: FrameType, owner: Any, how: str) -> bool:
        """Asked once for a thing and the code that waits for it: thousands of tasks wait at one line."""
        key = (number, id(own.f_code))  # to hash code takes longer
        if key not in self._asked:
            if how == "get" and puts_back(own, owner):
                self.rows[number]["pool"] = True
            self._asked[key] = replaced(own, owner)
        return self._asked[key]


def _of_tasks(name: str, here: dict[str, Any], chain: list[FrameType]) -> dict[str, Any] | None:
    """A wait in a function of asyncio's tasks, by its name and its variables."""
    limited = here.get("timeout") is not None
    if name == "sleep":
        return {"kind": "sleep", "delay_s": _number(here.get("delay")), "cancels": may_cancel(chain)}
    if name == "_wait":
        when = here.get("return_when")
        found = group(here.get("fs") or (), fails=when == "FIRST_EXCEPTION")
        found |= {"kind": "task", "how": "wait", "any": when == "FIRST_COMPLETED"}
        return {**found, "timeout": limited, "cancels": found["tasks"] if limited and says_cancel(chain) else []}
    if name == "wait_for":
        return {"kind": "task", "how": "wait_for", **group([here.get("fut")]), "timeout": limited}
    if name == "_cancel_and_wait":
        return {"kind": "task", "how": "cancel", **group([here.get("fut")])}
    return None


def _foreign(frame: FrameType) -> dict[str, Any] | None:
    """Locks of other libraries that know their owner, and groups that know their tasks, as anyio's do."""
    here = frame.f_locals.get("self")
    tasks = own(here, "_tasks")
    if frame.f_code.co_name == "__aexit__" and type(tasks) in {set, list} and tasks:
        return {"kind": "task", "how": type(here).__name__, **group(tasks, fails=True)}
    owner = own(here, "_owner_task")
    if issubclass(type(owner), asyncio.Task):
        return {"kind": "task", "how": type(here).__name__, "tasks": [mark(owner)], "lock": True}
    return None


def _behind(waiter: Any) -> dict[str, Any] | None:
    """The tasks behind shield(), or the executor's future behind run_in_executor(): both hide in a callback."""
    inner = shielded(waiter)
    if inner is not None:
        found = group([inner])
        # One that is done is about to go on; one of nobody's is a future as any other.
        return {"kind": "task", "how": "shield", **found} if found["tasks"] or inner.done() else None
    source = threads_future(waiter)
    if source is None:
        return None
    of = task_behind(source)
    if of is not None:
        return {"kind": "task", "how": "run_coroutine_threadsafe", "tasks": [mark(of)]}
    return {"kind": "executor", "state": str(source._state).lower()}


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if abs(found) < 1e15 else None  # noqa: PLR2004 - what JSON and people can take


def _describe(thing: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": type(thing).__name__, "waiters": len(own(thing, "_waiters") or ())}
    noted = own(thing, "_soak")
    if isinstance(thing, asyncio.Lock):
        locked = bool(thing.locked())
        found |= {"is": "lock", "locked": locked, "holders": _holders(thing, [noted] if noted and locked else [])}
    elif isinstance(thing, asyncio.Semaphore):
        held = _holders(thing, (noted or ())[:_MANY])
        found |= {"is": "semaphore", "value": thing._value, "holders": held, "held": len(noted or ())}
    elif isinstance(thing, asyncio.Queue):
        found |= {"is": "queue", "size": thing.qsize(), "most": thing.maxsize}
        found |= {"getters": len(thing._getters), "putters": len(thing._putters)}  # type: ignore[attr-defined]
        joined = bool(own(own(thing, "_finished"), "_waiters"))
        if thing._putters and thing.full():  # type: ignore[attr-defined]
            found["left"] = consumers(thing)
        found |= {"unfinished": own(thing, "_unfinished_tasks") or 0, "joined": joined, **_feeders(noted or {})}
    elif isinstance(thing, asyncio.Event):
        found |= {"is": "event", "set": thing.is_set()}
    elif isinstance(thing, asyncio.Condition):
        found |= {"is": "condition"}
    elif isinstance(thing, asyncio.Barrier):
        found |= {"is": "barrier", "size": thing.n_waiting, "most": thing.parties}
    return found


def _holders(thing: Any, noted: Any) -> list[dict[str, Any]]:
    """Who took it. `inside`: an `async with` that the task is in gives it back; else anybody may do that."""
    inside: dict[int, int] = {}
    found = []
    for note in noted:
        task = note[0]() if note[0] is not None else None
        if task is not None and not task.done() and id(task) not in inside:
            inside[id(task)] = _times_inside(task, thing)
        left = inside.get(id(task), 0)
        inside[id(task)] = left - 1
        found.append({**_holder(note, task), "inside": left > 0})
    return found


def _times_inside(task: Any, thing: Any) -> int:
    coro = task.get_coro()
    if getattr(coro, "cr_running", False):
        return 0
    return sum(one is thing for one in held(coro)[0])


def _holder(note: Any, task: Any) -> dict[str, Any]:
    """Who took it, and where. `ended`: the task that took it is no more."""
    owner, code, instruction, since = note
    return {
        "task": mark(task) if task is not None else None,
        "ended": owner is not None and (task is None or task.done()),
        "died": died_owing(task) if task is not None and task.done() else "",
        "at": (code.co_filename, line_of(code, instruction), code.co_qualname),
        "since_s": since,
    }


def _feeders(noted: dict[Any, Any]) -> dict[str, Any]:
    feeders = []
    for key, one in list(noted.items()):
        if key is not None:
            task = one.ref()
            where = one.where
            feeders.append(
                {
                    "task": mark(task) if task is not None and not task.done() else None,
                    "name": one.name,
                    "puts": one.count,
                    "owing": task is not None and owes(task),
                    "ended": one.ended or ("finished" if task is None or task.done() else ""),
                    "at": (one.code.co_filename, line_of(one.code, one.instruction), one.code.co_qualname),
                    "where": None if where is None else (where[0].co_filename, line_of(*where), where[0].co_qualname),
                }
            )
    return {"feeders": feeders, "other_puts": noted.get(None, 0)}
