"""What is known of the tuning of a run: a fold over its delta events, and the tuning part of each iteration."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from soakctl.domain.delta import state_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.domain.journal import Entry

GUARDS = ("freeze", "oscillation", "velocity", "cooldown")


class Tune(StrEnum):
    """Whether a run tunes: not at all, only in words, or in earnest."""

    OFF = "off"
    PROPOSE = "propose"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Move:
    """A parameter that was changed after an iteration; `reverted`: the change took another one back."""

    key: str
    iteration: int
    at_s: float
    before: float
    after: float
    reverted: bool = False


@dataclass(slots=True)
class TuningState:
    """The tuning of a run so far.

    Attributes:
        parameters: all, nested by path, as last recorded; None before the first look at the file.
        at_start: what stood in the file when the run began: `exists`, `parameters`, `reason` for having none.
        at_end: likewise when the run ended.
        exists: whether there was a file when last recorded; None before the first look.
        state_hash: of them.
        moves: every change that was written, in order.
        open: the proposal whose keys in `pending` have no outcome yet.
        pending: those keys.
        rows: the tuning part of each iteration by its number.
        before: all parameters as they were found when a change was proposed, by iteration.
        handled: the last iteration of which all is decided.
    """

    parameters: dict[str, Any] | None = None
    at_start: Mapping[str, Any] | None = None
    at_end: Mapping[str, Any] | None = None
    exists: bool | None = None
    state_hash: str | None = None
    moves: list[Move] = field(default_factory=list)
    open: Mapping[str, Any] | None = None
    pending: tuple[str, ...] = ()
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    before: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    handled: int = 0

    @property
    def seen(self) -> bool:
        """Whether anything was recorded."""
        return bool(self.rows)


def looked(state: TuningState, entry: Entry) -> None:
    """Take in what stood in the file when the run began, or ended; only the former is where the run goes on from."""
    if entry.data["when"] == "end":
        state.at_end = entry.data
        return
    state.at_start, state.exists = entry.data, entry.data["exists"]
    if entry.data["parameters"] is not None:
        state.parameters, state.state_hash = entry.data["parameters"], state_hash(entry.data["parameters"])


def proposed(state: TuningState, entry: Entry) -> None:
    """Take in a proposal: intent, before any effect."""
    data = entry.data
    state.open = data
    state.pending = tuple(data["values"])
    row = _row(state, data)
    if data["parameters"] is not None:
        state.before[data["iteration"]] = data["parameters"]
    row["proposed_deltas"] = {key: value["delta"] for key, value in data["values"].items()}
    row["values"] = {key: {**value, "found": None} for key, value in data["values"].items()}
    row["rationale"] = data["rationale"]
    row["conflicts"] = data["conflicts"]
    row["revert_of"] = data["revert_of"]


def skipped(state: TuningState, entry: Entry) -> None:
    """Take in what was held back; with no key: that this iteration had nothing to propose, and why."""
    data = entry.data
    row = _row(state, data)
    held = row["skip_reason"].get("keys", {}) if isinstance(row["skip_reason"], dict) else {}
    keys = dict(sorted({**held, **data["skipped"]}.items()))  # live as from the file, in which keys are sorted
    if keys:
        first = next(iter(keys.values()))
        lines = [f"{key}: {why['reason']} ({why['guard']})" for key, why in keys.items()]
        row["skip_reason"] = {"guard": first["guard"], "reason": "; ".join(lines), "keys": keys}
    else:
        row["reason"] = data["reason"]
        row["rationale"] = [*row["rationale"], *data.get("rationale", ())]
    guards = {why["guard"] for why in keys.values()}
    row["cooldown_active"] = "cooldown" in guards
    row["velocity_violation"] = "velocity" in guards
    row["oscillation_detected"] = "oscillation" in guards
    _decided(state, data, tuple(data["skipped"]))


def applied(state: TuningState, entry: Entry, *, reverted: bool) -> None:
    """Take in what was written, as it was found again."""
    data = entry.data
    row = _row(state, data)
    row["applied"] = True
    row["old_hash"] = data["old_hash"]
    row["state_hash"] = data["state_hash"]
    row["parameters"] = data["parameters"]
    row["values"] |= data["values"]
    row["changed_keys"] = sorted(data["values"])
    if data["reason"]:
        row["reason"] = data["reason"]
    for key, value in data["values"].items():
        found = value["found"]
        if isinstance(found, int | float):
            state.moves.append(Move(key, data["iteration"], entry.elapsed_s, value["before"], found, reverted))
    state.parameters, state.state_hash, state.exists = data["parameters"], data["state_hash"], True
    _decided(state, data, tuple(data["values"]))


def _row(state: TuningState, data: Mapping[str, Any]) -> dict[str, Any]:
    """The tuning part of the iteration, which the first of its events begins."""
    row = state.rows.get(data["iteration"])
    if row is None:
        if state.parameters is None:
            state.parameters, state.state_hash = data["parameters"], data["old_hash"]
        row = {
            "proposed_deltas": {},
            "applied": False,
            "skip_reason": "",
            "reason": "",
            "changed_keys": [],
            "values": {},
            "parameters": data["parameters"],
            "state_hash": data["old_hash"],
            "old_hash": data["old_hash"],
            "rationale": [],
            "conflicts": [],
            "revert_of": None,
            "cooldown_active": False,
            "velocity_violation": False,
            "oscillation_detected": False,
            "freeze_triggered": data["freeze_triggered"],
            "frozen": data["frozen"],
        }
        state.rows[data["iteration"]] = row
    return row


def _decided(state: TuningState, data: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    state.pending = tuple(key for key in state.pending if key not in keys)
    if not state.pending:
        state.open = None
        state.handled = max(state.handled, data["iteration"])
