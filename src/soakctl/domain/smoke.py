"""How a smoke test ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soakctl.errors import ExitCode

if TYPE_CHECKING:
    from soakctl.domain.verdict import Check


@dataclass(frozen=True, slots=True)
class SmokeResult:
    """How a smoke test ended.

    Attributes:
        exit_code: as the process ends.
        took_s: from the start of the service to the decision.
        deadline_s: what was allowed.
        first_event_s: when life was proven; None where it was not.
        sign: what proved it, as `checkpoint event_received` or `port 8000`.
        rows: name, required, time reached or None, captured fields, in order; one a checkpoint.
        reason: what was wrong, one line.
        missing: required checkpoints that were not reached.
        last: the last checkpoint reached.
        hints: what to look at.
        evidence: the lines around the failure.
        stop: how the stop went, as a check.
        trace: what a service that had stalled was waiting for, a sentence each.
    """

    exit_code: ExitCode
    took_s: float
    deadline_s: float
    first_event_s: float | None
    sign: str
    rows: tuple[dict[str, Any], ...]
    reason: str
    missing: tuple[str, ...]
    last: str
    hints: tuple[str, ...]
    evidence: tuple[str, ...]
    stop: Check | None
    trace: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """The last line that users and scripts look for."""
        if self.exit_code is ExitCode.SUCCESS:
            return f"Smoke test PASSED: First event after {self.first_event_s or 0.0:.1f}s"
        if self.exit_code is ExitCode.STALLED:
            # What it was given; that a busy machine decides a moment later is no news.
            return f"Smoke test STALLED: No events after {self.deadline_s:.1f}s"
        kind = "INTERRUPTED" if self.exit_code >= ExitCode.HANGUP else "EXCEPTION"
        return f"Smoke test {kind}: {self.reason}"
