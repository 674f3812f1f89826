"""What the code of a suspended function says that it will do later on with what it knows."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from types import BuiltinMethodType, FunctionType, MethodType

from .untouched import attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

_PUTS = frozenset({"put", "put_nowait"})
_SETS = frozenset({"set_result", "set_exception"})
_WAITS = frozenset({"wait", "get"})
_TAKES = frozenset({"get", "get_nowait"})
_ALL = _PUTS | _SETS | _WAITS | _TAKES
_VARIABLES = ("LOAD_FAST", "LOAD_DEREF", "LOAD_GLOBAL", "LOAD_NAME")
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
_MOST = 1000
# What a metaclass may answer for itself is not asked.
_known: dict[CodeType, list[tuple[str, ...]]] = {}


def puts_back(frame: FrameType, queue: Any) -> bool:
    """Whether the function puts something into the queue, too: then what it takes from there is lent."""
    return _does(frame, queue, _PUTS)


def takes_from(frame: FrameType, queue: Any) -> bool:
    """Whether the function takes items from the queue."""
    return _does(frame, queue, _TAKES)


def sets(frame: FrameType, future: Any) -> bool:
    """Whether the function gives this future its result."""
    return _does(frame, future, _SETS)


def sets_at_its_end(task: Any, future: Any) -> bool:
    """Whether a callback of the task, once it is done, gives this future its result."""
    return any(_calls_back(one, future) for one, *_context in getattr(task, "_callbacks", None) or ())


def _calls_back(callback: Any, future: Any) -> bool:
    kind = type(callback)
    if kind is partial:
        return _calls_back(callback.func, future)
    if issubclass(kind, (MethodType, BuiltinMethodType)):  # there are two kinds of those in C
        return callback.__self__ is future
    if kind is not FunctionType or _SETS.isdisjoint(callback.__code__.co_names):
        return False
    known = [*(callback.__defaults__ or ())]
    for cell in callback.__closure__ or ():
        with suppress(ValueError):  # not filled yet
            known.append(cell.cell_contents)
    return any(one is future for one in known)


def replaced(frame: FrameType, thing: Any) -> bool:
    """Whether the function waits for what its variables or attributes lead to no more: another one is there now."""
    now = _found(frame, _WAITS)
    return any(type(one) is type(thing) for one in now) and not any(one is thing for one in now)


def _does(frame: FrameType, thing: Any, names: frozenset[str]) -> bool:
    return any(one is thing for one in _found(frame, names))


def _found(frame: FrameType, names: frozenset[str]) -> list[Any]:
    """What the function calls a method of these names of, as its variables are now."""
    code = frame.f_code
    if names.isdisjoint(code.co_names):
        return []
    paths = _known.get(code)
    if paths is None:
        paths = _paths(code)
        if len(_known) < _MOST:
            _known[code] = paths
    return [_value(frame, path[:-1]) for path in paths if path[-1] in names]


def _paths(code: CodeType) -> list[tuple[str, ...]]:
    """The methods that it names, each with the way there: `self`, `pool`, `put`."""
    import dis  # only where such a wait is met

    found: list[tuple[str, ...]] = []
    path: tuple[str, ...] = ()
    for step in dis.get_instructions(code):
        named = step.argval[-1] if isinstance(step.argval, tuple) and step.argval else step.argval
        if step.opname.startswith(_VARIABLES):
            path = (str(named),)
        elif step.opname.startswith(_ATTRIBUTES) and path:
            path = (*path, str(named))
            if path[-1] in _ALL:
                found.append(path)
        elif step.opname not in {"PUSH_NULL", "CACHE"}:
            path = ()
    return found


def _value(frame: FrameType, path: tuple[str, ...]) -> Any:
    """What such a way leads to now. Never through a property: nothing of the program's may run."""
    value = frame.f_locals.get(path[0], frame.f_globals.get(path[0])) if path else None
    for name in path[1:]:
        inside = attributes(value)
        value = inside.get(name) if isinstance(inside, dict) else None
    return value
