"""`soakctl soak --self-test`."""

from __future__ import annotations

from soakctl.cli.options import GLOBALS
from soakctl.cli.output import document, line
from soakctl.cli.wiring.self_test import known_cases
from soakctl.errors import ExitCode
from soakctl.services.self_test import run_cases, self_test_document


def self_test() -> int:
    """Run the known cases and say whether soakctl judges them right."""
    findings = []
    for finding in run_cases(known_cases()):
        findings.append(finding)
        mark = "ok   " if finding.right else "WRONG"
        because = f" ({', '.join(finding.checks)})" if finding.checks else ""
        line(f"{mark}  {finding.known.name:<24} expected {finding.known.outcome}, found {finding.outcome}{because}")
    if GLOBALS.json:
        document(self_test_document(findings))
    wrong = sum(not finding.right for finding in findings)
    line(f"Self-test: {len(findings) - wrong} of {len(findings)} cases judged right")
    return int(ExitCode.INTERNAL if wrong else ExitCode.SUCCESS)
