"""The verdict of a run that goes on, from what is known without reading its record back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.verdict import Outcome, Severity
from soakctl.judge.kpi import judge_kpi
from soakctl.judge.stability import stability_checks
from soakctl.judge.verdict import judged_iterations

if TYPE_CHECKING:
    from soakctl.domain.config.root import Config
    from soakctl.domain.state import RunState


def verdict_so_far(state: RunState, config: Config, *, mock: bool) -> Outcome:
    """FAIL as soon as something has failed for good; growth and completeness are left to the end."""
    counted = judged_iterations(state)
    checks = list(stability_checks(state, config)) if state.began_s is not None else []
    if counted:
        checks += [judge_kpi(kpi, counted, window=config.gate.window, mock=mock) for kpi in config.kpis]
    severities = {check.severity for check in checks}
    if Severity.FAIL in severities:
        return Outcome.FAIL
    return Outcome.WARN if severities & {Severity.WARN, Severity.NO_DATA} else Outcome.PASS
