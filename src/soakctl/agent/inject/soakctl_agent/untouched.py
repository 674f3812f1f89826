"""What objects of the program are and have, without asking them: their `__getattr__` and `__class__` may run code."""

from __future__ import annotations

from types import GetSetDescriptorType, MemberDescriptorType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_attribute = object.__getattribute__
_bases_of = type.__dict__["__mro__"].__get__
_inside_of = type.__dict__["__dict__"].__get__


def is_a(one: Any, kind: type | tuple[type, ...]) -> bool:
    """As isinstance(), by the real type alone."""
    return issubclass(type(one), kind)


def own(one: Any, name: str, otherwise: Any = None) -> Any:
    """An attribute that an object has of itself, in its `__dict__` or in C, and not by a property."""
    if is_built_in(type(one), name):
        try:
            return _attribute(one, name)
        except AttributeError:  # a slot that is empty
            return otherwise
    inside = attributes(one)
    return inside.get(name, otherwise) if type(inside) is dict else otherwise


def attributes(one: Any) -> Any:
    """The `__dict__` of an object; None for none, and for one that makes it up."""
    return _attribute(one, "__dict__") if is_built_in(type(one), "__dict__") else None


def is_built_in(kind: type, name: str) -> bool:
    """Whether an attribute of a type's objects is one of C, which only reads."""
    for base in _bases_of(kind):
        found = _inside_of(base).get(name)
        if found is not None:
            return type(found) in {GetSetDescriptorType, MemberDescriptorType}
    return False
