"""What an older tool tells of the tuning in an iteration, by whichever of the names it uses."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soakctl.domain.sample import is_number
from soakctl.domain.tuning import GUARDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SKIPPED = "skipped"
# Flags that tell which guard was active, where no reason is told.
_FLAGS = {
    "freeze_triggered": "freeze",
    "oscillation_detected": "oscillation",
    "velocity_violation": "velocity",
    "cooldown_active": "cooldown",
}
# Some tools cut a hash for people; fewer figures than this prove nothing.
_LEAST_FIGURES = 8
_HASH = re.compile(rf"(sha256:)?[0-9a-f]{{{_LEAST_FIGURES},64}}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OlderRow:
    """A tuning part, taken apart.

    Attributes:
        number: of the iteration.
        deltas: what was proposed, by parameter.
        applied: whether it is marked applied.
        held: what of it was held back, with the guard.
        changed: the keys that it says were changed, None where it says nothing; with and without what leads to them.
        reason: why, for people.
        values: by parameter, where they were recorded.
        parameters: all of them after the write, where they were recorded.
        signature: of the state after the write.
        hashed: whether it stands under the name `state_hash`, which promises how it is made.
        old: of the state before.
        wrong: the fields that are missing or malformed.
    """

    number: int
    deltas: Mapping[str, float]
    applied: bool
    held: Mapping[str, str]
    changed: frozenset[str] | None
    reason: str
    values: Mapping[str, Mapping[str, Any]]
    parameters: Mapping[str, Any] | None
    signature: str | None
    hashed: bool
    old: str | None
    wrong: tuple[str, ...]

    @property
    def written(self) -> tuple[str, ...]:
        """The parameters that are marked applied."""
        return tuple(sorted(key for key in self.deltas if key not in self.held)) if self.applied else ()

    @property
    def is_proven(self) -> bool:
        """Whether the signature is the hash of the parameters."""
        return self.signature is not None and self.parameters is not None and proves(self.signature, self.parameters)


def read_row(number: int, row: Mapping[str, Any]) -> OlderRow:
    """Take a tuning part apart; what is not as it must be is named and left out."""
    wrong: list[str] = []
    deltas = _mapping(row, "proposed_deltas", wrong, required=True)
    broken = [key for key, delta in deltas.items() if not is_number(delta)]
    wrong += [f"proposed_deltas.{key}" for key in broken]
    deltas = {key: delta for key, delta in deltas.items() if key not in broken}
    applied = row.get("applied")
    if not isinstance(applied, bool):
        wrong.append("applied")
    parameters = _mapping(row, "parameters", wrong) if row.get("parameters") is not None else None
    values = {key: value for key, value in _mapping(row, "values", wrong).items() if isinstance(value, dict)}
    signature = _text(row, "state_hash", wrong) or _text(row, "signature", wrong)
    wrong += [name for name in ("state_hash", "old_hash") if _is_no_hash(row.get(name))]
    if signature is None and parameters is None:
        wrong.append("state_hash")
    guard, reason = _why(row, wrong)
    changed = _changed(row.get("changed_keys"))
    return OlderRow(
        number,
        deltas,
        applied is True,
        _held(row, deltas, values, guard, changed),
        changed,
        reason,
        values,
        parameters,
        signature,
        bool(row.get("state_hash")),
        _text(row, "old_hash", wrong),
        tuple(dict.fromkeys(wrong)),
    )


def _mapping(row: Mapping[str, Any], name: str, wrong: list[str], *, required: bool = False) -> dict[str, Any]:
    found = row.get(name)
    if isinstance(found, dict):
        return found
    if required or found is not None:
        wrong.append(name)
    return {}


def _text(row: Mapping[str, Any], name: str, wrong: list[str]) -> str | None:
    found = row.get(name)
    if found is None or isinstance(found, str):
        return found or None
    wrong.append(name)
    return None


def _why(row: Mapping[str, Any], wrong: list[str]) -> tuple[str, str]:
    """Guard and reason of what was held back; both empty where nothing tells one."""
    skip = row.get("skip_reason", "")
    if isinstance(skip, dict):
        told, guard = _words(skip.get("reason")), _words(skip.get("guard"))
        if guard:
            return guard, told or guard
        active = [str(name) for name, on in skip.items() if on is True]
        return (active[0], told or ", ".join(active)) if active else (_SKIPPED if told else "", told)
    if _words(skip):
        return next((guard for guard in GUARDS if guard in skip.lower()), _SKIPPED), skip.strip()
    if skip is not None and not isinstance(skip, str):
        wrong.append("skip_reason")
    flag = next((flag for flag in _FLAGS if row.get(flag) is True), None)
    return (_FLAGS[flag], flag) if flag is not None else ("", "")


def _words(value: Any) -> str:
    """A text without the blanks around it; "" for what is none. Blanks alone are no reason."""
    return value.strip() if isinstance(value, str) else ""


def _held(
    row: Mapping[str, Any],
    deltas: Mapping[str, float],
    values: Mapping[str, Mapping[str, Any]],
    guard: str,
    changed: frozenset[str] | None,
) -> dict[str, str]:
    """The proposals that were held back with a reason, each with its guard."""
    skip = row.get("skip_reason")
    keys = skip.get("keys") if isinstance(skip, dict) else None
    if isinstance(keys, dict):
        guards = {key: _guard_of(why, guard) for key, why in keys.items()}
        return {key: name for key, name in guards.items() if name and key in deltas}
    if not guard:
        return {}
    if row.get("applied") is not True:
        return dict.fromkeys(sorted(deltas), guard)
    if not skip:  # a flag beside what was applied tells nothing of the keys
        return {}
    if changed is not None:
        return {key: guard for key in sorted(deltas) if key not in changed}
    return {key: guard for key in sorted(deltas) if key in values and values[key].get("found") is None}


def _guard_of(why: Any, guard: str) -> str:
    """The guard that held a key back; that of the row where the key has neither words nor an object of its own."""
    if isinstance(why, dict):
        return _words(why.get("guard")) or (_SKIPPED if _words(why.get("reason")) else "")
    return _words(why) if isinstance(why, str) else guard


def _changed(value: Any) -> frozenset[str] | None:
    if not isinstance(value, list):
        return None
    keys = [item for item in value if isinstance(item, str)]
    return frozenset([*keys, *(key.rpartition(".")[2] for key in keys)])


def _is_no_hash(value: Any) -> bool:
    """Whether it stands where a SHA-256 belongs, and cannot be one, whole or cut."""
    return isinstance(value, str) and bool(value) and _HASH.fullmatch(value) is None


def proves(signature: str, parameters: Mapping[str, Any]) -> bool:
    """Whether a signature is the SHA-256 of the parameters as JSON with sorted keys, however it is spaced."""
    figures = signature.lower().removeprefix("sha256:")
    if len(figures) < _LEAST_FIGURES:
        return False
    return any(digest.startswith(figures) for digest in _digests(parameters))


def _digests(parameters: Mapping[str, Any]) -> Iterator[str]:
    for separators in ((",", ":"), (", ", ": ")):
        for escaped in (False, True):
            text = json.dumps(parameters, sort_keys=True, separators=separators, ensure_ascii=escaped)
            yield hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
