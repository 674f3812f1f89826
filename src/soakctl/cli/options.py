"""Options that several commands share, each declared once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from soakctl.cli.given import GLOBALS, Globals
from soakctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "GLOBALS",
    "CommandArgument",
    "ConfigOption",
    "Globals",
    "IterationsOption",
    "JsonOption",
    "MockOption",
    "PidOption",
    "SeedOption",
    "take",
]

ConfigOption = Annotated[str | None, typer.Option("--config", metavar="FILE", help="The configuration file to use.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]
MockOption = Annotated[bool, typer.Option("--mock", help="Simulate the service; relaxed KPI thresholds.")]
CommandArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[-- COMMAND...]", help="The service to run, instead of service.command.")
]


def _whole(flag: str, what: str, hint: str) -> Callable[[object], int]:
    """Reads the whole number of a flag. What it gives raises UsageError for anything else."""

    def read(given: object) -> int:
        try:
            return int(str(given))
        except ValueError:
            message = f"{flag} takes {what}, not {str(given)!r}"
            raise UsageError(message, hint=hint) from None

    return read


IterationsOption = Annotated[
    int | None,
    typer.Option(
        "--iterations",
        metavar="N",
        parser=_whole("--iterations", "a whole number from 1 on", "Write --iterations 12."),
        help="In how many iterations.",
    ),
]
SeedOption = Annotated[
    int,
    typer.Option(
        "--seed",
        metavar="N",
        parser=_whole("--seed", "a whole number", "Write --seed 7; the same seed gives the same run."),
        help="Of the simulation; the same seed gives the same run.",
    ),
]
PidOption = Annotated[
    int | None,
    typer.Option(
        "--pid",
        metavar="PID",
        parser=_whole(
            "--pid", "the number of a running process", 'Find it with: pgrep -a NAME; or --pid "$(pidof -s NAME)".'
        ),
        help="Watch a process that is already running; it is never stopped.",
    ),
]


def take(config: str | None, json: bool) -> None:
    """Keep what stands behind the command as if it had been given before it."""
    GLOBALS.config = config or GLOBALS.config
    GLOBALS.json = json
