"""The options of `soakctl trace`, as Typer reads them."""

from __future__ import annotations

from typing import Annotated

import typer

from soakctl.cli.options import ConfigOption, JsonOption, take


def trace(
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PID | -- COMMAND...]", help="A process that runs, or a program to start and look at."),
    ] = None,
    after: Annotated[
        str | None, typer.Option("--after", metavar="10s", help="How long a started program runs before the looks.")
    ] = None,
    over: Annotated[
        str | None, typer.Option("--over", metavar="3s", help="Over how long the three looks are spread.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Look again and again, until Ctrl-C.")] = False,
    output: Annotated[
        str, typer.Option("--output", metavar="FILE", help="The log that every trace is added to.")
    ] = "runtime_trace.log",
    deep: Annotated[bool, typer.Option("--deep", help="Whole stacks, and those that created tasks.")] = False,
    nudge: Annotated[
        bool, typer.Option("--nudge", help="Python 3.14: wake an idle process by stopping it for milliseconds.")
    ] = False,
    attach: Annotated[
        str | None, typer.Option("--attach", metavar="gdb", help="Put the agent into an unprepared process with gdb.")
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Say what a hanging asyncio program is waiting for."""
    from soakctl.cli.trace import TraceFlags
    from soakctl.cli.trace import trace as run_it

    take(config, json)
    return run_it(
        TraceFlags(
            words=tuple(command or ()),
            after=after,
            over=over,
            watch=watch,
            output=output,
            deep=deep,
            attach=attach,
            nudge=nudge,
        )
    )
