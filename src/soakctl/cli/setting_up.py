"""`soakctl init` and `soakctl config`, wired to files, environment and streams."""

from __future__ import annotations

import sys
from pathlib import Path

from soakctl.cli import config
from soakctl.cli.init import init
from soakctl.cli.options import GLOBALS
from soakctl.cli.wiring.setup import set_up, with_places, write_config


def write_first_config(command: list[str], *, force: bool) -> int:
    """Write soakctl.yaml in the working directory."""
    streams = {"out": sys.stdout, "err": sys.stderr}
    return init(command, write_config, cwd=Path.cwd(), force=force, as_json=GLOBALS.json, **streams)


def check_config() -> int:
    """Check the configuration that is in force."""
    from soakctl.cli.wiring.tuning_place import require_own_place

    setup = set_up(tell=False)
    require_own_place(setup, setup.config)
    hide = setup.redactor.value
    return config.check(with_places(setup), hide, as_json=GLOBALS.json, out=sys.stdout, err=sys.stderr)


def show_config() -> int:
    """Show the configuration that is in force."""
    setup = set_up(tell=False)
    return config.show(
        setup.loaded,
        setup.config,
        setup.environment.overrides,
        setup.redactor.value,
        as_json=GLOBALS.json,
        out=sys.stdout,
        err=sys.stderr,
    )


def show_schema() -> int:
    """Print the schema."""
    return config.schema(sys.stdout)
