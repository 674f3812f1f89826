"""`soakctl trace`: what a hanging program is waiting for."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.cli.options import GLOBALS
from soakctl.cli.output import document, line, note, reader_has_left, show, warn
from soakctl.cli.overrides import duration_flag, with_service
from soakctl.cli.wiring.setup import require_command, set_up
from soakctl.cli.wiring.trace import append_trace_log, pause, running_process, started_program, utc_now
from soakctl.errors import ExitCode, UnavailableError, UsageError
from soakctl.report.trace import trace_line, trace_report
from soakctl.services.trace import take_trace
from soakctl.services.trace_command import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.awaits.trace import Trace
    from soakctl.cli.wiring.setup import Setup


_CLEAR = "\x1b[2J\x1b[H"  # --watch draws over what it drew before


@dataclass(frozen=True, slots=True)
class TraceFlags:
    """What was given on the command line, as it was given."""

    words: tuple[str, ...]
    after: str | None
    over: str | None
    watch: bool
    output: str
    deep: bool
    attach: str | None
    nudge: bool


def trace(flags: TraceFlags) -> int:
    """Look, tell, and give the exit code."""
    if flags.attach not in {None, "gdb"}:
        raise UsageError(f"--attach: {flags.attach!r} is not known", hint="gdb is.")
    after = float(duration_flag("--after", flags.after) or 10.0)
    over = float(duration_flag("--over", flags.over) or 3.0)
    pid = _pid(flags.words)
    setup = set_up()
    telling = _Telling(setup, flags)
    if pid is not None:
        about = f"Trace of process {pid}"
        with running_process(pid, attach=flags.attach, nudge=flags.nudge) as processes:
            return telling.repeat(lambda: take_trace(processes, about=about, over_s=over, wait=pause))
    return _of_command(setup, flags, telling, after_s=after, over_s=over)


def _pid(words: tuple[str, ...]) -> int | None:
    if len(words) == 1 and words[0].isdecimal():
        return int(words[0])
    return None


def _of_command(setup: Setup, flags: TraceFlags, telling: _Telling, *, after_s: float, over_s: float) -> int:
    if flags.words and all(word.isdecimal() for word in flags.words):
        raise UsageError("one process at a time", hint="`soakctl trace PID` looks at those below it, too.")
    config = with_service(setup.config, list(flags.words))
    command = " ".join(require_command(config, "trace"))
    with started_program(setup, config, deep=flags.deep) as (world, processes):
        program = Program(world, grace_s=float(config.service.stop.grace))
        program.start()
        note(f"started {setup.redactor.text(command)}; looking at it in {after_s:g} s")
        program.wait(after_s)

        def look() -> Trace:
            program.check()
            found = take_trace(processes, about=f"Trace of {command}", over_s=over_s, wait=program.wait)
            if not found.seen:
                program.check()
            elif program.ended:
                note(f"the program {program.how_it_ended()}, while it was looked at: these are the looks until then")
            return found

        try:
            code = telling.repeat(look, wait=program.wait) if program.signum is None else int(ExitCode.SUCCESS)
        finally:
            program.stop()
    return 128 + program.signum if program.signum is not None else code


class _Telling:
    """Shows traces, and keeps them in the log."""

    def __init__(self, setup: Setup, flags: TraceFlags) -> None:
        self._hide = setup.redactor
        self._flags = flags

    def repeat(self, look: Callable[[], Trace], wait: Callable[[float], bool] = pause) -> int:
        """Once, or with --watch until it is interrupted; the code of the last trace."""
        while True:
            code = self._tell(look())
            if not self._flags.watch or reader_has_left() or not wait(1.0):
                return code

    def _tell(self, trace: Trace) -> int:
        if not trace.seen and not trace.findings:
            raise UnavailableError(*_blind(trace))
        content = {**self._hide.value(trace.to_json()), "taken_utc": utc_now()}
        details = bool(GLOBALS.verbose) or self._flags.deep
        report = trace_report(trace, hide=self._hide.text, here=str(Path.cwd()), details=details)
        if GLOBALS.json and self._flags.watch:
            line(json.dumps(content, sort_keys=True), stream=sys.stdout)
        elif GLOBALS.json:
            document(content)
        if self._flags.watch and not GLOBALS.json and sys.stdout.isatty():
            sys.stdout.write(_CLEAR)
        if not GLOBALS.quiet:
            show(report)
        # What was found is told first: a log that cannot be written must not take it away.
        log = Path(self._flags.output)
        try:
            append_trace_log(log, trace, hide=self._hide.text, here=str(Path.cwd()), details=details)
        except UnavailableError as error:
            warn(f"the trace is not kept: {error.where}: {error.message}")
            if trace.exit_code is ExitCode.SUCCESS:
                line(f"Trace: no problem found, and not kept (exit {int(error.exit_code)}, {error.exit_code.name})")
                return int(error.exit_code)
        line(trace_line(trace))
        return int(trace.exit_code)


def _blind(trace: Trace) -> tuple[str]:
    by_note: dict[str, list[str]] = {}
    for one in trace.processes:
        by_note.setdefault(one.note, []).append(str(one.pid))
    told = "; ".join(f"process {', '.join(pids)}: {note}" for note, pids in by_note.items())
    return (f"nothing could be looked into: {told or 'there is no process'}",)
