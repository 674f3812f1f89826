"""smoke: boot the service, follow its checkpoints, prove it alive within the deadline, stop it cleanly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.plan import Plan
from soakctl.domain.smoke import SmokeResult
from soakctl.domain.state import RunState
from soakctl.domain.verdict import Severity
from soakctl.errors import ExitCode
from soakctl.judge.stability import stop_check
from soakctl.services.engine.boot import BootPart
from soakctl.services.engine.engine import Engine
from soakctl.services.engine.lifecycle import Lifecycle
from soakctl.services.engine.smoke_end import SmokeEnd
from soakctl.services.engine.tracing import TracePart

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.config.root import Config
    from soakctl.ports import Observer, RunStore, World


def run_smoke(
    config: Config,
    world: World,
    store: RunStore,
    *,
    redact: Callable[[Any], Any],
    observer: Observer | None = None,
) -> SmokeResult:
    """Boot the service once and stop it. Never raises for the service's sake."""
    state = RunState(plan=Plan(float(config.smoke.deadline), float(config.smoke.deadline), 1.0, 1))
    tracing = TracePart(kept=False)
    lifecycle = Lifecycle(config.service, restarts=False, held=lambda: tracing.holds)
    parts = (tracing, lifecycle, BootPart(config, prove_life=True), SmokeEnd())
    Engine(world, store, parts, state, redact=redact, observer=observer).run()
    return _result(state, config)


def _result(state: RunState, config: Config) -> SmokeResult:
    boot = state.first_boot
    result = boot.result if boot is not None else None
    signum = state.ended.get("signum") if state.ended is not None else None
    if boot is None or result is None or (signum and result["exit"] != "SUCCESS"):
        code = ExitCode(128 + signum) if signum else ExitCode.INTERNAL
        result = {"exit": code.name, "reason": "stopped before the boot was decided", "took_s": state.elapsed_s}
    code = ExitCode[result["exit"]]
    stop = stop_check(state, config)
    reason = result.get("reason", "")
    if code is ExitCode.SUCCESS and stop is not None and stop.severity is Severity.FAIL:
        code, reason = ExitCode.EXCEPTION, f"the service did not stop cleanly: {stop.reason}"
    return SmokeResult(
        exit_code=code,
        took_s=float(result["took_s"]),
        deadline_s=float(config.smoke.deadline),
        first_event_s=result.get("first_event_s"),
        sign=result.get("sign", ""),
        rows=_rows(state, config),
        reason=reason,
        missing=tuple(result.get("missing", ())),
        last=result.get("last", ""),
        hints=tuple(result.get("hints", ())),
        evidence=tuple(result.get("evidence", ())),
        stop=stop,
        trace=tuple(finding["reason"] for finding in state.findings if finding["id"].startswith("trace.")),
    )


def _rows(state: RunState, config: Config) -> tuple[dict[str, Any], ...]:
    reached = state.first_boot.reached if state.first_boot is not None else {}
    points = [(point.name, point.must_come) for point in config.smoke.checkpoints]
    points += [(name, True) for name in reached if name not in dict(points)]
    rows, before = [], 0.0
    for name, required in points:
        seen = reached.get(name)
        at = None if seen is None else float(seen["at_s"])
        rows.append(
            {
                "name": name,
                "required": required,
                "at_s": at,
                "took_s": None if at is None else round(max(0.0, at - before), 6),
                "fields": {} if seen is None else seen["fields"],
                "in_order": True if seen is None else seen["in_order"],
            }
        )
        before = before if at is None else at
    return tuple(rows)
