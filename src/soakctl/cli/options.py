"""Options that several commands share, each declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

ConfigOption = Annotated[str | None, typer.Option("--config", metavar="FILE", help="The configuration file to use.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]
MockOption = Annotated[bool, typer.Option("--mock", help="Simulate the service; relaxed KPI thresholds.")]
CommandArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[-- COMMAND...]", help="The service to run, instead of service.command.")
]


@dataclass(slots=True)
class Globals:
    """What was given before the command."""

    config: str | None = None
    no_color: bool = False
    log_format: str = "text"
    quiet: bool = False
    verbose: int = 0
    json: bool = False


GLOBALS = Globals()
