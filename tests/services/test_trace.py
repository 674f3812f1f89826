"""Looking several times: what counts as looked at, and what a trace that was cut short can say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soakctl.awaits.trace import BusyError, Process
from soakctl.errors import ExitCode, UnavailableError
from soakctl.report.trace import trace_line
from soakctl.services.stall_trace import trace_stalled
from soakctl.services.trace import take_trace
from tests.support import looks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.awaits.model import Look
    from soakctl.awaits.trace import Trace

WELL = Process(42, "app", how="agent")


class Scripted:
    """Processes that are there at each asking (the last for good), and what looking at one gives."""

    def __init__(self, there: Sequence[list[Process]], *given: Look | UnavailableError) -> None:
        """Given one after the other."""
        self._there = list(there)
        self._given = list(given)

    def processes(self) -> list[Process]:
        """Those that live now."""
        return self._there.pop(0) if len(self._there) > 1 else self._there[0]

    def look(self, pid: int) -> Look:  # noqa: ARG002 - whichever it is
        """The next."""
        one = self._given.pop(0)
        if isinstance(one, UnavailableError):
            raise one
        return one


def well() -> Look:
    """A process in which all is well."""
    process = looks.Process()
    process.task("main", {"kind": "sleep", "delay_s": 1.0})
    return process.look()


def traced(scripted: Scripted) -> Trace:
    """Three looks, no waiting."""
    return take_trace(scripted, about="app", over_s=2.0, wait=lambda _seconds: True)


SILENT = UnavailableError("the agent did not answer within 8 s")
BUSY = BusyError("the agent did not answer within 8 s: its main thread was on the CPU")


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ((well(), well(), well()), ExitCode.SUCCESS, "no problem found"),
        ((well(), SILENT, well()), ExitCode.SUCCESS, "no problem found"),
        ((well(), SILENT, SILENT), ExitCode.UNAVAILABLE, "process 42 could not be looked into"),
        ((SILENT, SILENT, SILENT), ExitCode.UNAVAILABLE, "process 42 could not be looked into"),
        ((BUSY, BUSY, BUSY), ExitCode.EXCEPTION, "1 finding: blocked_loop"),
        ((BUSY, well(), well()), ExitCode.SUCCESS, "no problem found"),
    ],
    ids=["three", "two", "one", "none", "burns CPU", "came back"],
)
def test_a_process_is_well_only_after_two_looks(
    given: tuple[Look | UnavailableError, ...], code: ExitCode, said: str
) -> None:
    """One alone does not tell what waits from what is stuck."""
    trace = traced(Scripted([[WELL]], *given))
    assert (trace.exit_code, said in trace_line(trace)) == (code, True), trace_line(trace)


def test_helpers_that_were_seen_once_prove_nothing() -> None:
    """Each look found another one."""
    there = [[Process(pid, "helper", how="agent")] for pid in (1, 2, 3)]
    trace = traced(Scripted(there, well(), well(), well()))
    assert (trace.exit_code, "one look alone" in trace_line(trace)) == (ExitCode.UNAVAILABLE, True)


def test_what_nobody_could_look_into_is_no_pass() -> None:
    """A worker that gave up its user beside a master that answers."""
    worker = Process(43, "worker", note="it runs as user 65534", blind=True)
    trace = traced(Scripted([[WELL, worker]], well(), well(), well()))
    assert trace.exit_code is ExitCode.UNAVAILABLE


def test_a_search_that_failed_is_no_pass() -> None:
    """What is wrong may be there: said, and not taken for well."""
    failed = well().model_copy(update={"trouble": "KeyError(1)"})
    trace = traced(Scripted([[WELL]], well(), failed, well()))
    assert trace.exit_code is ExitCode.UNAVAILABLE
    assert trace.processes[0].note == "not all of it could be looked into: KeyError(1)"


def test_a_program_that_ends_in_between_leaves_the_looks_so_far() -> None:
    """They are not lost with it."""
    trace = traced(Scripted([[WELL], [WELL], []], well(), well()))
    assert (trace.exit_code, len(trace.seen[42])) == (ExitCode.SUCCESS, 2)
    trace = traced(Scripted([[WELL], [WELL], [WELL], []], well(), well(), SILENT))
    assert (trace.exit_code, len(trace.seen[42])) == (ExitCode.SUCCESS, 2)


def test_what_is_only_worth_knowing_is_marked_in_the_trace_of_a_stall() -> None:
    """All wait for a peer: that is no fault of the program."""

    def waiting() -> Look:
        process = looks.Process()
        process.task("main", {"kind": "outside", "how": "StreamReader.read"})
        return process.look()

    scripted = Scripted([[WELL]], waiting(), waiting(), waiting())
    (told,) = trace_stalled(scripted, about="app", wait=lambda _seconds: True).findings
    assert told.kind == "waiting_outside"
    assert told.text.startswith("for information: ")
