"""The event loops of the process, how promptly each answers, and work done on a loop's own thread in short slices."""

from __future__ import annotations

import _thread
import asyncio
import sys
import time
import weakref
from time import monotonic

from . import notes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SLICE_S = 0.01
_TURN_S = 0.001  # between two jobs the program has several turns: a task that slept needs two
_PINGS: dict[int, Ping] = {}


class Ping:
    """A callback that a loop was asked to run, and when it did. One at a time: a stuck loop gathers no heap of them."""

    def __init__(self, loop: Any) -> None:
        """Ask. Raises RuntimeError for a closed loop."""
        self.loop = weakref.ref(loop)
        self.sent = monotonic()
        self.answered: float | None = None
        self._gate = _thread.allocate_lock()
        self._gate.acquire()
        loop.call_soon_threadsafe(self._answer)

    def _answer(self) -> None:
        self.answered = monotonic()
        self._gate.release()

    def wait(self, timeout_s: float) -> bool:
        """Whether it has been answered by then."""
        if self.answered is None and self._gate.acquire(timeout=timeout_s):
            self._gate.release()
        return self.answered is not None

    @property
    def lag_s(self) -> float:
        """How long the loop took, or has taken so far."""
        return (self.answered or monotonic()) - self.sent


def ping(loop: Any) -> Ping:
    """The question that is still open, or a new one."""
    last = _PINGS.get(id(loop))
    if last is None or last.answered is not None or last.loop() is not loop:
        last = _PINGS[id(loop)] = Ping(loop)
    return last


def forked() -> None:
    """After a fork the loops are the parent's."""
    _PINGS.clear()


def on_loop(loop: Any, job: Callable[[], None], timeout_s: float) -> bool:
    """Run a short job on the loop's thread; what it raises is raised here, not in the program.

    False when the loop did not come to it, and then it never will.
    """
    gate = _thread.allocate_lock()
    gate.acquire()
    wanted = [True]
    failed: list[Exception] = []

    def run() -> None:
        try:
            wanted.pop()
        except IndexError:  # nobody waits any more
            return
        try:
            job()
        except Exception as error:  # whoever waits is told
            failed.append(error)
        finally:
            gate.release()

    try:
        loop.call_soon_threadsafe(run)
    except RuntimeError:  # closed a moment ago
        return False
    done = gate.acquire(timeout=timeout_s)
    if not done:
        try:
            wanted.pop()
        except IndexError:  # it has just begun
            done = gate.acquire(timeout=timeout_s)
    if failed:
        raise failed.pop()
    time.sleep(_TURN_S)
    return done


def all_tasks() -> list[Any]:
    """Every task of every loop of the process that is not done. Strong references: let go of them soon."""
    found = _noted_tasks()
    if hasattr(asyncio, "future_add_to_awaited_by"):  # 3.14 keeps its tasks where only this function finds them
        for loop in [*(loop for _, loop in running())]:
            found += asyncio.all_tasks(loop)
    unique = {id(one): one for one in found}
    alive = [one for one in unique.values() if not one.done()]
    if not notes.FORKED_S:
        return alive
    here = {id(loop) for _, loop in running()}
    return [one for one in alive if id(one.get_loop()) in here or not _is_the_parents(one)]


def ended() -> list[Any]:
    """Tasks that are done and still known to somebody; none from 3.14 on, which forgets them."""
    return [one for one in _noted_tasks() if one.done()]


def _is_the_parents(task: Any) -> bool:
    """Whether a task whose loop does not run here was made before the fork: asyncio keeps those in its sets."""
    made = getattr(task, "_soak", None)
    return made is None or bool(made[0] < notes.FORKED_S[0])


def _noted_tasks() -> list[Any]:
    """Those that asyncio keeps in Python, done ones among them."""
    found: list[Any] = []
    for name in ("_all_tasks", "_scheduled_tasks"):
        weak = getattr(asyncio.tasks, name, None)
        # A copy in one step of C: other threads make tasks meanwhile.
        found += [one() for one in list(getattr(weak, "data", ()))]
    found += list(getattr(asyncio.tasks, "_eager_tasks", ()))
    return [one for one in found if one is not None]


def running() -> list[tuple[int | None, Any]]:
    """The loops that run now, with their threads; the thread is None where it is not known."""
    found: dict[int, tuple[int | None, Any]] = {}
    for thread, one in list(notes.RUNNING.items()):
        loop = one()
        if loop is not None and not loop.is_closed():
            found[id(loop)] = (thread, loop)
    if "loops" not in notes.HELD:
        for loop in _discovered():
            found.setdefault(id(loop), (getattr(loop, "_thread_id", None), loop))
    return list(found.values())


def _discovered() -> list[Any]:
    """For a program that was not prepared: loops are known by their tasks, else by what the collector knows."""
    found = {id(loop): loop for loop in (one.get_loop() for one in _noted_tasks()) if loop.is_running()}
    if not found:
        import gc  # here only
        from functools import partial
        from itertools import chain, compress, tee

        # In one step of C: another thread may be filling a tuple, which must not be referred to from elsewhere.
        # By their types: isinstance() would run code of the program, as a proxy answers for its class itself.
        is_loop = partial(type.__subclasscheck__, asyncio.AbstractEventLoop)
        one, same = tee(chain.from_iterable(map(gc.get_objects, (None,))))
        every = list(compress(one, map(is_loop, map(type, same))))
        found = {id(loop): loop for loop in every if loop.is_running()}
    return list(found.values())


def describe(thread: int | None, loop: Any, lag_s: float, *, answered: bool) -> dict[str, Any]:
    """What is known of a loop from outside its thread."""
    found: dict[str, Any] = {
        "id": id(loop),
        "kind": f"{type(loop).__module__}.{type(loop).__qualname__}".removeprefix("asyncio.unix_events."),
        "thread": thread,
        "running": True,
        "lag_ms": round(lag_s * 1000, 3),
        "answered": answered,
    }
    try:
        found |= _alive(loop)
    except (AttributeError, RuntimeError, TypeError):  # uvloop keeps this to itself; or it changed under our hands
        found |= {"timers": None, "descriptors": None, "signals": None}
    return found


def _alive(loop: Any) -> dict[str, Any]:
    """What could still happen by itself: timers, descriptors beside the loop's own, signal handlers."""
    own = loop._ssock.fileno() if loop._ssock is not None else -1
    return {
        "timers": sum(1 for timer in list(loop._scheduled) if not timer.cancelled()),
        "descriptors": sum(1 for fd in list(loop._selector.get_map()) if fd != own),
        "signals": len(loop._signal_handlers) + len(handlers()),
    }


def handlers() -> list[Any]:
    """Signal handlers that the program has set itself: not the default, not ignored, not asyncio's own."""
    signal = sys.modules.get("signal")
    if signal is None:
        return []
    found = []
    for number in signal.valid_signals():
        try:
            handler = signal.getsignal(number)
        except (OSError, ValueError):
            continue
        own = getattr(handler, "func", handler)  # a Runner's is a partial of its method
        if callable(handler) and not standard(getattr(own, "__module__", None) or "builtins"):
            found.append(handler)
    return found


def standard(module: Any) -> bool:
    """Whether this is the name of a module that comes with Python."""
    return isinstance(module, str) and module.partition(".")[0] in sys.stdlib_module_names and module != "__main__"
