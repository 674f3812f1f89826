"""What holds a proposal back: freeze, oscillation, velocity, cooldown, asked in this order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soakctl.domain.delta import exact
from soakctl.domain.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.config.tuning import Freeze, Parameter, Tuning
    from soakctl.domain.tuning import Move
    from soakctl.tuning.rules import Proposal

_HOUR_S = 3600.0
# Iterations end within moments of their time; an hour between two of them may be this much shorter (seconds).
_JITTER_S = 36.0


@dataclass(frozen=True, slots=True)
class Steady:
    """Whether parameters rest after this iteration, since when, and whether that began just now."""

    frozen: bool = False
    triggered: bool = False
    left: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """Why a proposal is held back."""

    guard: str
    reason: str

    def to_json(self) -> dict[str, str]:
        """As it is recorded."""
        return {"guard": self.guard, "reason": self.reason}


def steady_state(good: Sequence[bool], freeze: Freeze) -> Steady:
    """Where the freeze stands after the last of these whole iterations, each good or not.

    Good iterations count from the end of a freeze on: what stands still stays good, and would be frozen for ever.
    """
    streak, left, triggered = 0, 0, False
    for outcome in good:
        triggered = False
        if left:
            left -= 1
            continue
        streak = streak + 1 if outcome else 0
        if streak >= freeze.after:
            left, streak, triggered = freeze.iterations, 0, True
    return Steady(frozen=left > 0, triggered=triggered, left=left)


def frozen_keys(tuning: Tuning) -> frozenset[str]:
    """The parameters that a freeze concerns."""
    freeze = tuning.guards.freeze
    if not freeze.parameters and not freeze.groups:
        return frozenset(tuning.parameters)
    grouped = {name for name, spec in tuning.parameters.items() if spec.group in freeze.groups}
    return frozenset(grouped | set(freeze.parameters))


@dataclass(frozen=True, slots=True)
class Guards:
    """The guards after an iteration that ended at `at_s` elapsed seconds."""

    tuning: Tuning
    moves: Sequence[Move]
    iteration: int
    at_s: float
    steady: Steady

    def hold(self, proposal: Proposal) -> Held | None:
        """The first guard that holds the proposal back, or None."""
        spec = self.tuning.parameters[proposal.key]
        own = [move for move in self.moves if move.key == proposal.key]
        reasons = (
            ("freeze", self._freeze(proposal)),
            ("oscillation", self._oscillation(proposal, own)),
            ("velocity", self._velocity(proposal, spec, own)),
            ("cooldown", self._cooldown(spec, own)),
        )
        return next((Held(guard, reason) for guard, reason in reasons if reason), None)

    def _freeze(self, proposal: Proposal) -> str:
        if not self.steady.frozen or proposal.key not in frozen_keys(self.tuning):
            return ""
        return f"the service is steady, so it rests for {counted(self.steady.left, 'more iteration')}"

    def _oscillation(self, proposal: Proposal, own: Sequence[Move]) -> str:
        window = self.tuning.guards.oscillation.window
        for move in reversed(own):
            if self.iteration - move.iteration > window:
                break
            if move.before == proposal.meant:
                ago = counted(self.iteration - move.iteration, "iteration")
                return f"it would go back to {proposal.meant!r}, which was left {ago} ago"
        return ""

    def _velocity(self, proposal: Proposal, spec: Parameter, own: Sequence[Move]) -> str:
        limit = self._per_hour(spec)
        if limit is None:
            return ""
        since = self.at_s - _HOUR_S + _JITTER_S
        spent = sum((abs(exact(m.after) - exact(m.before)) for m in own if m.at_s > since), start=exact(0))
        asked = spent + abs(exact(proposal.meant) - exact(proposal.before))
        if asked <= exact(limit):
            return ""
        return f"it would move by {float(asked):g} within an hour, and {limit:g} is allowed"

    def _per_hour(self, spec: Parameter) -> float | None:
        share = self.tuning.guards.velocity.share
        if spec.max_change_per_hour is not None or share is None:
            return spec.max_change_per_hour
        return float(share) / 100.0 * (spec.max - spec.min)

    def _cooldown(self, spec: Parameter, own: Sequence[Move]) -> str:
        cooldown = self.tuning.guards.cooldown
        if not own:
            return ""
        last = own[-1]
        since = self.iteration - last.iteration
        if last.reverted:
            if since <= cooldown.after_revert:
                return f"a change was taken back {_of(since)} ago, and it rests for {_of(cooldown.after_revert)}"
            return ""
        large = float(cooldown.large) / 100.0 * (spec.max - spec.min)
        if abs(last.after - last.before) >= large and since <= cooldown.iterations:
            moved = f"{last.before!r} to {last.after!r}"
            return f"the change from {moved} was a large one, and it rests for {_of(cooldown.iterations)}"
        return ""


def _of(iterations: int) -> str:
    return counted(iterations, "iteration")
