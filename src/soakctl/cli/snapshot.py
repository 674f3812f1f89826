"""`soakctl snapshot`: the environment as it is, and two of them compared."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soakctl.cli.options import GLOBALS
from soakctl.cli.output import document, note, show, shown_path
from soakctl.cli.overrides import with_service
from soakctl.cli.wiring.reports import replace_text
from soakctl.cli.wiring.setup import set_up
from soakctl.cli.wiring.snapshot import Surroundings, read_snapshot, service_pid, snapshot_of
from soakctl.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from soakctl.cli.wiring.setup import Setup

NOW = "now"


@dataclass(frozen=True, slots=True)
class SnapshotFlags:
    """What was given on the command line."""

    command: list[str] | None = None
    output: str | None = None
    diff: tuple[str, str] | None = None
    key_file: str | None = None
    pid: int | None = None

    def check(self) -> None:
        """Raise UsageError for flags that contradict each other."""
        if self.diff is not None and self.output is not None:
            message = "--diff compares two snapshots; it goes with no --output"
            raise UsageError(message)
        if self.pid is not None and self.command:
            message = "--pid looks at a process that is already running; it goes with no command"
            raise UsageError(message)
        if self.diff is not None and NOW not in self.diff and (self.pid is not None or self.command or self.key_file):
            message = f"--pid, --key-file and a command say what is looked at now: with --diff one side must be {NOW!r}"
            raise UsageError(message)


def snapshot(flags: SnapshotFlags) -> int:
    """Take a snapshot and show it, or compare two."""
    flags.check()
    setup = set_up()
    if flags.diff is not None:
        return _compare(flags, setup, *flags.diff)
    taken = _take(flags, setup)
    if flags.output is not None:
        replace_text(Path(flags.output), json.dumps(taken, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    if GLOBALS.json:
        document(taken)
    elif not GLOBALS.quiet:
        from soakctl.report.environment import environment_report

        show(environment_report(taken, everything=GLOBALS.verbose > 0))
    if flags.output is not None:
        note(f"wrote {shown_path(Path(flags.output))}")
    return int(ExitCode.SUCCESS)


def _take(flags: SnapshotFlags, setup: Setup) -> dict[str, Any]:
    config = with_service(setup.config, flags.command)
    pid = flags.pid if flags.pid is not None or flags.command else service_pid(setup)
    around = Surroundings.of(setup, config, pid=pid, key_file=flags.key_file)
    places = (*([flags.output] if flags.output else ()), *(name for name in flags.diff or () if name != NOW))
    return snapshot_of(replace(around, written=places), "asked")


def _compare(flags: SnapshotFlags, setup: Setup, first: str, second: str) -> int:
    from soakctl.judge.environment import compare_environments
    from soakctl.report.environment_diff import difference_report
    from soakctl.services.snapshot import difference_document

    sides = [_take(flags, setup) if name == NOW else read_snapshot(name, setup) for name in (first, second)]
    hide = setup.redactor.value
    comparison = compare_environments(hide(sides[0]), hide(sides[1]))
    if GLOBALS.json:
        document(hide(difference_document(first, second, comparison)))
    if not GLOBALS.quiet:
        titles = [f"{name}, taken {side.get('taken_utc')}" for name, side in zip((first, second), sides, strict=True)]
        told = [setup.redactor.text(title) for title in titles]
        show(difference_report(told[0], told[1], comparison))
    return int(ExitCode.SUCCESS if comparison.same else ExitCode.EXCEPTION)
