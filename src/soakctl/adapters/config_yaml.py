"""YAML text -> a Document. Words as YAML 1.2 has them (`off` is text), each key once, aliases bounded."""

from __future__ import annotations

import re
from typing import Any

import yaml

from soakctl.adapters.config_document import Document, KeyPath, Problem, syntax_error
from soakctl.errors import ConfigError

_TAG = "tag:yaml.org,2002:"
_MOST_VALUES = 20_000  # a file of a few hundred bytes can expand to billions
_DEEPEST = 50
_LONGEST_INT = 300
# People write ports and numbers there without quotes, and the service must get them as they were written.
_TEXT_KEYS = frozenset({"command", "env", "labels", "tests"})

_INDENTATION = "does not fit the lines above; check the indentation"
# What PyYAML says, and what a person can do about it.
_FRIENDLY = (
    (re.compile(r"found character '\\t'"), "a tab; indent with spaces"),
    (re.compile(r"found character '(.)' that cannot start"), "a value that starts with {} needs quotes"),
    (re.compile(r"mapping values are not allowed"), "a second ': ' in the line; put the value in quotes"),
    (re.compile(r"found unknown escape"), "in double quotes \\ begins an escape; put patterns in single quotes"),
    (re.compile(r"found undefined alias"), "a value that starts with * needs quotes"),
    (re.compile(r"expected alphabetic or numeric"), "a value that starts with * or & needs quotes"),
    (re.compile(r"expected a single document"), "a second document, after '---'; keep one"),
    (re.compile(r"could not find expected ':'"), "expected 'key: value'"),
    (re.compile(r"found unexpected end of stream"), "a quote is not closed"),
    (re.compile(r"expected <block end>"), _INDENTATION),
    (re.compile(r"expected ',' or '([\]}])'"), "expected ',' or '{}'; it is not closed, or a comma is missing"),
)


class _Loader(yaml.SafeLoader):
    """Only the words of YAML 1.2: 1.1 reads `off` as false, `1:30` as 90 and `2025-01-01` as a date."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the name and shape are PyYAML's


for _kind, _words, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_kind}", re.compile(f"^(?:{_words})$"), _first)


def read_yaml(text: str, name: str) -> Document:
    """The values with their lines. Raises ConfigError for what is not YAML, or too large once aliases are expanded."""
    document = Document(name)
    try:
        node = yaml.compose(text, Loader=_Loader)
        if node is not None:
            document.lines[()] = node.start_mark.line + 1
            value = _Builder(document).value(node, ())
            if isinstance(value, dict):
                document.data = value
            elif value is not None:
                found = "a list" if isinstance(value, list) else "a single value"
                document.problems.append(Problem((), f"expected keys and values at the top, found {found}"))
    except yaml.YAMLError as error:
        raise _not_yaml(text, name, error) from None
    except RecursionError:
        message = f"{name}: nested too deeply"
        raise ConfigError(message, where=name) from None
    return document


def _not_yaml(text: str, name: str, error: yaml.YAMLError) -> ConfigError:
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        at = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        return syntax_error(name, text, at, "not YAML: a control character; take it out")
    mark = error.problem_mark or error.context_mark if isinstance(error, yaml.MarkedYAMLError) else None
    if not isinstance(error, yaml.MarkedYAMLError) or mark is None:
        return ConfigError(f"{name}: not YAML: {error}", where=name)
    row = text.splitlines()[mark.line][: mark.column] if mark.line < len(text.splitlines()) else ""
    said = _friendly(f"{error.context or ''}; {error.problem or ''}", row) or error.problem or str(error)
    if error.context_mark is not None and error.context_mark.line != mark.line:
        said += f" (in what begins at line {error.context_mark.line + 1})"
    return syntax_error(name, text, (mark.line + 1, mark.column + 1), f"not YAML: {said}")


def _friendly(problem: str, row: str) -> str:
    """What to do about it, or "". `row` is the line up to the place of the problem."""
    if "mapping values are not allowed" in problem and ":" not in row:
        return _INDENTATION
    for pattern, said in _FRIENDLY:
        if (found := pattern.search(problem)) is not None:
            return said.format(*found.groups())
    return ""


class _Builder:
    """Turns PyYAML's nodes into values, noting lines and problems in the document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen = 0

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        """The value of the node. Raises ConfigError once there are too many, or they nest too deeply."""
        self._seen += 1
        if self._seen > _MOST_VALUES or len(path) > _DEEPEST:
            what = "nested too deeply" if len(path) > _DEEPEST else f"more than {_MOST_VALUES} values"
            message = f"{what}, aliases counted as often as they are used"
            raise ConfigError(self._document.show(path[:3], message), where=self._document.name)
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.value(inner, (*path, place)) for place, inner in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        return self._problem(path, f"the tag {_tag(node)} is not known; write plain values")

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: list[yaml.Node] = []
        for key, inner in node.value:
            if key.tag == f"{_TAG}merge":
                merged += inner.value if isinstance(inner, yaml.SequenceNode) else [inner]
            elif not isinstance(key, yaml.ScalarNode):
                self._problem(path, f"line {key.start_mark.line + 1}: a key must be text")
            elif key.value in found:
                first = self._document.lines[(*path, key.value)]
                here = key.start_mark.line + 1
                self._problem((*path, key.value), f"the key stands twice, in lines {first} and {here}; keep one")
            else:
                self._document.lines[(*path, key.value)] = key.start_mark.line + 1
                found[key.value] = self.value(inner, (*path, key.value))
        for one in merged:
            if isinstance(one, yaml.MappingNode):
                found = {**self._mapping_beneath(one, path, found), **found}
            else:
                self._problem(path, "'<<' takes keys and values by their alias, like '<<: *name'")
        return found

    def _mapping_beneath(self, node: yaml.MappingNode, path: KeyPath, above: dict[str, Any]) -> dict[str, Any]:
        """A mapping merged in by `<<`, without the keys that stand above it."""
        pairs = [(key, inner) for key, inner in node.value if getattr(key, "value", None) not in above]
        self._seen += len(node.value)
        rest = yaml.MappingNode(node.tag, pairs, node.start_mark, node.end_mark)
        built = self.value(rest, path)
        return built if isinstance(built, dict) else {}

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Any:
        text, kind = node.value, node.tag.removeprefix(_TAG)
        if kind == "null":
            return text if text and _as_written(path[:-1]) else None
        if kind in {"str", "merge"} or (kind in {"bool", "int", "float"} and _as_written(path)):
            return text
        try:
            return _number_or_bool(text, kind)
        except (ValueError, KeyError):
            return self._problem(path, f"cannot be read as {_tag(node)}; write plain values")

    def _problem(self, path: KeyPath, text: str) -> None:
        self._document.problems.append(Problem(path, text))


def _as_written(path: KeyPath) -> bool:
    return any(step in _TEXT_KEYS for step in path)


def _number_or_bool(text: str, kind: str) -> Any:
    if kind == "bool":
        return {"true": True, "false": False}[text.lower()]
    if kind == "int" and len(text) <= _LONGEST_INT:
        return int(text, 0 if text[:2] in {"0x", "0o"} else 10)
    if kind == "float":
        return float(text)
    raise KeyError(kind)


def _tag(node: yaml.Node) -> str:
    tag = str(node.tag).replace(_TAG, "!!")[:60]
    return "".join(mark if mark.isprintable() else "?" for mark in tag)
