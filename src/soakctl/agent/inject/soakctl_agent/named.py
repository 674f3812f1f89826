"""What code can get at by name: its globals, what is inside of modules, and what it imports once it runs."""

from __future__ import annotations

import os
import sys
from types import CodeType, ModuleType

from . import loops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LIBRARY = (os.path.dirname(os.__file__) + os.sep, os.path.dirname(__file__) + os.sep, "<frozen")
_INSTALLED = "-packages" + os.sep
_LONGEST = 80  # of a text that may name a module or an attribute


class Named:
    """All of some code, once each.

    Attributes:
        said: every name in it.
    """

    def __init__(self) -> None:
        """None yet."""
        self.said: set[str] = set()
        self._codes: set[tuple[CodeType, int]] = set()

    def by(self, code: CodeType, names: dict[str, Any]) -> Iterator[Any]:
        """What it knows with these globals. Python's own code knows nothing of a program but what it is given."""
        library = code.co_filename.startswith(_LIBRARY) and _INSTALLED not in code.co_filename
        if library or (code, id(names)) in self._codes:
            return
        self._codes.add((code, id(names)))
        words = {*code.co_names, *(one for one in code.co_consts if type(one) is str and len(one) < _LONGEST)}
        self.said |= words
        met: set[int] = set()
        for name in (*words, names.get("__package__") or ""):  # from . import state
            found = names.get(name, sys.modules.get(name))
            if type(found) is ModuleType:
                yield from _inside(found, words, met)
            else:
                yield found
        for constant in code.co_consts:
            if type(constant) is CodeType:
                yield from self.by(constant, names)


def _inside(module: ModuleType, words: set[str], met: set[int]) -> Iterator[Any]:
    """What is called by one of the words in a module, and in those that are in it by such a name."""
    inside = vars(module)
    if id(inside) in met or loops.standard(module.__name__):
        return
    met.add(id(inside))
    for word in words & inside.keys():
        found = inside[word]
        if type(found) is ModuleType:
            yield from _inside(found, words, met)
        else:
            yield found
