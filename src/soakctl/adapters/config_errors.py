"""What pydantic found wrong, told for people: by key, with what is allowed and the nearest known word."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from soakctl.adapters.config_document import KeyPath, Problem
from soakctl.domain.config.later import type_of
from soakctl.domain.config.root import Config
from soakctl.domain.config.rule import Condition, When

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_LONGEST_VALUE = 60
_VERSION = ("version",)
_COMPARED = {"greater_than": "more than", "greater_than_equal": "at least", "less_than": "less than",
             "less_than_equal": "at most"}  # fmt: skip
# By the kind of complaint, or by its first word.
_SAID = {
    "missing": "is required and missing",
    "string_too_short": "is empty; write something or leave the key out",
    "tuple": "expected a list like [one, two], found {found}",
    "model": "expected keys and values, found {found}{keys}",
    "dict": "expected keys and values, found {found}",
    "bool": "expected true or false, found {found}",
    "int": "expected a whole number, found {found}",
    "float": "expected a number, found {found}",
    "finite": "expected a finite number, found {found}",
}
_LIMIT_KEYS = ("gt", "ge", "lt", "le")


def problems_in(error: ValidationError) -> list[Problem]:
    """One problem for each complaint. Another version of the format is told alone: the rest would mislead."""
    found = [_problem(one) for one in error.errors(include_url=False)]
    return [one for one in found if one.path == _VERSION] or found


def _problem(error: ErrorDetails) -> Problem:
    path, annotation, section = _place(error["loc"])
    cause = error.get("ctx", {}).get("error")
    if path == _VERSION:
        text = f"{_found(error['input'], path)} is not supported; this soakctl reads version 1"
    elif isinstance(cause, ValueError):
        path, text = (*path, *getattr(cause, "at", ())), str(cause)
    elif error["type"] == "extra_forbidden":
        text = _unknown(str(path[-1]), section)
    else:
        text = _told(error, annotation, path)
    return Problem(path, text)


def _place(loc: tuple[str | int, ...]) -> tuple[KeyPath, Any, Any]:
    """The path of a location without the names of union members; what stands there, and the section around it."""
    path: KeyPath = ()
    here: Any = Config
    section: Any = None
    for step in loc:
        here = _bare(here)
        member = _member(here, step)
        if member is not None:
            here = member
        elif step != "[key]":
            path, section, here = (*path, step), here, _beneath(here, step)
    return path, _bare(here), section


def _bare(annotation: Any) -> Any:
    """The type without its annotations, and without `| None`."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if _is_union(annotation):
        members = [member for member in get_args(annotation) if member is not type(None)]
        return _bare(members[0]) if len(members) == 1 else annotation
    return annotation


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in {Union, UnionType}


def _member(annotation: Any, step: str | int) -> Any:
    """The member of a tagged union with this tag, or None."""
    for member in get_args(annotation) if _is_union(annotation) else ():
        if any(isinstance(note, Tag) and note.tag == step for note in getattr(member, "__metadata__", ())):
            return member
    return None


def _beneath(annotation: Any, step: str | int) -> Any:
    if _is_model(annotation):
        field = next((field for name, field in annotation.model_fields.items() if (field.alias or name) == step), None)
        if field is None and annotation is When:
            return Condition  # a KPI's name is the key
        return type_of(field) if field is not None else None
    if get_origin(annotation) in {tuple, dict}:
        return get_args(annotation)[0 if isinstance(step, int) else -1]
    return None


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _keys(section: Any) -> list[str]:
    if _is_model(section):
        return [field.alias or name for name, field in section.model_fields.items()]
    return [note.tag for member in get_args(section) for note in getattr(member, "__metadata__", ())
            if isinstance(note, Tag)]  # fmt: skip


def _unknown(key: str, section: Any) -> str:
    allowed = _keys(section)
    near = get_close_matches(key, allowed, n=1)
    elsewhere = _elsewhere().get(key, [])
    text = "unknown key"
    if near:
        text += f"; did you mean {near[0]}?"
    elif elsewhere:
        text += f"; it belongs under {' or '.join(elsewhere[:3])}"
    return f"{text}{'' if near else ';'} allowed here: {', '.join(allowed)}"


@cache
def _elsewhere() -> dict[str, list[str]]:
    """Where each key of the configuration stands."""
    found: dict[str, list[str]] = {}
    for section, key in _all_keys(Config, ""):
        if section:
            found.setdefault(key, []).append(section)
    return found


def _all_keys(annotation: Any, section: str, within: tuple[Any, ...] = ()) -> Iterator[tuple[str, str]]:
    annotation = _bare(annotation)
    if annotation in within:
        return  # conditions hold conditions
    if _is_model(annotation):
        for name, field in annotation.model_fields.items():
            key = field.alias or name
            yield section, key
            yield from _all_keys(type_of(field), f"{section}.{key}" if section else key, (*within, annotation))
    elif get_origin(annotation) is tuple or _is_union(annotation):
        for member in get_args(annotation):
            yield from _all_keys(member, section, within)


def _told(error: ErrorDetails, annotation: Any, path: KeyPath) -> str:
    kind, found = error["type"], _found(error["input"], path)
    if kind == "source_kind":
        return _source(error["input"])
    if kind == "literal_error":
        return _choice(annotation, error["input"], found)
    if kind in _COMPARED:
        context = error.get("ctx", {})
        limit = next(context[key] for key in _LIMIT_KEYS if key in context)
        return f"{found} is out of range; must be {_COMPARED[kind]} {_number(limit)}"
    if kind == "string_type":
        quote = '; write ""' if error["input"] is None else "; put it in quotes"
        return f"expected text, found {found}{quote if _is_scalar(error['input']) else ''}"
    said = _SAID.get(kind, _SAID.get(kind.partition("_")[0]))
    if said is None:
        return error["msg"]
    keys = f"; allowed: {', '.join(_keys(annotation))}" if _is_model(annotation) else ""
    return said.format(found=found, keys=keys)


def _number(limit: float) -> str:
    return f"{int(limit):,}" if float(limit).is_integer() else f"{limit:g}"


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float))


def _source(given: Any) -> str:
    kinds = _keys(_place(("kpis", 0, "source"))[1])
    keys = list(given) if isinstance(given, dict) else []
    both = [key for key in keys if key in kinds]
    if both:
        return f"found {' and '.join(both)}; give exactly one of {', '.join(kinds)}"
    near = [close[0] for key in keys if (close := get_close_matches(str(key), kinds, n=1))]
    return f"give exactly one of {', '.join(kinds)}" + (f"; did you mean {near[0]}?" if near else "")


def _choice(annotation: Any, given: Any, found: str) -> str:
    words = [str(word) for word in get_args(annotation)] if get_origin(annotation) is Literal else []
    near = get_close_matches(str(given)[:_LONGEST_VALUE], words, n=1) if isinstance(given, str) else []
    guess = f"; did you mean {near[0]}?" if near else ";"
    return f"{found} is not known{guess} allowed: {', '.join(words)}"


def _found(value: Any, path: KeyPath) -> str:
    """The value as it may be shown: never one that could be a secret."""
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else str(value).lower()
    if isinstance(value, (dict, list, tuple)):
        return "keys and values" if isinstance(value, dict) else "a list"
    if "env" in path or "secrets" in path:
        return "a number" if isinstance(value, (int, float)) else "another value"
    if isinstance(value, int) and abs(value) >= 10**_LONGEST_VALUE:
        return "a huge number"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."
