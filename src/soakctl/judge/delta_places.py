"""Places in a nested document: its leaves by path, and where a key that stands elsewhere belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.config.tuning import Parameter


def leaves(document: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no object with the path that leads there; an empty object is a leaf, too."""
    if not isinstance(document, dict) or not document:
        if above:
            yield above, document
        return
    for key, value in document.items():
        yield from leaves(value, f"{above}.{key}" if above else str(key))


def place_of(path: str, specs: Mapping[str, Parameter]) -> tuple[str, str]:
    """The parameter that stands at a path where none belongs, and its own path; the path and "nothing" for none."""
    last = path.rpartition(".")[2]
    for key, spec in specs.items():
        if last in {key, spec.path.rpartition(".")[2]} or path == key:
            return key, spec.path
    return path, "nothing"
