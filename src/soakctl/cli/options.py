"""Options that several commands share, each declared once."""

from __future__ import annotations

from typing import Annotated

import typer

from soakctl.cli.given import GLOBALS, Globals

__all__ = ["GLOBALS", "CommandArgument", "ConfigOption", "Globals", "JsonOption", "MockOption"]

ConfigOption = Annotated[str | None, typer.Option("--config", metavar="FILE", help="The configuration file to use.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]
MockOption = Annotated[bool, typer.Option("--mock", help="Simulate the service; relaxed KPI thresholds.")]
CommandArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[-- COMMAND...]", help="The service to run, instead of service.command.")
]
