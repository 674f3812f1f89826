"""The options of `soakctl soak`."""

from __future__ import annotations

from typing import Annotated

import typer

from soakctl.cli.options import (
    CommandArgument,
    ConfigOption,
    IterationsOption,
    JsonOption,
    MockOption,
    PidOption,
    SeedOption,
    take,
)


def soak(
    command: CommandArgument = None,
    hours: Annotated[str | None, typer.Option("--hours", metavar="24", help="How many hours; fractions too.")] = None,
    duration: Annotated[str | None, typer.Option("--duration", metavar="90m", help="How long, with a unit.")] = None,
    iterations: IterationsOption = None,
    iteration: Annotated[str | None, typer.Option("--iteration", metavar="1h", help="Length of an iteration.")] = None,
    sample_every: Annotated[
        str | None, typer.Option("--sample-every", metavar="60s", help="Time between samples.")
    ] = None,
    iteration_timeout: Annotated[
        str | None, typer.Option("--iteration-timeout", metavar="10m", help="With repeat: how long a run may take.")
    ] = None,
    heartbeat: Annotated[
        str | None, typer.Option("--heartbeat", metavar="5s", help="With repeat: the pause between runs.")
    ] = None,
    mock: MockOption = False,
    mock_fault: Annotated[
        str | None,
        typer.Option("--mock-fault", metavar="KIND", help="leak, crash, stall, latency, zombie or disk, with --mock."),
    ] = None,
    seed: SeedOption = 1,
    auto_tune: Annotated[
        bool, typer.Option("--auto-tune", help="Let the rules of tuning: change parameters after each iteration.")
    ] = False,
    propose_only: Annotated[
        bool, typer.Option("--propose-only", help="As --auto-tune, and only record what would be changed.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run.")] = False,
    run: Annotated[str, typer.Option("--run", metavar="RUN", help="Which run to resume.")] = "latest",
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Judge bundled known cases: does soakctl still tell good from bad?")
    ] = False,
    pid: PidOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Keep the service running for hours or days, watch everything, judge each iteration."""
    from soakctl.cli.soak import SoakFlags
    from soakctl.cli.soak import soak as run_it

    take(config, json)
    if self_test:
        from soakctl.cli.self_test import self_test as run_self_test

        return run_self_test()
    flags = SoakFlags(
        command=command,
        hours=hours,
        duration=duration,
        iterations=iterations,
        iteration=iteration,
        sample_every=sample_every,
        iteration_timeout=iteration_timeout,
        heartbeat=heartbeat,
        mock=mock,
        mock_fault=mock_fault,
        seed=seed,
        pid=pid,
        auto_tune=auto_tune,
        propose_only=propose_only,
    )
    return run_it(flags, resume=resume, run=run)
