"""Changing values in the text of a JSON or YAML file, so that its comments and its layout stay as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from soakctl.domain.delta import look_up, same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from yaml import Node

# Finding values in the text takes a second for so many characters; what is larger is written anew.
_LARGEST = 100_000


def edited(
    text: str, document: Any, values: Mapping[str, Any], *, parse: Callable[[bytes], Any], yaml_text: bool
) -> str | None:
    """The text with these values by path in place of those that differ in `document`, which is what it says now.

    None where that cannot be done: a value does not stand there yet, is shared by an alias, or the text would not say
    the same with it. JSON is found its way in as the YAML that nearly all of it is.
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
    for path, value in values.items():
        if same(look_up(document, path), value):
            continue
        node = _node(root, path)
        if node is None:
            return None
        spots.append((node.start_mark.index, node.end_mark.index, scalar(value, yaml_text=yaml_text)))
    changed = text
    for start, end, shown in sorted(spots, reverse=True):
        changed = changed[:start] + shown + changed[end:]
    return changed if _says(changed, document, values, parse) else None


def scalar(value: Any, *, yaml_text: bool) -> str:
    """A number as it is written in such a file."""
    import yaml  # noqa: PLC0415 - as above

    return yaml.safe_dump(value).partition("\n")[0] if yaml_text else json.dumps(value, allow_nan=False)


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


def _alike(one: Any, other: Any, apart: set[tuple[str, ...]], here: tuple[str, ...]) -> bool:
    """Whether two documents are the same but for these places."""
    if here in apart:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_alike(one[key], other[key], apart, (*here, str(key))) for key in one)
    return same(one, other)
