"""The parameters as they stand in the overrides file, or why they cannot be tuned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.delta import BlockedError, cast, look_up, nested, same

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.config.tuning import Parameter

Number = int | float


def current(parameters: Mapping[str, Parameter], document: Any) -> tuple[dict[str, Number], str]:
    """The value of each parameter in the file, the initial one where it has none; and what is wrong, or ""."""
    values: dict[str, Number] = {}
    for name, spec in parameters.items():
        try:
            found = look_up(document, spec.path)
        except BlockedError as error:
            return {}, str(error)
        if found is None:
            values[name] = cast(spec, spec.initial)
            continue
        wrong = _wrong(spec, found)
        if wrong:
            return {}, f"{spec.path} {wrong}"
        values[name] = cast(spec, found)
    return values, ""


def _wrong(spec: Parameter, found: Any) -> str:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return f"holds {_kind(found)}, and a number is expected"
    if spec.type == "int" and not float(found).is_integer():
        return f"is {found!r}, and a whole number is expected"
    if not spec.min <= found <= spec.max:
        return f"is {found!r}, out of bounds: {spec.min:g} to {spec.max:g}"
    return ""


def _kind(found: Any) -> str:
    kinds = {bool: "true or false", str: "text", list: "a list", dict: "an object"}
    return kinds.get(type(found), type(found).__name__)


def as_document(parameters: Mapping[str, Parameter], values: Mapping[str, Number]) -> dict[str, Any]:
    """All parameters, nested by their paths: what is recorded and hashed."""
    return nested((spec.path, values[name]) for name, spec in parameters.items())


def found_values(parameters: Mapping[str, Parameter], document: Any) -> dict[str, Any]:
    """What stands at each path after a write, whatever it is; None for nothing."""
    found: dict[str, Any] = {}
    for name, spec in parameters.items():
        try:
            found[name] = look_up(document, spec.path)
        except BlockedError:
            found[name] = None
    return found


def foreign_changes(parameters: Mapping[str, Parameter], recorded: Any, values: Mapping[str, Number]) -> Iterator[str]:
    """A line for each parameter that stands otherwise than it was last recorded."""
    for name, spec in parameters.items():
        before = look_up(recorded, spec.path)
        if not same(before, values[name]):
            yield f"{name} was {before!r} and is {values[name]!r}"
