"""The trace of a service that has stalled, told in the words of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.signal import Traced, TracedFinding
from soakctl.services.trace import take_trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.awaits.finding import Finding
    from soakctl.awaits.trace import Trace
    from soakctl.ports import TracedProcesses

_OVER_S = 3.0
_LINES = 4  # where each of two waits, and where each took what the other one waits for


def trace_stalled(
    processes: TracedProcesses,
    *,
    about: str,
    wait: Callable[[float], bool],
    log: Callable[[Trace], None] | None = None,
) -> Traced:
    """Look several times. A service that nobody can look into is no error, and adds nothing. `log` keeps the rest."""
    trace = take_trace(processes, about=about, over_s=_OVER_S, wait=wait)
    if not trace.seen and not trace.findings:
        return Traced(None)
    if log is not None:
        log(trace)
    findings = tuple(TracedFinding(str(one.kind), _sentence(one)) for one in trace.findings)
    tasks = sum(len(looks[-1].tasks) for looks in trace.seen.values())
    none = f"nothing is stuck among {tasks} asyncio tasks" if not findings else ""
    return Traced(trace.to_json(), findings, none)


def _sentence(finding: Finding) -> str:
    where = "; ".join(f"{one.at.rpartition('/')[2]} {one.text}" for one in finding.evidence[:_LINES])
    said = f"{finding.summary}: {where}" if where else finding.summary
    return said if finding.counts else f"for information: {said}"
