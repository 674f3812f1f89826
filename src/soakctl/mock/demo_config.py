"""The configuration under which the bundled demo service is run: its eight checkpoints with their hints."""

from __future__ import annotations

import sys
from pathlib import Path

from soakctl.domain.config.root import Config
from soakctl.domain.config.service import Service
from soakctl.domain.config.smoke import Checkpoint, Failure, Smoke
from soakctl.domain.units import Duration
from soakctl.errors import UsageError
from soakctl.mock.demo import FAULTS

CHECKPOINTS = (
    Checkpoint(
        name="service_start",
        pattern="Risk Manager starting",
        hints=("Is the service running at all?", "Look for import errors and the entry point."),
    ),
    Checkpoint(
        name="config_loaded",
        pattern=r"Config loaded: (?P<rules>\d+) rules",
        hints=("Check the YAML syntax.", "Check the file's permissions and values."),
    ),
    Checkpoint(
        name="sdk_connected",
        pattern=r"SDK connected: (?P<account>\S+)",
        hints=("Check the credentials.", "Check the network and the SDK's version."),
    ),
    Checkpoint(
        name="rules_initialized",
        pattern=r"Rules initialized: (?P<count>\d+) rules",
        hints=("Check the imports of the rules.", "Check their configuration and dependencies."),
    ),
    Checkpoint(
        name="event_loop_running",
        pattern="Event loop running",
        hints=("Check the async set-up, blocking calls and exit conditions.",),
    ),
    Checkpoint(
        name="event_received",
        pattern=r"Event received: (?P<event>\S+)",
        liveness=True,
        hints=(
            "Check the event subscriptions (the commonest cause).",
            "Check the bridge's wiring and account activity.",
        ),
    ),
    Checkpoint(
        name="rule_evaluated",
        pattern=r"Rule evaluated: (?P<rule>\S+) (?P<result>\S+)",
        required=False,
        hints=("Check the rule's logic, configuration and error handling.",),
    ),
    Checkpoint(
        name="enforcement_triggered",
        pattern=r"Enforcement triggered: (?P<action>.+)",
        required=False,
        hints=("Check violation detection, thresholds and the SDK integration.",),
    ),
)


def demo_config(fault: str | None) -> Config:
    """The demo service, healthy or with one of its faults. Raises UsageError for an unknown one."""
    if fault is not None and fault not in FAULTS:
        message = f"--mock-fault: {fault!r} is not known to the demo service"
        raise UsageError(message, hint=f"Choose one of {', '.join(sorted(FAULTS))}.")
    command = [sys.executable, str(Path(__file__).with_name("demo.py"))]
    if fault is not None:
        command += ["--fault", fault]
    grace = Duration(2 if fault == "unclean-stop" else 10)
    service = Service(name="demo", command=tuple(command), stop=Service().stop.model_copy(update={"grace": grace}))
    failures = (Failure(pattern="401 Unauthorized", exit="API_ERROR", hint="Check the API credentials."),)
    return Config(service=service, smoke=Smoke(checkpoints=CHECKPOINTS, failures=failures))
