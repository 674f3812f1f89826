"""The report of a smoke test as people see it, and as programs do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from soakctl.domain.smoke import SmokeResult
from soakctl.domain.verdict import Check, Severity
from soakctl.errors import ExitCode
from soakctl.report.smoke import smoke_document, smoke_report
from tests.support.shown import shown


def row(name: str, at_s: float | None, took_s: float | None = None, **more: Any) -> dict[str, Any]:
    """A row of the table."""
    return {"name": name, "required": True, "at_s": at_s, "took_s": took_s, "fields": {}, "in_order": True, **more}


STOP = Check("stability.stop", Severity.OK, "Clean stop", "0.4s", "<= 40s", reason="asked SIGTERM")
PASSED = SmokeResult(
    exit_code=ExitCode.SUCCESS,
    took_s=2.31,
    deadline_s=8.0,
    first_event_s=2.31,
    sign="checkpoint event_received",
    rows=(
        row("service_start", 0.12, 0.12),
        row("config_loaded", 0.31, 0.19, fields={"rules": "12", "path": "/etc/risk-manager/config.yaml"}),
        row("sdk_connected", 1.9, 1.59, in_order=False),
        row("event_received", 2.31, 0.41),
        row("enforcement_triggered", None, required=False),
    ),
    reason="",
    missing=(),
    last="event_received",
    hints=(),
    evidence=(),
    stop=STOP,
)
PASSED_TEXT = """\
Smoke test of risk-manager
checkpoint                              at    took  captured
service_start          ok            0.12s  +0.12s
config_loaded          ok            0.31s  +0.19s  rules=12,
                                                    path=/etc/risk-manager/confi
                                                    g.yaml
sdk_connected          out of order  1.90s  +1.59s
event_received         ok            2.31s  +0.41s
enforcement_triggered  not seen
Proof of life: checkpoint event_received
Stop: 0.4s, asked SIGTERM
Exit 0 (SUCCESS)
"""
FAILED = replace(
    PASSED,
    exit_code=ExitCode.DEPENDENCY_ERROR,
    took_s=0.4,
    first_event_s=None,
    sign="",
    rows=(row("service_start", 0.12, 0.12), row("config_loaded", None)),
    reason="ModuleNotFoundError: No module named 'yaml' (exited with code 1)",
    missing=("config_loaded",),
    last="service_start",
    hints=("Install yaml where the service runs.", "Check the YAML syntax"),
    evidence=("Traceback (most recent call last):", "ModuleNotFoundError: No module named 'yaml'"),
    stop=None,
)
FAILED_TEXT = """\
Smoke test of risk-manager
checkpoint                 at    took  captured
service_start  ok       0.12s  +0.12s
config_loaded  missing
Expected: checkpoint config_loaded within 8s
Last checkpoint: service_start
Found: ModuleNotFoundError: No module named 'yaml' (exited with code 1)
Output around it:
  | Traceback (most recent call last):
  | ModuleNotFoundError: No module named 'yaml'
Hint: Install yaml where the service runs.
Hint: Check the YAML syntax
Exit 5 (DEPENDENCY_ERROR)
"""


@pytest.mark.parametrize(("result", "text"), [(PASSED, PASSED_TEXT), (FAILED, FAILED_TEXT)], ids=["passed", "failed"])
def test_the_whole_report_at_80_columns(result: SmokeResult, text: str) -> None:
    """Checkpoints with the time each took, what was expected, what was found, and what to look at."""
    assert shown(smoke_report(result, service="risk-manager"), 80) == text


def test_on_a_wide_screen_nothing_is_folded() -> None:
    """What was captured stands on the line of its checkpoint."""
    text = shown(smoke_report(PASSED, service="risk-manager"), 160)
    assert "config_loaded          ok            0.31s  +0.19s  rules=12, path=/etc/risk-manager/config.yaml\n" in text
    assert len(text.splitlines()) == len(PASSED_TEXT.splitlines()) - 2
    assert shown(smoke_report(FAILED, service="risk-manager"), 160) == FAILED_TEXT


def test_a_service_that_said_nothing_is_told_so() -> None:
    """No output is a finding as well."""
    silent = replace(FAILED, exit_code=ExitCode.STALLED, evidence=(), missing=(), last="", reason="", hints=())
    lines = shown(smoke_report(silent, service="x")).splitlines()
    assert lines[-4:] == [
        "Expected: a proof of life within 8s",
        "Last checkpoint: none",
        "The service printed no whole line.",
        "Exit 2 (STALLED)",
    ]


def test_a_stop_that_was_not_clean_is_not_blamed_on_the_boot() -> None:
    """The boot passed; what was expected is another thing."""
    reason = "the service did not stop cleanly: 1 process had to be killed"
    stopped = replace(PASSED, exit_code=ExitCode.EXCEPTION, reason=reason)
    text = shown(smoke_report(stopped, service="x"))
    assert "Expected: a clean stop\nFound: the service did not stop cleanly: 1 process had to be killed\n" in text
    assert "printed no" not in text
    assert "Last checkpoint" not in text


def test_long_lines_of_evidence_are_shortened_and_stay_on_the_screen() -> None:
    """A line of 100 KB says nothing more than its beginning does."""
    text = shown(smoke_report(replace(FAILED, evidence=("x" * 100_000,)), service="x"), 80)
    assert "(100000 characters)" in text
    assert len(text) < 2000


@pytest.mark.parametrize(
    ("result", "headline"),
    [
        (PASSED, "Smoke test PASSED: First event after 2.3s"),
        (replace(FAILED, exit_code=ExitCode.STALLED, took_s=8.0), "Smoke test STALLED: No events after 8.0s"),
        (FAILED, "Smoke test EXCEPTION: ModuleNotFoundError: No module named 'yaml' (exited with code 1)"),
    ],
    ids=["passed", "stalled", "failed"],
)
def test_the_last_line_is_what_scripts_look_for(result: SmokeResult, headline: str) -> None:
    """Word for word."""
    assert result.headline == headline


def test_as_a_document_everything_is_there() -> None:
    """Names for programs, codes with their names, nothing that is not JSON."""
    document = smoke_document(FAILED)
    assert {name: document[name] for name in ("schema", "passed", "exit_code", "exit_name", "stop", "missing")} == {
        "schema": "soakctl.smoke/1",
        "passed": False,
        "exit_code": 5,
        "exit_name": "DEPENDENCY_ERROR",
        "stop": None,
        "missing": ["config_loaded"],
    }
    assert smoke_document(PASSED)["stop"]["severity"] == "ok"
    assert [item["name"] for item in smoke_document(PASSED)["checkpoints"]] == [item["name"] for item in PASSED.rows]
