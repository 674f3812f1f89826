"""The options of `soakctl validate`."""

from __future__ import annotations

from typing import Annotated

import typer

from soakctl.cli.options import ConfigOption, JsonOption, take


def validate(
    section: Annotated[
        str | None, typer.Option("--section", metavar="NAME", help="Run this one alone, with everything on the screen.")
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Leave slow sections out.")] = False,
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="15m", help="How long each section may take.")
    ] = None,
    allow_missing_secrets: Annotated[
        bool, typer.Option("--allow-missing-secrets", help="Safe mode: skip what needs secrets that are not here.")
    ] = False,
    allow_missing_sections: Annotated[
        bool, typer.Option("--allow-missing-sections", help="Skip a section whose files are not there.")
    ] = False,
    emit_stack_summary: Annotated[
        bool, typer.Option("--emit-stack-summary", help="Print the stack summary as one line of JSON.")
    ] = False,
    output: Annotated[
        str | None, typer.Option("--output", metavar="FILE", help="Write the stack summary to this file.")
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="Look for secrets in git's history, too.")] = False,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Take what the secret scan finds as known, from now on.")
    ] = False,
    listing: Annotated[bool, typer.Option("--list", help="Only name the sections.")] = False,
    housekeeping: Annotated[
        str, typer.Option("--housekeeping", metavar="on|off|dry-run|only", help="Removal of superfluous logs.")
    ] = "on",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Run the validation sections and say GREEN or RED."""
    from soakctl.cli.validate import ValidateFlags
    from soakctl.cli.validate import validate as run_it

    take(config, json)
    return run_it(
        ValidateFlags(
            section=section,
            fast=fast,
            timeout=timeout,
            allow_missing_secrets=allow_missing_secrets,
            allow_missing_sections=allow_missing_sections,
            emit_stack_summary=emit_stack_summary,
            output=output,
            history=history,
            update_baseline=update_baseline,
            listing=listing,
            housekeeping=housekeeping,
        )
    )
