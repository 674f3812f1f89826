"""What tuning came to: which parameters it changed, and a diff of the overrides file that can be applied."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_CONTEXT = 3
_NO_END = "\\ No newline at end of file\n"


def changed_parameters(rows: Mapping[int, Mapping[str, Any]]) -> list[tuple[str, Any, Any]]:
    """Path, first and last value of each parameter that the iterations of a run changed, and did not change back."""
    if not rows or rows[max(rows)]["parameters"] is None:
        return []
    old = dict(_leaves(before_first(rows)))
    new = dict(_leaves(rows[max(rows)]["parameters"]))
    return [(path, old.get(path), value) for path, value in new.items() if old.get(path) != value]


def before_first(rows: Mapping[int, Mapping[str, Any]]) -> Any:
    """The parameters as they were before the first change."""
    first = next(row for _, row in sorted(rows.items()) if row["parameters"] is not None)
    document = json.loads(json.dumps(first["parameters"]))
    for value in first["values"].values():
        if value["found"] is not None:
            *above, last = value["path"].split(".")
            here = document
            for part in above:
                here = here[part]
            here[last] = value["before"]
    return document


def _leaves(document: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(document, dict):
        yield above, document
        return
    for key, value in document.items():
        yield from _leaves(value, f"{above}.{key}" if above else key)


def file_diff(old: str | None, new: str, name: str, *, hide: Callable[[str], str]) -> str:
    """A unified diff of a file from `old` (None for no file) to `new`, for `git apply` and `patch -p1`.

    It has as many lines of context as hold nothing that `hide` replaces; "" where the changed lines themselves do.
    """
    for context in range(_CONTEXT, -1, -1):
        diff = _unified(old, new, name, context)
        if hide(diff) == diff:
            return diff
    return ""


def _unified(old: str | None, new: str, name: str, context: int) -> str:
    source = "/dev/null" if old is None else _named(f"a/{name}")
    lines = difflib.unified_diff(
        _lines(old or ""), _lines(new), fromfile=source, tofile=_named(f"b/{name}"), lineterm="\n", n=context
    )
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_END}" for line in lines)


def _lines(text: str) -> list[str]:
    """By line feeds alone: to a diff nothing else ends a line."""
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _named(name: str) -> str:
    """A name as programs read it in a header: quoted where it would be misread, and with an end where it has blanks."""
    quoted = json.dumps(name, ensure_ascii=False)
    if quoted[1:-1] != name:
        return quoted
    return f"{name}\t" if " " in name else name
