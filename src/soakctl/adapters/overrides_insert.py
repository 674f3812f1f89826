"""Where in the text of a YAML file the values go that do not stand in it yet: a line of their own, by the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.delta import nested

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from yaml import MappingNode, Node

    Spot = tuple[int, int, str]


def insertions(text: str, root: Node | None, values: Mapping[str, Any]) -> Iterator[list[Spot]]:
    """One way after the other to put them there, as places in the text with what is to stand in them."""
    if root is None:
        start = "" if not text or text.endswith("\n") else "\n"
        yield [(len(text), len(text), start + _block(nested(values.items()), 0))]
        return
    by_node: dict[int, tuple[MappingNode, int, dict[str, Any]]] = {}
    for path, value in values.items():
        found = _parent(root, path)
        if found is None:
            return
        node, parts = found
        depth = path.count(".") + 1 - len(parts)
        by_node.setdefault(id(node), (node, depth, {}))[2][".".join(parts)] = value
    # Where two end on one line, the inner one comes first: what is put in later stands before.
    groups = [(node, nested(inner.items())) for node, _, inner in sorted(by_node.values(), key=lambda one: one[1])]
    for at_end in (True, False):
        yield [_spot(text, node, inner, at_end=at_end) for node, inner in groups]


def _parent(root: Node, path: str) -> tuple[MappingNode, list[str]] | None:
    """The innermost object on the way to a path, and what of the path is left."""
    import yaml  # few overrides are YAML  # noqa: PLC0415

    here, parts = root, path.split(".")
    while isinstance(here, yaml.MappingNode):
        found = [value for key, value in here.value if isinstance(key, yaml.ScalarNode) and key.value == parts[0]]
        if not found:
            return here, parts
        here, parts = found[-1], parts[1:]
    return None


def _spot(text: str, node: MappingNode, values: Mapping[str, Any], *, at_end: bool) -> Spot:
    if node.flow_style:
        at, inner = node.end_mark.index - 1, _flow(values)
        return at, at, f", {inner}" if at_end and node.value else f" {inner}" if node.value else inner
    column = node.value[0][0].start_mark.column
    first = node.value[0][0].start_mark.index
    lines = _block(values, column)
    if "\r\n" in text:
        lines = lines.replace("\n", "\r\n")
    if not at_end:
        at = first - column
        return at, at, lines
    last = _last(node)
    if text[last - 1] == "\n":
        return last, last, lines
    end = text.find("\n", last)
    return (len(text), len(text), f"\n{lines}") if end < 0 else (end + 1, end + 1, lines)


def _last(node: Node) -> int:
    """Where the last value in it ends: the mark of a block itself stands behind the comments that follow."""
    import yaml  # noqa: PLC0415 - as above

    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _block(values: Mapping[str, Any], column: int) -> str:
    import yaml  # noqa: PLC0415 - as above

    text = yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True, default_flow_style=False)
    return "".join(" " * column + line for line in text.splitlines(keepends=True))


def _flow(values: Mapping[str, Any]) -> str:
    import yaml  # noqa: PLC0415 - as above

    text = yaml.safe_dump(
        dict(values), sort_keys=False, allow_unicode=True, default_flow_style=True, width=float("inf")
    )
    return str(text).strip()[1:-1]
