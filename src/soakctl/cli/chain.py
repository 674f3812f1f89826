"""`soakctl gate --chain`: may this be deployed?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from soakctl.cli.machines import tell_machines
from soakctl.cli.options import GLOBALS
from soakctl.cli.output import document, line, show
from soakctl.cli.smoke import boot_once
from soakctl.cli.wiring.chain import run_tests
from soakctl.cli.wiring.runs import recorded
from soakctl.domain.run import Mode
from soakctl.errors import ExitCode, NoDataError, SoakctlError
from soakctl.report.smoke import smoke_report
from soakctl.report.subject import Subject
from soakctl.report.verdict import verdict_report
from soakctl.services.chain import StepResult, chain_document, chain_exit, chain_verdict, run_chain
from soakctl.services.gate import judge_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.cli.wiring.setup import Setup


def chain(setup: Setup, *, strict: bool, fail_on_warn: bool, mock: bool, junit: str | None = None) -> int:
    """Run the chain, tell each step, and give the exit code of the first that failed."""
    asked = setup.config.gate.chain
    steps: list[Callable[[], StepResult]] = [
        partial(_told, "tests", partial(run_tests, setup, argv)) for argv in asked.tests
    ]
    if asked.smoke != "off":
        steps.append(partial(_told, "smoke", partial(_smoke, setup, required=asked.smoke == "required")))
    if asked.soak != "off":
        required = asked.soak == "required"
        newest = partial(_soak, setup, required=required, strict=strict, fail_on_warn=fail_on_warn, mock=mock)
        steps.append(partial(_told, "soak", newest))
    results = []
    for result in run_chain(steps):
        results.append(result)
        mark = "skip" if result.skipped else "ok  " if result.ok else "FAIL"
        line(setup.redactor.text(f"{mark}  {result.name}: {result.what} ({result.took_s:.1f}s)"))
        for text in result.tail:
            line(f"      | {text}")
    code = chain_exit(results)
    if GLOBALS.json:
        document(setup.redactor.value(chain_document(results)))
    failed = next((result.name for result in results if not result.ok), None)
    if failed is not None:
        line(setup.redactor.text(f"The first step that did not pass: {failed} (exit {int(code)}, {code.label})"))
    elif code is not ExitCode.SUCCESS:
        line("Nothing was checked: configure gate.chain and service.command.")
    exit_code = tell_machines(
        Subject("The pre-deploy chain", setup.config.service.name), chain_verdict(results), setup, junit=junit
    )
    line("READY TO DEPLOY" if code is ExitCode.SUCCESS else "NOT READY - Fix issues")
    return exit_code


def _told(name: str, step: Callable[[], StepResult]) -> StepResult:
    """An error of a step is the step's failure, with its own code."""
    try:
        return step()
    except SoakctlError as error:
        hint = (f"hint: {error.hint}",) if error.hint else ()
        return StepResult(name, error.exit_code, error.message, tail=hint)


def _smoke(setup: Setup, *, required: bool) -> StepResult:
    if setup.config.service.command is None and not required:
        return StepResult("smoke", ExitCode.SUCCESS, "no service is configured", skipped=True)
    result = boot_once(setup, setup.config)
    if result.exit_code is not ExitCode.SUCCESS:
        show(smoke_report(result, service=setup.config.service.name))
    return StepResult("smoke", result.exit_code, result.headline, result.took_s)


def _soak(setup: Setup, *, required: bool, strict: bool, fail_on_warn: bool, mock: bool) -> StepResult:
    try:
        record, _ = recorded("latest", setup.environment, redact=setup.redactor.value)
    except NoDataError as error:
        if required:
            raise
        return StepResult("soak", ExitCode.SUCCESS, error.message, skipped=True)
    judgement = judge_run(record, mock=mock or None, strict=strict, fail_on_warn=fail_on_warn)
    verdict = judgement.verdict
    if verdict.exit_code is not ExitCode.SUCCESS:
        show(verdict_report(record.manifest, verdict))
    simulated = ", of a simulated service" if record.manifest.mode is Mode.MOCK else ""
    what = f"run {record.manifest.run_id} is {verdict.outcome.value}{simulated}"
    return StepResult("soak", verdict.exit_code, what)
