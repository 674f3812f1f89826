"""Changing values in the text of a JSON or YAML file, so that its comments and its layout stay as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from soakctl.adapters.overrides_insert import insertions
from soakctl.domain.delta import look_up, same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from yaml import Node

    Place = tuple[str, ...]

# Finding values in the text takes a second for so many characters; what is larger is written anew.
_LARGEST = 100_000


def edited(
    text: str, document: Any, values: Mapping[str, Any], *, parse: Callable[[bytes], Any], yaml_text: bool
) -> str | None:
    """The text with these values by path in place of those that differ in `document`, which is what it says now.

    None where that cannot be done: a value does not stand there yet (in YAML it is put there), is shared by an alias,
    or the text would not say the same with it. JSON is found its way in as the YAML that nearly all of it is.
    """
    import yaml  # few overrides are tuned  # noqa: PLC0415

    if len(text) > _LARGEST:
        return None
    # Tabs stand between the values of JSON alone, never in one; YAML does not know them there.
    known = text if yaml_text else text.replace("\t", " ")
    try:
        root = yaml.compose(known, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    spots: list[tuple[int, int, str]] = []
    absent: dict[str, Any] = {}
    for path, value in values.items():
        if same(look_up(document, path), value):
            continue
        node = _node(root, path)
        if node is not None:
            spots.append((node.start_mark.index, node.end_mark.index, scalar(value, yaml_text=yaml_text)))
        elif yaml_text:
            absent[path] = value
        else:
            return None
    for more in insertions(text, root, absent) if absent else ([],):
        changed = text
        for start, end, shown in sorted([*spots, *more], key=lambda spot: spot[0], reverse=True):
            changed = changed[:start] + shown + changed[end:]
        if _says(changed, document, values, parse) if not yaml_text else keeps(text, changed, values, parse):
            return changed
    return None


def scalar(value: Any, *, yaml_text: bool) -> str:
    """A number as it is written in such a file."""
    import yaml  # noqa: PLC0415 - as above

    return yaml.safe_dump(value).partition("\n")[0] if yaml_text else json.dumps(value, allow_nan=False)


def keeps(old: str, new: str, values: Mapping[str, Any], parse: Callable[[bytes], Any]) -> bool:
    """Whether a YAML text holds the values, and everything else as another one spells it, key by key."""
    import yaml  # noqa: PLC0415 - as above

    try:
        found = parse(new.encode())
        if not all(same(look_up(found, path), value) for path, value in values.items()):
            return False
        one, other = (yaml.compose(text, Loader=yaml.SafeLoader) for text in (old, new))
        places = {tuple(path.split(".")) for path in values}
        return other is not None and (one is None or _Spelling(places).alike(one, other, ()))
    except (yaml.YAMLError, ValueError, RecursionError):
        return False


class _Spelling:
    """Two YAML documents, node by node: 0755 and 493, or yes and true, are not the same in a file of somebody else."""

    def __init__(self, places: set[Place]) -> None:
        self.places = places
        self.seen: set[tuple[int, int]] = set()  # what aliases share is looked at once

    def alike(self, one: Node, other: Node, here: Place | None) -> bool:
        """Whether they are the same but for the places; `here` is None where no place is below."""
        import yaml  # noqa: PLC0415 - as above

        if here in self.places:
            return True
        if here is not None and not self._leads(here):
            here = None
        if type(one) is not type(other) or one.tag != other.tag:
            return False
        if isinstance(one, yaml.ScalarNode):
            return bool(one.value == other.value)
        if here is None and (id(one), id(other)) in self.seen:
            return True
        self.seen.add((id(one), id(other)))
        if isinstance(one, yaml.MappingNode):
            return self._mappings(one, other, here)
        return len(one.value) == len(other.value) and all(
            self.alike(item, twin, None) for item, twin in zip(one.value, other.value, strict=True)
        )

    def _mappings(self, one: Node, other: Node, here: Place | None) -> bool:
        left = list(one.value)
        for key, value in other.value:
            below = (*here, str(key.value)) if here is not None else None
            if left and self.alike(left[0][0], key, None):
                if not self.alike(left[0][1], value, below):
                    return False
                del left[0]
            elif below is None or not self._leads(below):
                return False
        return not left

    def _leads(self, here: Place) -> bool:
        return any(place[: len(here)] == here for place in self.places)


def _node(root: Node | None, path: str) -> Node | None:
    """The plain value that stands at a path: of several with one key the last, as readers take it."""
    import yaml  # noqa: PLC0415 - as above

    here = root
    for part in path.split("."):
        if not isinstance(here, yaml.MappingNode):
            return None
        found = [value for key, value in here.value if isinstance(key, yaml.ScalarNode) and key.value == part]
        here = found[-1] if found else None
    return here if isinstance(here, yaml.ScalarNode) else None


def _says(text: str, document: Any, values: Mapping[str, Any], parse: Callable[[bytes], Any]) -> bool:
    """Whether the text holds the values, and everything else as it was."""
    try:
        found = parse(text.encode())
        if not all(same(look_up(found, path), value) for path, value in values.items()):
            return False
    except ValueError:
        return False
    places = {tuple(path.split(".")) for path in values}
    return _alike(found, document, places, ())


def _alike(one: Any, other: Any, apart: set[Place], here: Place) -> bool:
    """Whether two documents are the same but for these places."""
    if here in apart:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_alike(one[key], other[key], apart, (*here, str(key))) for key in one)
    return same(one, other)
