"""Whether the service stayed up, kept working, logged nothing critical and stopped cleanly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.verdict import Check, Severity
from soakctl.domain.wording import counted, died_how, show_count, show_seconds
from soakctl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.config.root import Config
    from soakctl.domain.state import RunState, Stop


def stability_checks(state: RunState, config: Config) -> Iterator[Check]:
    """Boot, crashes, restarts, silence, CRITICAL lines, repeated runs and the stop, in the order of a run."""
    yield from _boot(state)
    yield from _crashes(state)
    yield from _keeper(state)
    if config.service.liveness is not None or state.silences:
        yield _silence(state, config)
    yield _critical(state, config)
    if config.soak.repeat is not None:
        yield _repeats(state, config)
    stop = stop_check(state, config)
    if stop is not None:
        yield stop


def _boot(state: RunState) -> Iterator[Check]:
    boot = state.boot if state.boot is not None and state.boot.result is not None else state.first_boot
    if boot is None or boot.result is None:
        yield Check("boot", Severity.NO_DATA, "Boot", reason="the boot was not seen to its end")
        return
    result = boot.result
    if not boot.passed:
        took = show_seconds(result["took_s"])
        reason = result["reason"] or f"no events after {took}"
        yield Check(
            "boot",
            Severity.FAIL,
            "Boot",
            result["exit"],
            "SUCCESS",
            f"first {took}",
            1,
            reason,
            hint="; ".join(result.get("hints", ())[:3]),
            evidence=tuple(result.get("evidence", ())),
            exit_code=ExitCode[result["exit"]],
        )
        return
    sign = result.get("sign", "")
    if not sign:
        reason = "the process stayed up, but neither output nor a listening port proved it alive"
        hint = "Give service.ready, service.liveness or smoke.checkpoints."
        yield Check("boot", Severity.WARN, "Boot", "no sign of life", reason=reason, hint=hint)
        return
    yield Check("boot", Severity.OK, "Boot", show_seconds(result["took_s"]), reason=sign)
    late = [name for name, seen in boot.reached.items() if not seen.get("in_order", True)]
    if late:
        yield Check("boot.order", Severity.WARN, "Checkpoint order", reason=f"out of order: {', '.join(late)}")


def _crashes(state: RunState) -> Iterator[Check]:
    crashes = state.crashes
    boot_died = state.first_boot is not None and state.first_boot.result is not None and not state.first_boot.passed
    if boot_died:
        return  # the boot's own line says it
    evidence = tuple(
        f"{show_seconds(item['elapsed_s'])}: life {item['life']} {died_how(item['code'])}" for item in crashes[:10]
    )
    if crashes and crashes[0].get("last_lines"):
        evidence += ("its last lines before the first:", *crashes[0]["last_lines"])
    severity = Severity.FAIL if crashes else Severity.OK
    reason = f"the service {died_how(crashes[0]['code'])} by itself" if crashes else ""
    yield Check(
        "stability.crashes",
        severity,
        "Crashes",
        show_count(len(crashes)),
        "0",
        "run",
        max(1, state.life),
        reason,
        evidence=evidence,
    )
    if state.restarts:
        yield Check("stability.restarts", Severity.WARN, "Restarts", show_count(state.restarts), "0", "run", state.life)


def _keeper(state: RunState) -> Iterator[Check]:
    """The service cannot outlive its keeper: an end of the two is no crash, and nothing that a run may pass with."""
    ends = state.keeper_ends
    if not ends:
        return
    reason = f"{ends[0]['cause']}, and the service ended with it, which is not to blame"
    hint = "Look who kills processes here (the kernel's log tells of memory), then run it again."
    evidence = tuple(f"{show_seconds(item['elapsed_s'])}: life {item['life']}: {item['cause']}" for item in ends[:10])
    value = f"ended {counted(len(ends), 'time')}"
    yield Check(
        "stability.keeper", Severity.FAIL, "Keeper", value, "", "run", len(ends), reason, hint, evidence=evidence
    )


def _silence(state: RunState, config: Config) -> Check:
    liveness = config.service.liveness
    limit = f"<= {liveness.silence}" if liveness is not None and liveness.silence is not None else ""
    if not state.silences:
        return Check("stability.liveness", Severity.OK, "Progress", "no long silence", limit, "run")
    first = state.silences[0]
    back = "and came back" if first["restored_s"] is not None else "and never came back"
    reason = f"silent at {show_seconds(first['lost_s'])} for longer than allowed, {back}"
    count = len(state.silences)
    hint = "The process is up but does nothing; look at what it waits for."
    return Check(
        "stability.liveness", Severity.FAIL, "Progress", counted(count, "silence"), limit, "run", count, reason, hint
    )


def _critical(state: RunState, config: Config) -> Check:
    allowed = config.gate.logs.critical
    severity = Severity.FAIL if state.critical > allowed else Severity.OK
    evidence = tuple(state.critical_lines[:5])
    return Check(
        "logs.critical",
        severity,
        "CRITICAL lines",
        show_count(state.critical),
        f"<= {show_count(allowed)}",
        "run",
        state.lines,
        evidence=evidence if severity is Severity.FAIL else (),
    )


def _repeats(state: RunState, config: Config) -> Check:
    failed = sum(item.failed_runs for item in state.iterations)
    allowed = config.gate.failures
    severity = Severity.FAIL if failed > allowed else Severity.OK
    return Check(
        "stability.repeats",
        severity,
        "Failed runs",
        show_count(failed),
        f"<= {show_count(allowed)}",
        "run",
        len(state.iterations),
        evidence=tuple(state.failed_runs[:10]),
    )


def stop_check(state: RunState, config: Config) -> Check | None:
    """How the final stop went; None where there was none to judge."""
    stop = state.stop
    if stop is None or stop.left is None or config.soak.repeat is not None or not stop.asked:
        return None
    problems = list(_stop_problems(stop, config, attached=state.attached))
    # A stalled service is looked into before it is asked; that time is not its own.
    asked_s = next((rung["elapsed_s"] for rung in stop.rungs if rung["rung"] == "asked"), stop.requested_s)
    took = stop.rungs[-1]["elapsed_s"] - asked_s if stop.rungs else 0.0
    severity = Severity.FAIL if problems else Severity.OK
    taken = [rung for rung in stop.rungs if rung["rung"] in {"asked", "asked_rest", "killed"}]
    path = ", ".join(f"{rung['rung'].replace('_', ' ')} {rung['signal']}" for rung in taken)
    grace = f"<= {config.service.stop.grace}"
    return Check(
        "stability.stop", severity, "Clean stop", show_seconds(took), grace, "", 0, "; ".join(problems) or path
    )


def _stop_problems(stop: Stop, config: Config, *, attached: bool) -> Iterator[str]:
    if attached:
        return
    for rung in stop.rungs:
        if rung["rung"] == "killed" and stop.kept:
            yield f"{counted(rung['targets'], 'process', 'processes')} had to be killed"
        elif rung["rung"] == "not_verified":
            yield f"the verification failed: {rung['detail']}"
        elif rung["rung"] == "not_logged":
            yield f"it did not log {', '.join(rung['patterns'])}"
    if stop.left:
        yield f"{counted(stop.left, 'process', 'processes')} could not be ended"
    killed = any(rung["rung"] == "killed" for rung in stop.rungs)
    number = int(config.service.stop.signal)
    # A handler that ends as the signal would says so as a shell does: 128 + its number (traps, every JVM).
    clean = {*config.service.stop.clean_exit, -number, 128 + number}
    if stop.asked and stop.exited and not killed and stop.exit_code is not None and stop.exit_code not in clean:
        yield f"it {died_how(stop.exit_code)}"
