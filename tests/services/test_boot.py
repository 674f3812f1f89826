"""The boot in virtual time: every way it can pass, stall, fail and be told apart."""

from __future__ import annotations

from typing import Any

import pytest

from soakctl.domain.signal import StartFailed
from soakctl.errors import ExitCode
from soakctl.mock.sim_world import SimWorld
from soakctl.services.smoke import run_smoke
from soakctl.services.stores import NullStore
from tests.support.scripted import START_UNIX, Script, config_of

TWO = {
    "deadline": "8s",
    "checkpoints": [
        {"name": "starting", "pattern": "starting"},
        {"name": "loaded", "pattern": r"loaded (?P<rules>\d+) rules", "hints": ["Check the YAML."]},
        {"name": "event", "pattern": "event", "liveness": True, "hints": ["Check the subscriptions."]},
        {"name": "enforced", "pattern": "enforced", "required": False},
    ],
    "failures": [{"pattern": "401 Unauthorized", "exit": "API_ERROR", "hint": "Check the key."}],
}


def smoke(script: Script) -> Any:
    """Smoke-test a script."""
    world = SimWorld(script, start_unix=START_UNIX)
    return run_smoke(script.config, world, NullStore(), redact=lambda value: value)


def script(*lines: tuple[float, str], smoke: dict[str, Any] | None = None, **more: Any) -> Script:
    """A script with checkpoints that logs these lines on stdout."""
    service = more.pop("service", {})
    config = config_of(service=service, smoke=TWO if smoke is None else smoke)
    return Script(config, lines=[(at, text, "out") for at, text in lines], **more)


BOOT = ((0.1, "starting"), (0.5, "loaded 7 rules"), (2.3, "event"))


def test_a_boot_that_reaches_all_its_checkpoints_passes() -> None:
    """The headline says when the proof of life came, and captured fields are kept."""
    result = smoke(script(*BOOT))
    assert result.exit_code is ExitCode.SUCCESS
    assert result.headline == "Smoke test PASSED: First event after 2.3s"
    assert [row["at_s"] is not None for row in result.rows] == [True, True, True, False]
    assert result.rows[1]["fields"] == {"rules": "7"}
    assert result.rows[1]["took_s"] == pytest.approx(0.4)
    assert result.stop is not None
    assert result.stop.severity == "ok"


def test_no_event_stalls_at_the_deadline_and_names_the_first_missing() -> None:
    """A boot without its proof of life exits 2, with the hints of the first missing checkpoint."""
    result = smoke(script(*BOOT[:2]))
    assert result.exit_code is ExitCode.STALLED
    assert result.headline == "Smoke test STALLED: No events after 8.0s"
    assert (result.last, result.missing) == ("loaded", ("event",))
    assert result.hints == ("Check the subscriptions.",)


def test_a_checkpoint_that_is_skipped_stalls_though_life_was_seen() -> None:
    """Life alone is not enough where a required checkpoint never came."""
    result = smoke(script((0.1, "starting"), (0.5, "event")))
    assert result.exit_code is ExitCode.STALLED
    assert result.missing == ("loaded",)


def test_checkpoints_in_the_wrong_order_pass_and_are_marked() -> None:
    """A gap in the order is shown on the checkpoint that came too late."""
    result = smoke(script((0.1, "loaded 1 rules"), (0.2, "starting"), (0.3, "event")))
    assert result.exit_code is ExitCode.SUCCESS
    assert [row["in_order"] for row in result.rows[:3]] == [False, True, True]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ModuleNotFoundError: No module named 'broker'", ExitCode.DEPENDENCY_ERROR),
        ("yaml.scanner.ScannerError: mapping values are not allowed here", ExitCode.CONFIG_ERROR),
        ("ConnectionRefusedError: [Errno 111] Connection refused", ExitCode.API_ERROR),
        ("Traceback (most recent call last):", ExitCode.EXCEPTION),
        ("nothing anybody knows", ExitCode.EXCEPTION),
    ],
)
def test_a_death_is_told_by_what_was_logged(line: str, code: ExitCode) -> None:
    """The exit code of a service that dies while booting follows from its last words."""
    result = smoke(script((0.1, "starting"), (0.3, line), ends={1: (0.5, 1)}))
    assert result.exit_code is code
    assert result.took_s == pytest.approx(0.5, abs=0.1)
    assert line in result.evidence
    assert result.headline.startswith("Smoke test EXCEPTION: ")


