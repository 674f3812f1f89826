"""Places in a nested document: its leaves by their keys, and where a key that stands elsewhere belongs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.config.tuning import Parameter

# The keys that lead to a value. A key may hold a dot itself, so that text would take two places for one.
Place = tuple[str, ...]


def place(path: str) -> Place:
    """The place of a parameter's path."""
    return tuple(path.split("."))


def leaves(document: Any, above: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value that is no object with the place where it stands; an empty object is a leaf, too."""
    if not isinstance(document, dict) or not document:
        if above:
            yield above, document
        return
    for key, value in document.items():
        yield from leaves(value, (*above, str(key)))


def told(where: Place) -> str:
    """A place for people; a key that would read as several is quoted."""
    return ".".join(json.dumps(key, ensure_ascii=False) if "." in key or not key else key for key in where)


def last_name(where: Place) -> str:
    """What stands there, by its own name: also where a whole path was taken for one key."""
    return where[-1].rpartition(".")[2]


def place_of(where: Place, specs: Mapping[str, Parameter]) -> tuple[str, str]:
    """The parameter that stands where none belongs, and its own path; the place and "nothing" for none."""
    for key, spec in specs.items():
        if last_name(where) in {key, place(spec.path)[-1]} or where == (key,):
            return key, spec.path
    return told(where), "nothing"
