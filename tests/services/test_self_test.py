"""The bundled known cases are judged right, each for the right reason."""

from __future__ import annotations

import pytest

from soakctl.cli.wiring.self_test import known_cases
from soakctl.services.self_test import run_cases

CASES = known_cases()


@pytest.mark.parametrize("case", CASES, ids=[known.name for known, _ in CASES])
def test_a_known_case_gets_its_known_verdict(case: tuple) -> None:  # type: ignore[type-arg]
    """Healthy shapes pass, and every kind of trouble is found by the check that is about it."""
    (finding,) = run_cases([case])
    assert finding.right, f"expected {finding.known.outcome}, found {finding.outcome}: {finding.checks}"
