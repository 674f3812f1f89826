"""The options of `soakctl init` and `soakctl config`."""

from __future__ import annotations

from typing import Annotated

import typer

from soakctl.cli.options import (
    CommandArgument,
    ConfigOption,
    JsonOption,
    take,
)


def init(
    command: CommandArgument = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing soakctl.yaml.")] = False,
    json: JsonOption = False,
) -> int:
    """Write a commented soakctl.yaml in this directory."""
    from soakctl.cli.setting_up import write_first_config

    take(None, json)
    return write_first_config(command or [], force=force)


def config_check(
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="The file; found by itself if left out.")] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Say whether the configuration is valid, and everything that is wrong with it at once."""
    from soakctl.cli.setting_up import check_config

    take(file or config, json)
    return check_config()


def config_show(config: ConfigOption = None, json: JsonOption = False) -> int:
    """Show the whole configuration with defaults, secrets hidden, and where each part comes from."""
    from soakctl.cli.setting_up import show_config

    take(config, json)
    return show_config()


def config_schema() -> int:
    """Print the JSON Schema of soakctl.yaml, for editors."""
    from soakctl.cli.setting_up import show_schema

    return show_schema()
