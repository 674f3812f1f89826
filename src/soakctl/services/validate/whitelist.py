"""The tests_whitelist section: pytest over the tests that a file lists."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from soakctl.domain.validation import MissingInputError, Outcome
from soakctl.domain.wording import counted
from soakctl.errors import ExitCode
from soakctl.services.validate.junit_report import hide_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.config.validate import TestsWhitelist
    from soakctl.ports import Bench

_NOTHING_RAN = 5
_MOST_SHOWN = 20
JUNIT = "validate/tests_whitelist.xml"


def selection(text: str) -> list[str]:
    """The tests of a selection file: one a line, `#` begins a comment."""
    lines = (line.split(" #")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def run_whitelist(asked: TestsWhitelist, bench: Bench) -> Outcome:
    """Run them in parallel; what failed is named. Pytest's exit 5, nothing ran, is a failure."""
    tests = selection(bench.text(asked.selection))
    if not tests:
        return Outcome((f"{asked.selection}: lists no test",))
    gone = [test for test in tests if not bench.find([test.split("::")[0]])]
    if gone:
        return Outcome(tuple(f"{asked.selection}: no such test file: {test}" for test in gone))
    report = bench.report_path(JUNIT)
    bench.write(report, "")
    # The plugin is named, so that it is also there where plugins are not loaded by themselves.
    parallel = [] if asked.workers in {"0", "1"} else ["-p", "xdist", "-n", asked.workers]
    argv = [
        asked.python or bench.python(),
        "-m",
        "pytest",
        "-q",
        *parallel,
        f"--junitxml={report}",
        *asked.args,
        *tests,
    ]
    try:
        done = bench.run(argv)
    finally:
        hide_report(report, bench)
    ran, skipped, problems = _read(bench, report)
    if done.ok and not problems:
        if not ran:
            why = f": all {skipped} were skipped" if skipped else ""
            return Outcome((f"no test was run{why}",), return_code=done.code)
        left_out = f", {skipped} skipped" if skipped else ""
        return Outcome(return_code=done.code, notes=(f"{counted(ran, 'test')} passed{left_out}",))
    if not problems:
        problems = ["no test was run" if done.code == _NOTHING_RAN else f"pytest: {done.failure()}"]
    if done.code == 1 and "No module named" in done.stderr:
        problems = [f"pytest: {done.stderr.strip().splitlines()[-1]}"]
    code = ExitCode.DEPENDENCY_ERROR if done.not_found else ExitCode.EXCEPTION
    return Outcome(tuple(problems), exit_code=code, return_code=done.code)


def _read(bench: Bench, report: str) -> tuple[int, int, list[str]]:
    """How many tests were run and how many skipped, and those that failed."""
    try:
        root = ET.fromstring(bench.text(report))  # noqa: S314 - as above
    except (MissingInputError, ET.ParseError):
        return 0, 0, []
    cases = list(root.iter("testcase"))
    failed = [text for case in cases for text in _failure(case)]
    if len(failed) > _MOST_SHOWN:
        failed = [*failed[:_MOST_SHOWN], f"and {len(failed) - _MOST_SHOWN} more tests"]
    # An expected failure is told as skipped, too, but it was run.
    skips = (case.find("skipped") for case in cases)
    skipped = sum(found is not None and found.get("type") != "pytest.xfail" for found in skips)
    return len(cases) - skipped, skipped, failed


def _failure(case: ET.Element) -> Iterator[str]:
    for kind in ("failure", "error"):
        found = case.find(kind)
        if found is not None:
            message = (found.get("message") or "").strip().splitlines() or [kind]
            yield f"{case.get('classname', '')}::{case.get('name', '')}: {message[0][:200]}"
            return
