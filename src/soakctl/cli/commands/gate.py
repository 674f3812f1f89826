"""The options of `soakctl gate`."""

from __future__ import annotations

from typing import Annotated

import typer

from soakctl.cli.options import (
    ConfigOption,
    JsonOption,
    MockOption,
    take,
)


def gate(
    path: Annotated[
        str, typer.Option("--path", metavar="RUN", help="The run to judge: an id, a path or latest.")
    ] = "latest",
    resources: Annotated[
        str | None,
        typer.Option("--resources", metavar="FILE", help="Judge a bare file of samples (JSON lines) instead of a run."),
    ] = None,
    chain: Annotated[
        bool, typer.Option("--chain", help="The whole pre-deploy chain: the project's tests, smoke, the newest soak.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Missing data and open questions fail.")] = False,
    fail_on: Annotated[str, typer.Option("--fail-on", metavar="fail|warn", help="What exits with 1.")] = "fail",
    mock: MockOption = False,
    production: Annotated[
        bool, typer.Option("--production", help="Judge a mock run by production thresholds.")
    ] = False,
    budget: Annotated[
        list[str] | None,
        typer.Option("--budget", metavar="rss_slope=1MB/h", help="A resource budget; may be repeated."),
    ] = None,
    junit: Annotated[
        str | None, typer.Option("--junit", metavar="FILE", help="Write the verdict as JUnit XML, too.")
    ] = None,
    prometheus: Annotated[
        bool, typer.Option("--prometheus", help="Write POST_SOAK_METRICS.prom beside the run, in OpenMetrics.")
    ] = False,
    compare: Annotated[
        str | None,
        typer.Option(
            "--compare", metavar="RUN|SNAPSHOT|last-pass", help="What got worse since: against a run, or a snapshot."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Compare even what is not alike.")] = False,
    deltas: Annotated[bool, typer.Option("--deltas", help="Only verify the parameter changes of a tuned run.")] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Turn a recorded run into PASS, WARN or FAIL."""
    from soakctl.cli.gate import GateFlags
    from soakctl.cli.gate import gate as run_it

    take(config, json)
    return run_it(
        GateFlags(
            path=path,
            resources=resources,
            chain=chain,
            strict=strict,
            fail_on=fail_on,
            mock=mock,
            production=production,
            budgets=tuple(budget or ()),
            junit=junit,
            prometheus=prometheus,
            compare=compare,
            force=force,
            deltas=deltas,
        )
    )
