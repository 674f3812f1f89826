"""`status.json`: where a run stands, replaced at each sample for whoever looks from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.state import HISTORY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.journal import Entry
    from soakctl.domain.sample import Sample
    from soakctl.domain.state import RunState
    from soakctl.domain.verdict import Outcome
    from soakctl.ports import Documents


class StatusWriter:
    """An observer that keeps `status.json` true."""

    def __init__(
        self, run_id: str, store: Documents, so_far: Callable[[RunState], Outcome], *, every_sample: bool
    ) -> None:
        """Without `every_sample` (virtual time, in which nobody can look) it is written when the phase changes."""
        self._run_id = run_id
        self._store = store
        self._so_far = so_far
        self._every_sample = every_sample
        self._phase = ""

    def seen(self, state: RunState, _entry: Entry) -> None:
        """Write when the phase has changed; samples do the rest."""
        if state.phase != self._phase:
            self._phase = state.phase
            self._write(state)

    def sampled(self, state: RunState, _sample: Sample) -> None:
        """Write."""
        if self._every_sample:
            self._write(state)

    def _write(self, state: RunState) -> None:
        self._store.write("status.json", status(self._run_id, state, self._so_far(state)))


def status(run_id: str, state: RunState, so_far: Outcome) -> dict[str, Any]:
    """The document."""
    latest = state.latest
    end = state.end_s
    verdicts = [item.verdict for item in state.iterations if not item.partial]
    return {
        "schema": "soakctl.status/1",
        "run_id": run_id,
        "state": str(state.phase),
        "verdict_so_far": so_far.value,
        "elapsed_s": round(state.elapsed_s, 3),
        "observed_s": round(state.observed_s, 3),
        "planned_s": state.plan.duration_s,
        "remaining_s": None if end is None else round(max(0.0, end - state.elapsed_s), 3),
        "updated_unix": round(state.unix, 3),
        "life": state.life,
        "service_pid": state.service_pid,
        "iteration": state.window.index if state.window is not None else None,
        "iterations": {name: verdicts.count(name) for name in ("PASS", "FAIL", "NO_DATA")},
        "exits": len(state.exits),
        "critical": state.critical,
        "latest": {} if latest is None else {name: getattr(latest, name) for name in HISTORY_COLUMNS},
    }
