"""`soakctl smoke`."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from soakctl.cli.options import GLOBALS
from soakctl.cli.output import document, line, show
from soakctl.cli.overrides import duration_flag, with_service, with_smoke
from soakctl.cli.wiring.setup import demo_config, require_command, set_up, warn_of_missing_secrets
from soakctl.cli.wiring.world import Place, real_world
from soakctl.errors import UsageError
from soakctl.report.smoke import smoke_document, smoke_report
from soakctl.services.smoke import run_smoke
from soakctl.services.stores import NullStore

if TYPE_CHECKING:
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config
    from soakctl.domain.smoke import SmokeResult


def smoke(*, command: list[str] | None, deadline: str | None, mock: bool, mock_fault: str | None) -> int:
    """Boot once, show the checkpoints, and give the exit code."""
    if mock_fault is not None and not mock:
        message = "--mock-fault needs --mock"
        raise UsageError(message)
    if mock and command:
        message = "--mock boots the bundled demo service; it goes with no command"
        raise UsageError(message)
    setup = set_up()
    if mock or (setup.environment.mock and not command):
        setup = replace(setup, config=demo_config(mock_fault))
    config = with_smoke(with_service(setup.config, command), duration_flag("--deadline", deadline))
    require_command(config, "smoke")
    warn_of_missing_secrets(setup)
    result = boot_once(setup, config)
    if GLOBALS.json:
        document(smoke_document(result))
    if not GLOBALS.quiet:
        show(smoke_report(result, service=config.service.name))
    line(result.headline)
    return int(result.exit_code)


def boot_once(setup: Setup, config: Config) -> SmokeResult:
    """Boot the configured service once and stop it."""
    place = Place(run_id=f"smoke-{secrets.token_hex(4)}")
    with real_world(setup, config, place, elapsed_s=0.0, pid=None) as world:
        return run_smoke(config, world, NullStore(), redact=setup.redactor.value)