def test_death_beats_ready() -> None:
    """A service that reaches its last checkpoint and dies a moment later was not up."""
    result = smoke(script(*BOOT, ends={1: (2.4, 3)}))
    assert result.exit_code is ExitCode.EXCEPTION
    assert "exited with code 3" in result.reason


def test_a_configured_failure_ends_the_wait_at_once() -> None:
    """The service is not given the rest of the deadline once a failure pattern was found."""
    result = smoke(script((0.1, "starting"), (0.4, "login: 401 Unauthorized")))
    assert result.exit_code is ExitCode.API_ERROR
    assert result.took_s < 1.0
    assert result.hints[0] == "Check the key."


def test_an_error_that_was_overcome_is_not_the_cause() -> None:
    """A refused connection before a checkpoint that was reached later does not decide the exit code."""
    result = smoke(script((0.1, "Connection refused, retrying"), (0.2, "starting"), (0.3, "loaded 2 rules")))
    assert result.exit_code is ExitCode.STALLED


def test_an_error_that_stands_explains_the_stall() -> None:
    """A traceback after the last checkpoint is the answer, not the silence that follows."""
    result = smoke(script(*BOOT[:2], (0.9, "Traceback (most recent call last):")))
    assert result.exit_code is ExitCode.EXCEPTION


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("not_found", ExitCode.DEPENDENCY_ERROR),
        ("not_executable", ExitCode.CONFIG_ERROR),
        ("cwd", ExitCode.CONFIG_ERROR),
        ("other", ExitCode.EXCEPTION),
    ],
)
def test_a_command_that_cannot_be_executed(reason: str, code: ExitCode) -> None:
    """Why it could not be executed decides the exit code, at once."""
    result = smoke(script(cannot_start=StartFailed(reason, "service: it did not work")))
    assert result.exit_code is code
    assert result.reason == "service: it did not work"


def test_without_checkpoints_a_listening_port_is_life() -> None:
    """The report says that a port was the sign."""
    result = smoke(script(smoke={}, ready_at=0.6))
    assert result.exit_code is ExitCode.SUCCESS
    assert result.sign == "port 8000"


def test_without_checkpoints_output_is_life_if_it_stays_up() -> None:
    """A line is a weak sign: the service must stay up two seconds after it."""
    assert smoke(script((0.2, "hello"), smoke={})).sign == "first output"
    assert smoke(script((0.2, "hello"), smoke={}, ends={1: (1.5, 1)})).exit_code is ExitCode.EXCEPTION


def test_without_any_sign_smoke_stalls() -> None:
    """A silent process is not proven alive by being there."""
    result = smoke(script(smoke={"deadline": "3s"}))
    assert result.exit_code is ExitCode.STALLED
    assert result.took_s == pytest.approx(3.0)


def test_a_configured_port_must_answer_beside_the_checkpoints() -> None:
    """Checkpoints without the readiness that was asked for do not pass."""
    ready = {"ready": {"tcp": "127.0.0.1:8000"}}
    assert smoke(script(*BOOT, service=ready, ready_at=3.0)).exit_code is ExitCode.SUCCESS
    never = smoke(script(*BOOT, service=ready))
    assert never.exit_code is ExitCode.STALLED
    assert "127.0.0.1:8000" in never.reason


def test_a_ready_line_counts_as_readiness() -> None:
    """`ready: {log: ...}` waits for its line."""
    ready = {"ready": {"log": "accepting"}}
    assert smoke(script((0.5, "accepting"), smoke={}, service=ready)).exit_code is ExitCode.SUCCESS
    assert smoke(script((0.5, "refusing"), smoke={}, service=ready)).exit_code is ExitCode.STALLED


def test_an_unclean_stop_fails_a_boot_that_passed() -> None:
    """Booting is half of it: a service that has to be killed is not safe to deploy."""
    result = smoke(script(*BOOT, stop=(0.1, -9, True)))
    assert result.exit_code is ExitCode.EXCEPTION
    assert "killed" in result.reason
