"""`soakctl trace` as people use it: programs that hang, programs that do not, and what cannot be looked into."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import APPS, PYTHON
from tests.support.hangs import Programs, marked
from tests.support.polling import eventually
from tests.test_schemas import wrong

if TYPE_CHECKING:
    from tests.support.cli import Cli

HANGS = str(APPS / "hangs.py")
SOON = ("--after", "500ms", "--over", "500ms")
ONCE_IT_RUNS = ("--after", "3s", "--over", "500ms")  # a loaded machine takes a while to start it


def test_a_deadlock_is_told_to_people_and_kept(cli: Cli) -> None:
    """Exit 1, the finding first, both lines, the tree, the log."""
    done = cli.run("trace", *ONCE_IT_RUNS, "--", PYTHON, HANGS, "deadlock")
    assert done.code == 1, str(done)
    lines = marked("deadlock")
    for word in ("first takes", "first waits", "second takes", "second waits"):
        assert lines[word] in done.out.replace("\n", "").replace("    ", "")
    assert "DEADLOCK (likely)" in done.out  # one of the locks was taken by hand
    assert "├─ " in done.out
    assert done.last == "Trace: 1 finding: deadlock (exit 1)"
    assert done.last in (cli.cwd / "runtime_trace.log").read_text(encoding="utf-8")


def test_a_healthy_program_exits_with_0_and_its_output_is_shown(cli: Cli) -> None:
    """One JSON document on stdout that keeps to its schema; what the program wrote is on stderr."""
    program = "import asyncio; print('said by it', flush=True); asyncio.run(asyncio.sleep(60))"
    done = cli.run("trace", "--json", "--deep", *ONCE_IT_RUNS, "--", PYTHON, "-c", program)
    document = done.document()
    assert done.code == 0, str(done)
    assert document["findings"] == []
    assert document["tasks"][0]["waits_for"] == "sleep(60)"
    assert wrong("trace", document) == []
    assert "said by it" in done.err


def test_findings_keep_to_the_schema(cli: Cli) -> None:
    """With members, victims and evidence."""
    done = cli.run("trace", "--json", *ONCE_IT_RUNS, "--", PYTHON, HANGS, "deadlock_of_tasks")
    assert wrong("trace", done.document()) == []
    assert done.document()["findings"][0]["kind"] == "deadlock"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ([PYTHON, "-I", "-c", "import time; time.sleep(60)"], "started with -I"),
        ([PYTHON, "-c", "import time; time.sleep(60)"], "no event loop of asyncio"),
        (["sleep", "60"], "not a Python program"),
        ([PYTHON, "-c", "pass"], "ended by itself"),
    ],
    ids=["isolated", "no asyncio", "not Python", "ends"],
)
def test_what_cannot_be_looked_into_is_said(cli: Cli, command: list[str], said: str) -> None:
    """Exit 69 and the reason, never a pass."""
    done = cli.run("trace", *SOON, "--", *command)
    assert (done.code, said in done.err) == (69, True), str(done)


def test_a_prepared_process_is_traced_by_its_pid(cli: Cli) -> None:
    """No right is needed: the agent is there."""
    with Programs(["deadlock_with_itself"]) as running:
        done = cli.run("trace", "--over", "500ms", str(running.pids["deadlock_with_itself"]))
    assert done.code == 1, str(done)
    assert "waits for a lock that it holds itself" in done.out


def test_no_such_process(cli: Cli) -> None:
    """It is said in one line."""
    done = cli.run("trace", "4194000")
    assert done.code == 69
    assert "there is no process 4194000" in done.err


def test_a_secret_in_the_arguments_is_not_shown(cli: Cli) -> None:
    """On the screen, in the log, in the document."""
    program = "import asyncio; asyncio.run(asyncio.sleep(60))"
    words = ("--", PYTHON, "-c", program, "--password=hunter2hunter2")
    for flags in ((), ("--json",)):
        done = cli.run("trace", *flags, *ONCE_IT_RUNS, *words)
        assert done.code == 0, str(done)
        assert "hunter2" not in done.out + done.err
    assert "hunter2" not in (cli.cwd / "runtime_trace.log").read_text(encoding="utf-8")


@pytest.mark.slow
def test_an_interrupt_while_it_watches_stops_the_program(cli: Cli) -> None:
    """--watch writes a line each until Ctrl-C; the program is gone then."""
    log = cli.cwd / "runtime_trace.log"
    program = "import asyncio, os; print(os.getpid(), flush=True); asyncio.run(asyncio.sleep(600))"
    with cli.start("trace", "--watch", "--json", *SOON, "--", PYTHON, "-c", program) as running:
        eventually(lambda: log.exists() and log.read_text(encoding="utf-8").count("Trace: ") >= 4)
        running.signal(signal.SIGINT)
        done = running.done()
    assert done.code == 130, str(done)
    assert len([json.loads(line) for line in done.out.splitlines()]) >= 2


@pytest.mark.slow
def test_a_stalled_boot_is_traced_before_it_is_stopped(cli: Cli) -> None:
    """The finding stands in the report of smoke."""
    done = cli.run("smoke", "--json", "--deadline", "2s", "--", PYTHON, HANGS, "deadlock")
    assert done.code == 2, str(done)
    assert "wait for each other" in done.document()["trace"][0]


def test_a_soak_counts_tasks(cli: Cli) -> None:
    """Samples have the number of tasks and the lag of the loop; with the agent off they have not."""
    for agent, counted in (("auto", True), ("off", False)):
        cli.configure({"version": 1, "service": {"agent": agent}, "smoke": {"deadline": "2s"}})
        cli.run("soak", "--duration", "3s", "--sample-every", "1s", "--", PYTHON, "-u", HANGS, "busy")
        rows = (cli.runs[-1] / "resources.jsonl").read_text(encoding="utf-8").splitlines()
        tasks = [json.loads(row)["num_tasks"] for row in rows]
        assert (max((each or 0 for each in tasks), default=0) > 5) is counted, tasks


@pytest.mark.slow
def test_gdb_puts_the_agent_into_an_unprepared_process(cli: Cli) -> None:
    """Who holds a lock is read from the stack of who took it."""
    if subprocess.run(["sh", "-c", "command -v gdb"], capture_output=True, check=False).returncode:
        pytest.skip("gdb is not installed")
    process = subprocess.Popen([sys.executable, HANGS, "deadlock_through_helpers"], stderr=subprocess.DEVNULL)
    try:
        done = cli.run("trace", "--attach", "gdb", "--over", "1s", str(process.pid))
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    assert done.code == 1, str(done)
    assert "wait for each other" in done.out
