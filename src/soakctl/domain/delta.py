"""What a parameter change is: a difference, not a value; how it is reckoned, where it stands, how a state is hashed."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from soakctl.domain.hashing import config_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from soakctl.domain.config.tuning import Parameter


class BlockedError(ValueError):
    """A path cannot be followed: something that is no object stands in its way."""


def exact(value: float) -> Decimal:
    """The number as it is written: 0.1 is a tenth, and 0.1 less 0.01 is 0.09."""
    return Decimal(repr(value))


def cast(spec: Parameter, value: Decimal | float) -> int | float:
    """A number of the parameter's type; for int the value must be whole."""
    return int(value) if spec.type == "int" else float(value)


def moved(spec: Parameter, before: float, delta: float) -> int | float:
    """Before plus delta, reckoned in decimals and clamped to the bounds of the parameter."""
    target = exact(before) + exact(delta)
    low, high = exact(spec.min), exact(spec.max)
    return cast(spec, min(max(target, low), high))


def difference(spec: Parameter, before: float, target: Decimal, *, stop: Decimal | None = None) -> int | float:
    """The delta that leads from before to the target, or as near as the parameter's type can be.

    What is no whole number is rounded in the direction of the change, so that 4 times 0.9 is 3 and not 4 for ever;
    but never beyond `stop`, which lies behind before in that direction.
    """
    start = exact(before)
    delta = target - start
    down = delta < 0
    if spec.type == "int":
        whole = int(delta.to_integral_value(ROUND_FLOOR if down else ROUND_CEILING))
        if whole and _beyond(start + whole, stop, down=down):
            whole += 1 if down else -1
        return whole
    near = float(delta)
    while near and _beyond(exact(float(start + exact(near))), stop, down=down):
        near = math.nextafter(near, 0.0)
    return near


def _beyond(target: Decimal, stop: Decimal | None, *, down: bool) -> bool:
    return stop is not None and (target < stop if down else target > stop)


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same to the last bit; 7 and 7.0 are not, nor 1 and true."""
    return type(one) is type(other) and repr(one) == repr(other)


def state_hash(parameters: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of the parameters as they stand in the overrides, nested by their paths."""
    return config_hash(parameters)


def look_up(document: Any, path: str) -> Any:
    """What stands at a path, None where nothing does. Raises BlockedError."""
    here = document
    walked: list[str] = []
    for part in path.split("."):
        if not isinstance(here, dict):
            raise BlockedError(f"{'.'.join(walked) or 'the file'} is not an object, so {path} cannot stand in it")
        if part not in here:
            return None
        here = here[part]
        walked.append(part)
    return here


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Set what stands at a path, with the objects that lead there. Raises BlockedError and changes nothing then."""
    look_up(document, path)
    *above, last = path.split(".")
    here = document
    for part in above:
        # A copy: objects that YAML's aliases share are changed in one place alone.
        here[part] = dict(here.get(part, {}))
        here = here[part]
    here[last] = value


def nested(values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Values by path as the document that holds them, and nothing else."""
    document: dict[str, Any] = {}
    for path, value in values:
        put(document, path, value)
    return document
