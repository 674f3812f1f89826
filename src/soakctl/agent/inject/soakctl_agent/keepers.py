"""What keeps a coroutine that nobody awaits: the list, set, dict or attribute, by its name, and the line that fills it.

Nothing is said where somebody may be going to await it: a function at work with it in a variable, a queue, a tuple of
arguments, an object made to run it. A plain list, set or dict of an object or a module does not, nor does the very
object whose method it is.
"""

from __future__ import annotations

import gc
import sys
from types import CodeType, FunctionType

from . import loops
from .chains import line_of
from .takers import taken
from .untouched import attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_BOXES = (list, dict, set)
_DEEPEST = 5
_DIRECT = 2  # a coroutine and the module that has it as a variable
_INSTALLED = "-packages"
_MODULE_OF = type.__dict__["__module__"].__get__


def keeper(reference: Any) -> dict[str, Any]:
    """`kept`: in words, and `at`: the line that makes such coroutines and names what keeps them; {} for nothing.

    `taken`: some code does more with what keeps them than fill it, so somebody may begin them.

    `reference`: a weak one to the coroutine, so that nobody but its keeper has it.
    """
    path = [reference()]
    while len(path) <= _DEEPEST and _climb(path):
        if type(path[-1]) not in _BOXES:
            return _of_object(path)
        module = _module_of(path[-1])
        if module is not None:
            return _said(path[0], path[-2], path[-1], f"module {module.__name__}") if len(path) > _DIRECT else {}
    return {}


def _climb(path: list[Any]) -> bool:
    """Append the only one that refers to the last; False where there are several, or functions that run now."""
    probe: list[Any] = [[]]
    found, hidden = _referrers(path)
    if len(found) != 1 or hidden > _referrers([probe[0]])[1]:
        return False
    path.append(found[0])
    return True


def _referrers(path: list[Any]) -> tuple[list[Any], int]:
    """What refers to the last of a path, and how many references there are that the collector does not know of."""
    thing = path[-1]
    found = gc.get_referrers(thing)
    hidden = sys.getrefcount(thing) - len(found)
    return [one for one in found if one is not path], hidden


def _of_object(path: list[Any]) -> dict[str, Any]:
    coro, owner = path[0], path[-1]
    names = attributes(owner)
    inside = path[-3] if path[-2] is names else path[-2]
    named = _MODULE_OF(type(owner))
    module = sys.modules.get(named) if type(named) is str else None
    its_own = any(one is owner for one in coro.cr_frame.f_locals.values())
    return (
        _said(coro, inside, names, type(owner).__name__) if _is_own(module) and (inside is not coro or its_own) else {}
    )


def _said(coro: Any, inside: Any, names: Any, owner: str) -> dict[str, Any]:
    name = next((str(name) for name, one in list((names or {}).items()) if one is inside), "")
    kind = "attribute" if inside is coro else type(inside).__name__
    kept = f"the {kind} {name} of {owner}" if name else f"a {kind} of {owner}"
    return {"kept": kept, "at": _maker(coro, name), "taken": not name or taken(name)}


def _module_of(names: Any) -> Any:
    """The module whose variables these are, if it is the program's own."""
    every = [module for module in list(sys.modules.values()) if attributes(module) is names]
    return next(filter(_is_own, every), None)


def _is_own(module: Any) -> bool:
    """Whether a module is the program's, not Python's nor installed."""
    known = attributes(module) or {}  # one that is loaded later on would be loaded by asking for more
    path, name = known.get("__file__"), known.get("__name__")
    return type(path) is str and _INSTALLED not in path and type(name) is str and not loops.standard(name)


def _maker(coro: Any, name: str) -> tuple[str, int, str] | None:
    """The line that calls its function, in code that names what keeps it too; None unless there is exactly one."""
    called = coro.cr_code.co_name
    found = [
        code
        for module in list(sys.modules.values())
        if _is_own(module)
        for code in _codes(attributes(module), attributes(module)["__file__"])
        if {called, name} <= {*code.co_names, *code.co_varnames, *code.co_cellvars, *code.co_freevars}
    ]
    places = {(code.co_filename, line, code.co_qualname) for code in found for line in _lines(code, called)}
    return places.pop() if len(places) == 1 else None


def _codes(names: Any, file: Any) -> Iterator[CodeType]:
    """The code of the functions and methods that are defined in a file, and of those inside of them."""
    for one in list(names.values()):
        if isinstance(one, FunctionType) and one.__code__.co_filename == file:
            yield from _inner(one.__code__)
        elif type(one) is type and one.__module__ == names.get("__name__"):
            yield from _codes({**vars(one), "__name__": ""}, file)


def _inner(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _inner(each)


def _lines(code: CodeType, name: str) -> set[int]:
    import dis  # only when something has been found

    loads = (step for step in dis.get_instructions(code) if step.argval == name and step.opname.startswith("LOAD_"))
    return {line_of(code, step.offset) for step in loads}
