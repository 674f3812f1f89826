"""The options of `soakctl snapshot`."""

from __future__ import annotations

from typing import Annotated

import typer

from soakctl.cli.options import CommandArgument, ConfigOption, JsonOption, PidOption, take


def snapshot(
    command: CommandArgument = None,
    output: Annotated[
        str | None, typer.Option("--output", metavar="FILE", help="Write the snapshot as JSON, to be compared later.")
    ] = None,
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option("--diff", metavar="A B", help="What differs: files, runs (as they started), or now."),
    ] = None,
    key_file: Annotated[
        str | None,
        typer.Option("--key-file", metavar="FILE", help="A key for fingerprints that several machines share."),
    ] = None,
    pid: PidOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Capture the environment with secrets hidden; compare two."""
    from soakctl.cli.snapshot import SnapshotFlags
    from soakctl.cli.snapshot import snapshot as run_it

    take(config, json)
    return run_it(SnapshotFlags(command=command, output=output, diff=diff, key_file=key_file, pid=pid))
