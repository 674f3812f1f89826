"""What cannot be compared of two snapshots: damaged parts, which are differences, and facts that one of them lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from soakctl.domain.environment import SECTIONS, Difference
from soakctl.judge.environment_fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

Way = tuple[str, ...]
_MOST = 8
_KINDS = {str: "a text", list: "a list", bool: "a truth value", int: "a number", float: "a number", type(None): "null"}
_OBJECT, _LIST, _NULL, _GONE = "an object", "a list", "null", "missing"
# A limit is a number or this.
_UNLIMITED = "unlimited"

# What stands under names of its own, `*`: what is not in both is compared elsewhere.
_OPEN = {("variables",), ("files",), ("python", "packages"), ("python", "libraries"), ("files", "*", "counts")}
# Lists of objects, and what each is known by; "" where they change by themselves.
_ROWS = {
    ("credentials",): "name",
    ("network",): "target",
    ("directory", "listing"): "name",
    ("service", "processes"): "",
}
_CONTAINERS = {
    **dict.fromkeys(_OPEN, _OBJECT),
    **dict.fromkeys(_ROWS, _LIST),
    **{(*way, "*"): _OBJECT for way in (("variables",), ("files",), ("python", "packages"))},
    ("service", "ports"): _LIST,
    ("git", "untracked"): _LIST,
}
_MAY_BE_EMPTY = {"variables", "credentials", "files", "network"}
_FIELDS = {(field.section, field.key) for field in FIELDS}
# What is compared, and so worth a word where only one of them has it.
_COMPARED = {
    *_FIELDS,
    *_CONTAINERS,
    *(("system", f"{name}_bytes") for name in ("disk_free", "disk_total", "memory_available")),
    ("variables", "*", "state"),
    ("directory", "entries"),
    ("files", "*", "valid"),
    ("files", "*", "sha256"),
    ("files", "*", "fingerprint"),
    ("files", "*", "counts", "*"),
    ("network", "*", "tls"),
}
_KNOWN = {way[:2] for way in _COMPARED}


def is_empty(section: str, value: Any) -> bool:
    """Whether nothing is in a section that this soakctl knows; where there may be nothing that is no matter."""
    return section not in _MAY_BE_EMPTY and not any((section, key) in _KNOWN for key in value)


class Gap(NamedTuple):
    """A fact that only one snapshot has."""

    section: str
    what: str
    which: str


def compare_shapes(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[list[Difference], list[str]]:
    """Values of another kind than in the other snapshot; notes of what only one of them knows."""
    told: list[Difference | Gap] = []
    for section in SECTIONS:
        pair = first.get(section), second.get(section)
        if section not in _MAY_BE_EMPTY and not all(pair):
            continue  # the whole section is told
        if kind_of(pair[0]) == kind_of(pair[1]) in {_OBJECT, _LIST}:
            told += _inside((section,), (section,), *pair)
    found = [each for each in told if isinstance(each, Difference)]
    return found, list(_notes([each for each in told if isinstance(each, Gap)]))


def kind_of(value: Any) -> str:
    """What a value of JSON is, for people."""
    return _KINDS.get(type(value), _OBJECT)


def _inside(way: Way, names: Way, one: Any, other: Any) -> Iterator[Difference | Gap]:
    """Below two objects or two lists. `way` is the path with `*` for names, `names` that with the names."""
    if isinstance(one, list):
        yield from _rows(way, names, one, other) if way in _ROWS else _items(names, one, other)
        return
    is_open = way in _OPEN
    elsewhere = is_open and way[-1] != "counts"
    for key in sorted({*one} & {*other} if elsewhere else {*one, *other}):
        yield from _value((*way, "*" if is_open else key), (*names, key), one.get(key, ...), other.get(key, ...))


def _value(way: Way, names: Way, one: Any, other: Any) -> Iterator[Difference | Gap]:
    kinds = [_GONE if each is ... else _kind_at(way, each) for each in (one, other)]
    unknown = [kind in {_NULL, _GONE} for kind in kinds]
    if any(unknown):
        if _GONE in kinds and _CONTAINERS.get(way) in kinds:
            yield _damage(names, *kinds)
        elif not all(unknown) and way in _COMPARED:
            yield Gap(names[0], ".".join(names[1:]), "second" if unknown[0] else "first")
    elif kinds[0] != kinds[1]:
        if way not in _FIELDS or one == other:  # else it is told as a fact that differs
            yield _damage(names, *kinds)
    elif kinds[0] in {_OBJECT, _LIST} and _CONTAINERS.get(way, kinds[0]) == kinds[0]:
        yield from _inside(way, names, one, other)
    elif way in _CONTAINERS and one != other:
        yield _damage(names, *kinds)


def _kind_at(way: Way, value: Any) -> str:
    return "a number" if way[0] == "limits" and value == _UNLIMITED else kind_of(value)


def _rows(way: Way, names: Way, one: list[Any], other: list[Any]) -> Iterator[Difference | Gap]:
    """Objects that each are known by one of their texts."""
    key = _ROWS[way]
    broken = [[row for row in rows if not _is_row(row, key)] for rows in (one, other)]
    if broken[0] != broken[1]:
        yield _damage(names, *("with damaged rows" if each else _LIST for each in broken))
    if not key:
        return
    named = [{row[key]: row for row in rows if _is_row(row, key)} for rows in (one, other)]
    for name in sorted({*named[0]} & {*named[1]}):
        yield from _inside((*way, "*"), (*names, name), named[0][name], named[1][name])
    if way == ("network",):  # a host that only one of them was told to ask
        yield from (Gap(names[0], name, "first") for name in sorted({*named[0]} - {*named[1]}))
        yield from (Gap(names[0], name, "second") for name in sorted({*named[1]} - {*named[0]}))


def _is_row(row: Any, key: str) -> bool:
    return isinstance(row, Mapping) and (not key or isinstance(row.get(key), str))


def _items(names: Way, one: list[Any], other: list[Any]) -> Iterator[Difference]:
    kinds = [{kind_of(each) for each in items} for items in (one, other)]
    if all(kinds) and kinds[0] != kinds[1]:
        yield _damage(names, *("of " + ", ".join(sorted(each)) for each in kinds))


def _damage(names: Way, one: str, other: str) -> Difference:
    return Difference(names[0], ".".join(names[1:]) or names[0], one, other, 0, "damaged: it cannot be compared")


def _notes(gaps: list[Gap]) -> Iterator[str]:
    """One for each section and side."""
    for section, which in dict.fromkeys((gap.section, gap.which) for gap in gaps):
        names = [gap.what for gap in gaps if (gap.section, gap.which) == (section, which)]
        shown = ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")
        yield f"{section}: only in the {which} snapshot, so not compared: {shown}"
