"""The command line: its commands, its global options, and the one place where errors become text and exit codes."""

from __future__ import annotations

import re
from typing import Annotated

import typer
from typer.main import get_command

from soakctl import __version__
from soakctl.cli.commands.gate import gate
from soakctl.cli.commands.logs import logs
from soakctl.cli.commands.setting_up import config_check, config_schema, config_show, init
from soakctl.cli.commands.smoke import smoke
from soakctl.cli.commands.snapshot import snapshot
from soakctl.cli.commands.soak import soak
from soakctl.cli.commands.trace import trace
from soakctl.cli.commands.validate import validate
from soakctl.cli.options import GLOBALS, ConfigOption
from soakctl.errors import ExitCode, UsageError

app = typer.Typer(
    name="soakctl",
    help="Take a long-running service from 'tests pass' to 'safe to deploy'.",
    epilog="Example: soakctl smoke -- python app.py && soakctl soak --hours 24 -- python app.py",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)
config_app = typer.Typer(
    help="Check and show the configuration.", epilog="Example: soakctl config check", no_args_is_help=True
)
app.add_typer(config_app, name="config")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"soakctl {__version__}")
        raise typer.Exit(0)


@app.callback()
def main(
    config: ConfigOption = None,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours (also NO_COLOR).")] = False,
    log_format: Annotated[
        str, typer.Option("--log-format", metavar="text|json", help="How progress is told.")
    ] = "text",
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only the verdict.")] = False,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="More; twice for most.")] = 0,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take a long-running service from 'tests pass' to 'safe to deploy'."""
    if log_format not in {"text", "json"}:
        message = f"--log-format is text or json, not {log_format!r}"
        raise UsageError(message)
    GLOBALS.config, GLOBALS.no_color, GLOBALS.log_format = config, no_color, log_format
    GLOBALS.quiet, GLOBALS.verbose, GLOBALS.redactor = quiet, verbose, None


_COMMANDS = (
    (validate, "soakctl validate --fast --allow-missing-secrets"),
    (smoke, "soakctl smoke --deadline 8s -- python app.py"),
    (soak, "soakctl soak --hours 24 -- python app.py"),
    (gate, "soakctl gate --strict"),
    (trace, "soakctl trace -- python app.py, or soakctl trace 4711"),
    (snapshot, "soakctl snapshot --output here.json, and later soakctl snapshot --diff here.json now"),
    (logs, "soakctl logs -f --level WARNING"),
    (init, "soakctl init -- python app.py"),
)
for _command, _example in _COMMANDS:
    app.command(epilog=f"Example: {_example}")(_command)
config_app.command("check", epilog="Example: soakctl config check configs/worker.yaml")(config_check)
config_app.command("show", epilog="Example: soakctl config show --json")(config_show)
config_app.command("schema", epilog="Example: soakctl config schema > soakctl.schema.json")(config_schema)


_GLOBAL_FLAG = re.compile(r"--no-color|--quiet|--verbose|-[qv]+|--log-format=.*", re.DOTALL)


def _globals_first(argv: list[str]) -> list[str]:
    """Global options are as welcome behind the command as before it; what follows two dashes is the service's."""
    end = argv.index("--") if "--" in argv else len(argv)
    moved: list[str] = []
    kept: list[str] = []
    words = iter(argv[:end])
    for word in words:
        if word == "--log-format":
            value = next(words, None)
            if value is None:
                message = "--log-format needs text or json behind it"
                raise UsageError(message)
            moved += [word, value]
        else:
            (moved if _GLOBAL_FLAG.fullmatch(word) else kept).append(word)
    return [*moved, *kept, *argv[end:]]


def run(argv: list[str]) -> int:
    """Run the command line and give the exit code. Every error ends here."""
    from soakctl.cli.failure import guarded

    if not argv:
        run(["--help"])
        return int(ExitCode.USAGE)
    return guarded(lambda: _invoke(argv), argv)


def _invoke(argv: list[str]) -> object:
    try:
        return get_command(app).main(args=_globals_first(argv), prog_name="soakctl", standalone_mode=False)
    except typer.TyperException as error:
        raise UsageError(error.format_message(), hint="See `soakctl --help`.") from None
    except typer.Abort:
        raise KeyboardInterrupt from None
