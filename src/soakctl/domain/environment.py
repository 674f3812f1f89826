"""The environment of a service as a document, and what two of them differ in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SCHEMA = "soakctl.environment/1"
# In the order in which a person asks.
SECTIONS = (
    "service",
    "start",
    "limits",
    "system",
    "directory",
    "python",
    "variables",
    "credentials",
    "files",
    "git",
    "network",
)


class Weight(StrEnum):
    """How likely a difference explains that a service behaves otherwise."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same.

    Attributes:
        section: the part of the snapshot it is in.
        what: the thing, such as `package numpy`.
        before: how it is in the first snapshot, for people.
        after: how it is in the second.
        rank: 0 explains most; equal ranks are told by name.
        why: what it may lead to, or "".
    """

    section: str
    what: str
    before: str
    after: str
    rank: int
    why: str = ""

    @property
    def weight(self) -> Weight:
        """The rank in a word."""
        return Weight.LIKELY if self.rank <= LIKELY else Weight.POSSIBLE if self.rank <= POSSIBLE else Weight.UNLIKELY

    def to_json(self) -> dict[str, Any]:
        """As `soakctl snapshot --diff --json` tells it."""
        return {
            "section": self.section,
            "what": self.what,
            "before": self.before,
            "after": self.after,
            "weight": self.weight.value,
            "why": self.why,
        }


LIKELY, POSSIBLE = 40, 69


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two snapshots differ in, most telling first, and what could not be compared."""

    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs, as far as it could be compared."""
        return not self.differences
