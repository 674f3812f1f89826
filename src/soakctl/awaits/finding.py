"""What was found wrong: a kind, a sentence, who takes part, who suffers, and the lines that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """All that can be found, in the order in which it is told."""

    THREAD_LOOP_DEADLOCK = "thread_loop_deadlock"
    BLOCKED_LOOP = "blocked_loop"
    DEADLOCK = "deadlock"
    LOCK_ABANDONED = "lock_abandoned"
    EXHAUSTED_POOL = "exhausted_pool"
    STUCK_QUEUE = "stuck_queue"
    STARVED_CONSUMER = "starved_consumer"
    CANCEL_IGNORED = "cancel_ignored"
    TASK_LEAK = "task_leak"
    NEVER_AWAITED = "never_awaited"
    WAITING_OUTSIDE = "waiting_outside"


class Confidence(StrEnum):
    """How sure it is. Information is nothing wrong by itself."""

    CERTAIN = "certain"
    LIKELY = "likely"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line of the program and what it shows. `at` is `file:line`."""

    at: str
    text: str

    def to_json(self) -> dict[str, Any]:
        """As it stands in the document."""
        return {"at": self.at, "text": self.text}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong in one process.

    Attributes:
        kind, confidence, summary: what, how surely, and in a sentence.
        members: the tasks, threads or loops that it is made of.
        victims: those that wait for a member, and are well otherwise.
        evidence: lines of the program.
        pid: the process.
        hint: what usually cures it.
    """

    kind: Kind
    confidence: Confidence
    summary: str
    members: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    victims: tuple[str, ...] = ()
    pid: int = 0
    hint: str = ""

    @property
    def counts(self) -> bool:
        """Whether something is wrong; information alone leaves the exit code at 0."""
        return self.confidence is not Confidence.INFORMATION

    def to_json(self) -> dict[str, Any]:
        """As it stands in the document."""
        return {
            "kind": str(self.kind),
            "confidence": str(self.confidence),
            "summary": self.summary,
            "members": list(self.members),
            "victims": list(self.victims),
            "evidence": [one.to_json() for one in self.evidence],
            "pid": self.pid,
            "hint": self.hint,
        }
