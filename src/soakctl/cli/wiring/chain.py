"""The test commands of the pre-deploy chain."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from soakctl.adapters.run_command import run_bounded
from soakctl.cli.light import inherited
from soakctl.errors import ExitCode
from soakctl.services.chain import StepResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.cli.wiring.setup import Setup

_TAIL_LINES = 30
_MOST_OUTPUT = 1_000_000
_NO_TESTS_RAN = 5


def run_tests(setup: Setup, argv: Sequence[str]) -> StepResult:
    """Run one test command to its end, with the time that FSV_TIMEOUT_SEC gives it."""
    name = f"tests: {' '.join(argv)}"
    began = time.monotonic()
    done = run_bounded(
        argv,
        cwd=setup.loaded.root,
        env=inherited(),
        timeout_s=setup.environment.step_timeout_s,
        max_output=_MOST_OUTPUT,
    )
    took = time.monotonic() - began
    if done.ok:
        return StepResult(name, ExitCode.SUCCESS, "passed", took)
    hide = setup.redactor.text
    lines = (done.stdout + "\n" + done.stderr).rstrip().splitlines()[-_TAIL_LINES:]
    code = ExitCode.DEPENDENCY_ERROR if done.not_found else ExitCode.EXCEPTION
    what = "no test was run" if done.code == _NO_TESTS_RAN and "pytest" in name else hide(done.failure())
    return StepResult(name, code, what, took, tuple(hide(text) for text in lines))
