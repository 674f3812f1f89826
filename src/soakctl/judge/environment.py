"""Two snapshots of an environment compared: what differs, most telling first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.environment import Comparison, Difference
from soakctl.judge.environment_fields import FIELDS, sides
from soakctl.judge.environment_maps import (
    compare_credentials,
    compare_files,
    compare_network,
    compare_packages,
    compare_ports,
    compare_variables,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAPS = (
    compare_packages,
    compare_variables,
    compare_credentials,
    compare_files,
    compare_network,
    compare_ports,
)

_MAY_BE_EMPTY = ("variables", "credentials", "files", "network")
_SECTIONS = ("service", "python", "git", "directory", "limits", "system", *_MAY_BE_EMPTY)


def compare_environments(first: Mapping[str, Any], second: Mapping[str, Any]) -> Comparison:
    """Compare what both hold. What only one of them has looked at is noted, and is no difference.

    Works on documents of other versions: an unknown field is left aside, and so is one of an unexpected shape.
    """
    notes: list[str] = []
    found = [*_fields(first, second)]
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


def _one_sided(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[str]:
    """Sections that one snapshot holds and the other does not, where that is no difference of its own."""
    for section in _SECTIONS:
        values = [document.get(section) for document in (first, second)]
        known = [isinstance(value, dict | list) and (bool(value) or section in _MAY_BE_EMPTY) for value in values]
        if known[0] != known[1]:
            yield f"{section}: only in the {'first' if known[0] else 'second'} snapshot, so not compared"
        elif known[0] and type(values[0]) is not type(values[1]):
            yield f"{section}: not of the same shape in both snapshots, so not compared"
