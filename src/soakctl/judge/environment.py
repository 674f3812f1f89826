"""Two snapshots of an environment compared: what differs, most telling first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from soakctl.domain.environment import SCHEMA, Comparison, Difference
from soakctl.judge.environment_fields import FIELDS, sides
from soakctl.judge.environment_listing import compare_listings
from soakctl.judge.environment_maps import (
    compare_credentials,
    compare_files,
    compare_network,
    compare_packages,
    compare_ports,
    compare_variables,
)
from soakctl.judge.environment_shape import compare_shapes, is_empty, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAPS = (
    compare_packages,
    compare_variables,
    compare_credentials,
    compare_files,
    compare_network,
    compare_ports,
    compare_listings,
    compare_shapes,
)

_MAY_BE_EMPTY = ("variables", "credentials", "files", "network")
_SECTIONS = ("service", "start", "python", "git", "directory", "limits", "system", *_MAY_BE_EMPTY)
_LISTS = ("credentials", "network")


def compare_environments(first: Mapping[str, Any], second: Mapping[str, Any]) -> Comparison:
    """Compare what both hold. What only one of them has looked at is noted, and is no difference.

    Works on documents of other versions: an unknown field is left aside. One of an unexpected shape is a difference.
    """
    notes = list(_newer(first, second))
    found = [*_damaged(first, second), *_fields(first, second)]
    for compare in _MAPS:
        differences, more = compare(first, second)
        found += differences
        notes += more
    notes += _one_sided(first, second)
    ordered = sorted(found, key=lambda each: (each.rank, each.section, each.what, each.before, each.after))
    return Comparison(tuple(ordered), tuple(dict.fromkeys(notes)))


def _fields(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Difference]:
    told: set[tuple[str, str]] = set()
    for field in FIELDS:
        before, after = field.of(first), field.of(second)
        if before is None or after is None or before == after or (field.section, field.key) in told:
            continue
        told.add((field.section, field.key))
        one, other = sides(before, after, field.unit)
        yield Difference(field.section, field.what, one, other, field.rank, field.why)


def _newer(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[str]:
    for which, document in (("first", first), ("second", second)):
        schema = document.get("schema", SCHEMA)
        if schema != SCHEMA:
            yield f"the {which} snapshot is of another version ({schema}): what this soakctl knows of it was compared"


def _damaged(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Difference]:
    """Sections that are of no kind that soakctl writes: what cannot be compared is not the same."""
    for section in _SECTIONS:
        states = [_state(document, section) for document in (first, second)]
        damaged = [state not in {"sound", "none", "unknown", "missing"} for state in states]
        if first.get(section) == second.get(section) or states == ["empty", "empty"]:
            continue
        if any(damaged) or ("missing" in states and "sound" in states):
            told = [state if state != "missing" else "null" for state in states]
            yield Difference(section, "the whole section", told[0], told[1], 0, "damaged: it cannot be compared")
        elif section in {"python", "git"} and "none" in states and "sound" in states:
            told = ["none" if state == "none" else "there" for state in states]
            yield Difference(section, _WHOLE[section], told[0], told[1], 3)


_WHOLE = {"python": "a service that Python runs", "git": "a git repository"}


def _state(document: Mapping[str, Any], section: str) -> str:
    """What a section is: sound, none (there is no such thing), unknown, missing without a word why, or its kind."""
    if section not in document:
        return "unknown"
    value = document[section]
    if value is None:
        notes = document.get("notes")
        rows = notes if isinstance(notes, list) else []
        if section == "service" or any(isinstance(note, Mapping) and note.get("section") == section for note in rows):
            return "unknown"
        return "none" if section in _WHOLE else "missing"
    if isinstance(value, list if section in _LISTS else Mapping):
        return "empty" if is_empty(section, value) else "sound"
    return kind_of(value)


def _one_sided(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[str]:
    """Sections that one snapshot holds and the other does not, where that is no difference of its own."""
    for section in _SECTIONS:
        states = [_state(document, section) for document in (first, second)]
        if states[0] == states[1] not in {"sound", "none", "unknown"} and first[section] == second[section]:
            yield f"{section}: damaged in both snapshots, so not compared"
        elif sorted(states) == ["sound", "unknown"]:
            yield f"{section}: only in the {'first' if states[0] == 'sound' else 'second'} snapshot, so not compared"
