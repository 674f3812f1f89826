"""The command line: its commands, its global options, and the one place where errors become text and exit codes."""

from __future__ import annotations

import re
from typing import Annotated

import typer
from typer.main import get_command

from soakctl import __version__
from soakctl.cli import snapshot_command
from soakctl.cli.entry_trace import trace
from soakctl.cli.logs import logs
from soakctl.cli.options import (
    GLOBALS,
    CommandArgument,
    ConfigOption,
    IterationsOption,
    JsonOption,
    MockOption,
    PidOption,
    SeedOption,
)
from soakctl.cli.validate_command import validate
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
    GLOBALS.quiet, GLOBALS.verbose = quiet, verbose


@app.command(epilog="Example: soakctl smoke --deadline 8s -- python app.py")
def smoke(
    command: CommandArgument = None,
    deadline: Annotated[
        str | None, typer.Option("--deadline", metavar="8s", help="How long the boot may take.")
    ] = None,
    mock: Annotated[bool, typer.Option("--mock", help="Boot the bundled demo service.")] = False,
    mock_fault: Annotated[
        str | None, typer.Option("--mock-fault", metavar="KIND", help="Let the demo service fail in this way.")
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Boot the service, watch its checkpoints, prove it is alive, stop it cleanly."""
    from soakctl.cli.smoke import smoke as run_it

    _take(config, json)
    return run_it(command=command, deadline=deadline, mock=mock, mock_fault=mock_fault)


@app.command(epilog="Example: soakctl soak --hours 24 -- python app.py")
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

    _take(config, json)
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


@app.command(epilog="Example: soakctl gate --strict")
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

    _take(config, json)
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


app.command(epilog=snapshot_command.EPILOG)(snapshot_command.snapshot)
app.command(epilog="Example: soakctl logs -f --level WARNING")(logs)
app.command(epilog="Example: soakctl validate --fast --allow-missing-secrets")(validate)
app.command("trace", epilog="Example: soakctl trace -- python app.py, or soakctl trace 4711")(trace)


@app.command(epilog="Example: soakctl init -- python app.py")
def init(
    command: CommandArgument = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing soakctl.yaml.")] = False,
    json: JsonOption = False,
) -> int:
    """Write a commented soakctl.yaml in this directory."""
    from soakctl.cli.setting_up import write_first_config

    _take(None, json)
    return write_first_config(command or [], force=force)


@config_app.command("check", epilog="Example: soakctl config check configs/worker.yaml")
def config_check(
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="The file; found by itself if left out.")] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Say whether the configuration is valid, and everything that is wrong with it at once."""
    from soakctl.cli.setting_up import check_config

    _take(file or config, json)
    return check_config()


@config_app.command("show", epilog="Example: soakctl config show --json")
def config_show(config: ConfigOption = None, json: JsonOption = False) -> int:
    """Show the whole configuration with defaults, secrets hidden, and where each part comes from."""
    from soakctl.cli.setting_up import show_config

    _take(config, json)
    return show_config()


@config_app.command("schema", epilog="Example: soakctl config schema > soakctl.schema.json")
def config_schema() -> int:
    """Print the JSON Schema of soakctl.yaml, for editors."""
    from soakctl.cli.setting_up import show_schema

    return show_schema()


def _take(config: str | None, json: bool) -> None:
    GLOBALS.config = config or GLOBALS.config
    GLOBALS.json = json


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
    return guarded(lambda: _command(argv), argv)


def _command(argv: list[str]) -> object:
    try:
        return get_command(app).main(args=_globals_first(argv), prog_name="soakctl", standalone_mode=False)
    except typer.TyperException as error:
        raise UsageError(error.format_message(), hint="See `soakctl --help`.") from None
    except typer.Abort:
        raise KeyboardInterrupt from None
