"""The pre-deploy chain: tests, then smoke, then the newest soak; the first step that fails ends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soakctl.domain.verdict import Check, Outcome, Severity, Verdict
from soakctl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step of the chain came out.

    Attributes:
        name: as `tests: pytest tests/unit`, `smoke` or `soak`.
        exit_code: SUCCESS or why it failed.
        what: one line.
        took_s: seconds.
        tail: the last lines of what failed.
        skipped: it was not needed, and `what` says why.
    """

    name: str
    exit_code: ExitCode
    what: str
    took_s: float = 0.0
    tail: tuple[str, ...] = ()
    skipped: bool = False

    @property
    def ok(self) -> bool:
        """Whether the chain may go on."""
        return self.exit_code is ExitCode.SUCCESS


def run_chain(steps: Sequence[Callable[[], StepResult]]) -> Iterator[StepResult]:
    """Run the steps in order, each told as it ends; nothing is run after the first failure."""
    for step in steps:
        result = step()
        yield result
        if not result.ok:
            return


def chain_exit(results: Sequence[StepResult]) -> ExitCode:
    """The code of the first failing step; a chain in which nothing was checked proves nothing."""
    failed = next((result for result in results if not result.ok), None)
    if failed is not None:
        return failed.exit_code
    return ExitCode.SUCCESS if any(not result.skipped for result in results) else ExitCode.CONFIG_ERROR


def chain_verdict(results: Sequence[StepResult]) -> Verdict:
    """The chain as a verdict, a check a step, for those reports that know nothing else."""
    checks = [
        Check(
            f"chain.{result.name}",
            Severity.INFO if result.skipped else Severity.OK if result.ok else Severity.FAIL,
            result.name,
            result.exit_code.label,
            ExitCode.SUCCESS.label,
            reason=result.what,
            evidence=result.tail,
            exit_code=result.exit_code,
        )
        for result in results
    ]
    code = chain_exit(results)
    if code is not ExitCode.SUCCESS and all(result.ok for result in results):
        reason = "nothing was checked, which proves nothing"
        checks.append(Check("gate.no_checks", Severity.FAIL, "Checks", reason=reason, exit_code=code))
    facts = {"observed_s": sum(result.took_s for result in results)}
    return Verdict(Outcome.PASS if code is ExitCode.SUCCESS else Outcome.FAIL, code, tuple(checks), facts=facts)


def chain_document(results: Sequence[StepResult]) -> dict[str, Any]:
    """What `gate --chain --json` prints."""
    code = chain_exit(results)
    failed = next((result.name for result in results if not result.ok), None)
    return {
        "schema": "soakctl.chain/1",
        "ready": code is ExitCode.SUCCESS,
        "exit_code": int(code),
        "exit_name": code.label,
        "first_failed": failed,
        "steps": [
            {
                "name": result.name,
                "ok": result.ok,
                "skipped": result.skipped,
                "exit_code": int(result.exit_code),
                "exit_name": result.exit_code.label,
                "what": result.what,
                "took_s": round(result.took_s, 3),
                "tail": list(result.tail),
            }
            for result in results
        ],
    }
