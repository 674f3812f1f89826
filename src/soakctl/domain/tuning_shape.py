"""What the tuning part of an iteration must look like before anything is concluded from it."""

from __future__ import annotations

from typing import Any

from soakctl.domain.sample import is_number


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _hash(value: Any) -> bool:
    return value is None or isinstance(value, str)


def is_held(value: Any) -> bool:
    """Keys that were held back, each with its guard and reason."""
    return _object(value) and all(
        _object(why) and isinstance(why.get("guard"), str) and isinstance(why.get("reason"), str)
        for why in value.values()
    )


def is_values(value: Any) -> bool:
    """Keys that were proposed, each with path, before, delta, meant; `found` may hold anything."""
    return _object(value) and all(
        _object(one)
        and isinstance(one.get("path"), str)
        and all(is_number(one.get(name)) for name in ("before", "delta", "meant"))
        for one in value.values()
    )


def is_written(value: Any) -> bool:
    """Keys that were written, each with what was found behind the write."""
    return is_values(value) and all("found" in one for one in value.values())


def _skip_reason(value: Any) -> bool:
    return value == "" or (_object(value) and isinstance(value.get("reason"), str) and is_held(value.get("keys")))


_PART = {
    "proposed_deltas": lambda value: _object(value) and all(is_number(delta) for delta in value.values()),
    "applied": _flag,
    "skip_reason": _skip_reason,
    "values": is_values,
    "parameters": lambda value: value is None or _object(value),
    "state_hash": _hash,
    "old_hash": _hash,
    "rationale": _texts,
    "freeze_triggered": _flag,
}
_ABSENT = object()


def lacks_in_row(row: Any) -> str:
    """The first key of a tuning part that is missing or holds what it cannot, or ""."""
    if not isinstance(row, dict):
        return "tuning"
    return next((f"tuning.{name}" for name, test in _PART.items() if not test(row.get(name, _ABSENT))), "")
