"""Where memory is allocated: tracemalloc for a bounded time, which ends by itself if nobody ends it.

Only in a program that was started for it. Nothing is imported that costs memory itself.
"""

from __future__ import annotations

import _thread
import _tracemalloc
import gc
import os
import sys
from functools import partial
from itertools import chain, filterfalse
from time import monotonic, process_time

from . import aside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_FRAMES = 4  # each one more makes every allocation dearer
_MOST_S = 900.0
_MOST_NOTES = 16 << 20  # bytes of tracemalloc's own: some 200,000 living allocations
_MOST_LINES = 200
_CHECK_S = 0.25
_MOST_BLOCKS = 5_000_000  # with more objects than that, to list them all would hold the program up
_TYPES_S = 0.03
_ANSWER_S = 2.0
_MANY = 1000
_HEAP_TYPE = 1 << 9
# Until 3.11 a tuple that another thread is filling can be met here, and then filling it fails.
_SAFE = (3, 12)
_MINE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LIBRARY = (os.path.dirname(os.__file__) + os.sep, "<")
_CONTAINERS = (list, dict, set)
_MODULE = type(os)
_is_tuple = partial(type.__instancecheck__, tuple)

Line = tuple[str, int]


class Tracing:
    """One stretch of tracing: from its beginning to its end, or to a limit of time or memory."""

    def __init__(self, for_s: float) -> None:
        """Begin, unless the program itself does it already."""
        self.own = not _tracemalloc.is_tracing()
        self.cut = ""
        self.last: dict[str, Any] = {}
        self.until = monotonic() + min(for_s, _MOST_S)
        self.gate = _thread.allocate_lock()
        self.gate.acquire()
        if self.own:
            _tracemalloc.start(_FRAMES)
        aside.start(self._guard)

    def _guard(self) -> None:
        while not self.gate.acquire(timeout=_CHECK_S):
            late = monotonic() > self.until
            if late or (self.own and _tracemalloc.get_tracemalloc_memory() > _MOST_NOTES):
                self.last = _lines(kinds=True)
                self.cut = "time" if late else "memory"
                self.stop()
                return

    def stop(self) -> None:
        """Leave the program as it was."""
        if self.own and _tracemalloc.is_tracing():
            _tracemalloc.stop()

    def end(self) -> None:
        """Stop, and let the guard go home."""
        self.stop()
        if self.gate.locked():
            self.gate.release()


_state: list[Tracing] = []


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Begin, look or end."""
    what = asked.get("do")
    if what == "begin":
        _end()
        _state.append(Tracing(float(asked.get("for_s", 0.0))))
        return _cost()
    if what == "look" and _state:
        tracing = _state[0]
        found = tracing.last if tracing.cut or not _tracemalloc.is_tracing() else _lines(kinds=bool(asked.get("kinds")))
        return _cost() | found | {"cut": tracing.cut}
    if what == "end":
        cost = _cost()
        _end()
        return cost
    return {"error": "nothing is traced"}


def _end() -> None:
    while _state:
        _state.pop().end()


def forked() -> None:
    """A child goes on with its parent's tracing, which nobody would end here."""
    for tracing in _state:
        tracing.stop()
    _state.clear()


def _cost() -> dict[str, Any]:
    return {"cpu_s": process_time(), "notes_bytes": _tracemalloc.get_tracemalloc_memory(), "at_s": monotonic()}


def _lines(*, kinds: bool) -> dict[str, Any]:
    """Living allocations by the line of the program that made them, and the kinds of objects among them."""
    began = monotonic()
    traces = _tracemalloc._get_traces()
    pause = monotonic() - began
    sums: dict[int, list[Any]] = {}
    for trace in traces:
        found = sums.get(id(trace[2]))  # equal ones are one object
        if found is None:
            sums[id(trace[2])] = [trace[1], 1, trace[2]]
        else:
            found[0] += trace[1]
            found[1] += 1
    lines: dict[Line, list[int]] = {}
    for size, count, frames in sums.values():
        line = _line(frames)
        if line is not None:
            row = lines.setdefault(line, [0, 0])
            row[0] += size
            row[1] += count
    del traces, sums
    most = sorted(lines.items(), key=lambda one: -one[1][0])[:_MOST_LINES]
    types, held = _kinds({line for line, _ in most}) if kinds else ({}, 0.0)
    rows = [[*line, size, count, types.get(line, {})] for line, (size, count) in most]
    return {
        "lines": rows,
        "bytes": sum(size for size, _ in lines.values()),
        "pause_ms": round(max(pause, held) * 1000, 3),
    }


def _line(frames: Sequence[Line]) -> Line | None:
    """The innermost line of the program itself, else of a library; None for the agent's own."""
    for frame in frames:
        name = frame[0]
        if not name.startswith((_MINE, *_LIBRARY)) and "-packages" + os.sep not in name:
            return frame[0], frame[1]
    if any(frame[0].startswith(_MINE) for frame in frames):
        return None
    installed = next((frame for frame in frames if "-packages" + os.sep in frame[0]), frames[0])
    return installed[0], installed[1]


def _kinds(wanted: set[Line]) -> tuple[dict[Line, dict[str, int]], float]:
    """How many objects of which type come from these lines among the latest that lasted; and how long that held up.

    On the loop's thread alone: nothing is under construction there, and what ends, ends where it would.
    """
    found: dict[Line, dict[str, int]] = {}
    took: list[float] = []
    if sys.version_info < _SAFE or sys.getallocatedblocks() > _MOST_BLOCKS or "asyncio" not in sys.modules:
        return found, 0.0
    from . import loops

    def look() -> None:
        began = monotonic()
        _look_at_latest(wanted, found)
        took.append(monotonic() - began)

    for _, loop in loops.running()[:1]:
        loops.on_loop(loop, look, _ANSWER_S)
    return found, max(took, default=0.0)


def _look_at_latest(wanted: set[Line], found: dict[Line, dict[str, int]]) -> None:
    """The latest come last in each generation. The youngest are left out: most of them are about to go."""
    # In one step of C: another thread may be filling a tuple, which must not be referred to from elsewhere.
    objects = list(filterfalse(_is_tuple, chain.from_iterable(map(gc.get_objects, (2, 1)))))
    seen: set[int] = set()
    until = monotonic() + _TYPES_S
    for one in reversed(objects):
        if monotonic() > until:
            return
        _count(one, wanted, found, seen)
        if _holds(one):
            for inner in gc.get_referents(one)[:_MANY]:
                if not gc.is_tracked(inner):
                    _count(inner, wanted, found, seen)


def _holds(one: Any) -> bool:
    """Whether it is a container, or an instance of a class of Python's: what these refer to is whole.

    Never a module: some hand out objects that are dead.
    """
    kind = type(one)
    if kind in _CONTAINERS:
        return True
    inside = kind.__dict__
    ours = kind.__flags__ & _HEAP_TYPE and ("__slots__" in inside or "__dict__" in inside or "__weakref__" in inside)
    return bool(ours) and not issubclass(kind, (type, _MODULE))


def _count(one: Any, wanted: set[Line], found: dict[Line, dict[str, int]], seen: set[int]) -> None:
    frames = _tracemalloc._get_object_traceback(one)
    if frames is None or id(one) in seen:
        return
    line = _line(frames)
    if line in wanted and line is not None:
        seen.add(id(one))
        of = found.setdefault(line, {})
        name = type(one).__qualname__
        of[name] = of.get(name, 0) + 1
