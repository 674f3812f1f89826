"""When a run looks at the service's environment: once its boot has ended, at its end, and at each failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.journal import EventKind
from soakctl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.journal import Entry
    from soakctl.domain.sample import Sample
    from soakctl.domain.state import RunState

    Ask = Callable[
        [str, str, int | None], None
    ]  # the document's name, the moment, the service's pid; never blocks long

# A service that fails again and again fails for the same reason: what tells is in the first looks.
MOST_FAILURES = 10
BETWEEN_FAILURES_S = 10.0


class SnapshotMoments:
    """An observer that asks for a snapshot where there is something to see."""

    def __init__(self, ask: Ask, *, resumed: bool) -> None:
        """`ask` is given what to write, why, and which process to look at."""
        self._ask = ask
        self._resumed = resumed
        self._started = False
        self._failures = 0
        self._failed_s: float | None = None

    def seen(self, state: RunState, entry: Entry) -> None:
        """Something was recorded."""
        if entry.kind is EventKind.BOOT_ENDED and not self._started:
            self._start(state, entry)  # whatever came of it: what is different here is asked most if it failed
        if _failed(entry):
            self._failure(state, entry)
        elif _ends(entry):
            self._ask("environment_end.json", "end", _living(state))

    def sampled(self, state: RunState, sample: Sample) -> None:
        """Of no interest."""

    def _start(self, state: RunState, entry: Entry) -> None:
        self._started = True
        name = f"environment_resumed_{entry.seq}.json" if self._resumed else "environment_start.json"
        self._ask(name, "start", _living(state))

    def _failure(self, state: RunState, entry: Entry) -> None:
        soon = self._failed_s is not None and entry.elapsed_s - self._failed_s < BETWEEN_FAILURES_S
        if soon or self._failures >= MOST_FAILURES:
            return
        self._failures += 1
        self._failed_s = entry.elapsed_s
        self._ask(f"environment_failure_{entry.seq}.json", "failure", _living(state))


def _living(state: RunState) -> int | None:
    """The process to look at, while there is one."""
    return state.service_pid if state.alive else None


def _failed(entry: Entry) -> bool:
    """Whether the service broke: it ended by itself, went silent, or did not come up."""
    if entry.kind is EventKind.SERVICE_EXITED:
        return not entry.data.get("expected", False) or bool(entry.data.get("failed_run"))
    if entry.kind is EventKind.BOOT_ENDED:
        return entry.data.get("exit") != ExitCode.SUCCESS.name
    return entry.kind is EventKind.LIVENESS_LOST


def _ends(entry: Entry) -> bool:
    """Whether the service is about to be stopped for good."""
    asked = entry.kind is EventKind.STOP_RUNG and entry.data.get("rung") == "requested"
    return asked and bool(entry.data.get("final", True))
