"""The options of `soakctl smoke`."""

from __future__ import annotations

from typing import Annotated

import typer

from soakctl.cli.options import (
    CommandArgument,
    ConfigOption,
    JsonOption,
    take,
)


def smoke(
    command: CommandArgument = None,
    deadline: Annotated[
        str | None, typer.Option("--deadline", metavar="8s", help="How long the boot may take.")
    ] = None,
    mock: Annotated[bool, typer.Option("--mock", help="Boot the bundled demo service.")] = False,
    mock_fault: Annotated[
        str | None, typer.Option("--mock-fault", metavar="KIND", help="Let the demo service fail in this way.")
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Boot the service, watch its checkpoints, prove it is alive, stop it cleanly."""
    from soakctl.cli.smoke import smoke as run_it

    take(config, json)
    return run_it(command=command, deadline=deadline, mock=mock, mock_fault=mock_fault)
