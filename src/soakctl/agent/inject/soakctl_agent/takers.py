"""Whether any code of the program does more with a list, set or dict than fill it: then it may take from there."""

from __future__ import annotations

import dis
import gc
import os
import sys
from functools import partial
from itertools import chain, compress, starmap
from operator import attrgetter, is_
from types import CodeType, FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_LIBRARY = (os.path.dirname(os.__file__) + os.sep, os.path.dirname(__file__) + os.sep, "<frozen")
_INSTALLED = "-packages" + os.sep
_FILLS = {"append", "add", "extend", "update", "insert", "remove", "discard", "clear"}
_METHODS = {"LOAD_ATTR", "LOAD_METHOD"}
_CALLS = {"PRECALL", "CALL"}
_NO_STEPS = {"CACHE", "PUSH_NULL", "EXTENDED_ARG", "NOT_TAKEN"}
# A variable of the function itself is another one; what is set or deleted is not taken from.
_OTHERS = ("STORE_", "DELETE_", "LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE", "MAKE_CELL", "COPY_FREE_VARS")


def taken(name: str) -> bool:
    """Whether some function, or what runs now, names an attribute or variable like this and does not only fill it."""
    seen: set[CodeType] = set()
    todo = [*_functions(), *_running()]
    while todo:
        code = todo.pop()
        if code in seen or (code.co_filename.startswith(_LIBRARY) and _INSTALLED not in code.co_filename):
            continue
        seen.add(code)
        todo += [one for one in code.co_consts if type(one) is CodeType]
        if (name in code.co_names or name in _words(code)) and takes(code, name):
            return True
    return False


def takes(code: CodeType, name: str) -> bool:
    """Whether code does more with what has this name than fill it, or asks how much is in it."""
    steps = [step for step in dis.get_instructions(code) if step.opname not in _NO_STEPS]
    named = (place for place, step in enumerate(steps) if step.argval == name and not step.opname.startswith(_OTHERS))
    return not all(_only_fills(steps, place) for place in named)


def _only_fills(steps: list[dis.Instruction], place: int) -> bool:
    ahead = steps[place + 1 : place + 3]
    if steps[place].opname == "LOAD_CONST":  # getattr() and the like need it; a key that is set, an annotation say, not
        return bool(ahead) and ahead[0].opname == "STORE_SUBSCR"
    if not ahead:
        return False
    if ahead[0].opname in _METHODS:
        return ahead[0].argval in _FILLS
    if ahead[-1].opname == "STORE_SUBSCR":
        return len(ahead) > 1
    counted = any(step.argval == "len" for step in steps[max(0, place - 2) : place])
    return ahead[0].opname in _CALLS and counted


def _words(code: CodeType) -> Iterable[str]:
    return (one for one in code.co_consts if type(one) is str)


def _functions() -> list[CodeType]:
    """The code of all functions there are, in one step of C: see `unstarted`."""
    box: list[Any] = []
    fill: Any = filter(None, map(box.append, map(gc.get_objects, (None,))))
    clear: Any = filter(None, starmap(box.clear, ((),)))
    every = chain(fill, chain.from_iterable(box), clear)
    which = map(partial(is_, FunctionType), map(type, chain.from_iterable(box)))
    return list(chain(map(attrgetter("__code__"), compress(every, which)), which))


def _running() -> Iterator[CodeType]:
    """That of a script is no function's."""
    stacks = list(sys._current_frames().values())
    while stacks:
        here: Any = stacks.pop()  # and kept no longer: this function's own is among them, and would keep itself
        while here is not None:
            yield here.f_code
            here = here.f_back
