"""`soakctl logs`: its options."""

from __future__ import annotations

from typing import Annotated

import typer

from soakctl.cli.options import ConfigOption, JsonOption, take


def logs(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE...]", help="Logs, packed ones too; - is standard input. Default: the service's."),
    ] = None,
    lines: Annotated[int | None, typer.Option("-n", "--lines", metavar="100", help="Only the last ones.")] = None,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as lines are written.")] = False,
    level: Annotated[
        str | None, typer.Option("--level", metavar="WARNING", help="Only records at this level or above.")
    ] = None,
    grep: Annotated[
        str | None, typer.Option("--grep", metavar="REGEX", help="Only lines in which this is found.")
    ] = None,
    after: Annotated[int | None, typer.Option("-A", "--after", metavar="N", help="And N lines after each.")] = None,
    before: Annotated[int | None, typer.Option("-B", "--before", metavar="N", help="And N lines before.")] = None,
    context: Annotated[int | None, typer.Option("-C", "--context", metavar="N", help="And N before and after.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="10m", help="Not before: a span ago, or a time.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="12:00", help="Not after: as --since.")] = None,
    checkpoints: Annotated[
        bool, typer.Option("--checkpoints", help="The story of the boot: each checkpoint, and the missing one.")
    ] = False,
    errors: Annotated[bool, typer.Option("--errors", help="Errors and tracebacks, alike ones together.")] = False,
    rate: Annotated[bool, typer.Option("--rate", help="Lines and errors over time.")] = False,
    run: Annotated[
        str | None, typer.Option("--run", metavar="RUN", help="The log of a run: an id, a path or latest.")
    ] = None,
    cursor: Annotated[
        str | None,
        typer.Option("--cursor", metavar="FILE", help="With -f: go on where the last one with this file ended."),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Read, follow, filter and search logs, always redacted."""
    from soakctl.cli.log_flags import LogFlags
    from soakctl.cli.log_reading import read_logs

    take(config, json)
    return read_logs(
        LogFlags(
            files=tuple(files or ()),
            lines=lines,
            follow=follow,
            level=level,
            grep=grep,
            after=after,
            before=before,
            context=context,
            since=since,
            until=until,
            checkpoints=checkpoints,
            errors=errors,
            rate=rate,
            run=run,
            cursor=cursor,
        )
    )
