"""What became of the parameter changes of a run, as verified from its record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from soakctl.domain.verdict import Check


@dataclass(frozen=True, slots=True)
class Problem:
    """Something recorded that cannot be true, or that is not what was meant."""

    iteration: int
    key: str
    what: str
    meant: str
    found: str

    def line(self) -> str:
        """For people, in one line."""
        return f"iteration {self.iteration}, {self.key}: meant {self.meant}, found {self.found} ({self.what})"

    def to_json(self) -> dict[str, Any]:
        """By name."""
        names = ("iteration", "key", "what", "meant", "found")
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class Verified:
    """What the tuning of an iteration came to: keys by outcome, and whether the state moved as it must.

    `outcome`: none, full, partial, skipped, failed, stuck or unverified.
    `stuck`: marked applied, and the state is as it was, whatever else is wrong.
    """

    iteration: int
    before: int | None
    proposed: tuple[str, ...] = ()
    applied: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    reverted: bool = False
    changed: bool | None = None
    match: bool | None = None
    outcome: str = "none"
    reason: str = ""
    stuck: bool = False
    problems: list[Problem] = field(default_factory=list)

    def failed(self, problems: Iterable[Problem]) -> None:
        """Take in what was found to be wrong: nothing of it counts as applied, and the first one is the reason."""
        self.problems += [problem for problem in problems if problem not in self.problems]
        if not self.problems:
            return
        broken = {problem.key for problem in self.problems}
        self.applied = tuple(key for key in self.applied if key not in broken)
        self.match = False
        self.outcome = "stuck" if self.stuck else "failed"
        self.reason = self.problems[0].line()

    def to_json(self) -> dict[str, Any]:
        """By name, ready for JSON."""
        return {
            "iteration": self.iteration,
            "before": self.before,
            "proposed": list(self.proposed),
            "applied": list(self.applied),
            "skipped": dict(self.skipped),
            "reverted": self.reverted,
            "signature_changed": self.changed,
            "parameters_match": self.match,
            "outcome": self.outcome,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class DeltaJudgement:
    """The verified rows of a run, everything that is wrong with them, and the checks made of that."""

    rows: tuple[Verified, ...]
    problems: tuple[Problem, ...]
    checks: tuple[Check, ...]
    facts: Mapping[str, Any]
