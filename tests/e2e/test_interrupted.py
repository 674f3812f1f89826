"""A soak that is interrupted, killed and resumed: the service always ends in good order, and the run is kept."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import APPS, PYTHON, assert_gone
from tests.support.polling import eventually

if TYPE_CHECKING:
    from tests.support.cli import Cli

PLAN = ("--duration", "3s", "--iteration", "1s", "--sample-every", "0.25s")


def family(cli: Cli, *words: str, grace: str = "20s") -> None:
    """Configure a service of three processes, which is ready with its first line."""
    command = [PYTHON, "-u", str(APPS / "family.py"), *words]
    cli.configure({"service": {"command": command, "ready": {"log": "^main"}, "stop": {"grace": grace}}})


def log_of(cli: Cli) -> str:
    """What the service has said so far."""
    return (cli.latest / "logs" / "service.log").read_text(encoding="utf-8")


def test_ctrl_c_stops_the_service_cleanly_and_the_run_can_be_resumed(cli: Cli) -> None:
    """The service's own handler runs, the way back is told, and a resume goes on to the planned end."""
    family(cli)
    with cli.start("soak", *PLAN) as running:
        cli.wait_for("iteration_ended")
        running.signal(signal.SIGINT)
        done = running.done()
    assert done.code == 130, str(done)
    run = cli.latest.name
    assert f"Run {run} is kept; go on with: soakctl soak --resume --run {run}" in done.out
    assert log_of(cli).count("closed the books") == 1
    assert cli.read("run.json")["state"] == "interrupted"
    cli.assert_nothing_left()

    again = cli.run("soak", "--resume")
    assert again.code == 0, str(again)
    assert [path.name for path in cli.runs] == [run]
    assert len(cli.events("run_resumed")) == len(cli.events("gap")) == 1
    assert cli.read("run.json")["state"] == "finished"
    assert cli.read("verdict.json")["observed_s"] >= 3
    elapsed = [row["elapsed_s"] for row in cli.rows("resources.jsonl")]
    assert elapsed == sorted(elapsed)
    assert [row["seq"] for row in cli.rows("events.jsonl")] == list(range(1, len(cli.rows("events.jsonl")) + 1))
    assert cli.run("soak", "--resume").code == 64


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_other_signals_interrupt_as_ctrl_c_does(cli: Cli, number: signal.Signals, code: int) -> None:
    """SIGTERM and a closed terminal stop the service cleanly, each with its code, also while it boots."""
    family(cli)
    with cli.start("soak", *PLAN) as running:
        cli.wait_for("service_started")
        running.signal(number)
        done = running.done()
    assert done.code == code, str(done)
    assert cli.read("run.json")["state"] == "interrupted"


def test_a_second_ctrl_c_kills_what_does_not_end(cli: Cli) -> None:
    """Nobody has to wait out a long grace."""
    family(cli, "--stubborn", grace="10m")
    with cli.start("soak", *PLAN) as running:
        cli.wait_for_samples(1)
        running.signal(signal.SIGINT)
        eventually(lambda: any(row["rung"] == "asked" for row in cli.events("stop_rung")))
        running.signal(signal.SIGINT)
        done = running.done()
    assert done.code == 130, str(done)
    assert any(row["rung"] == "killed" for row in cli.events("stop_rung"))


def test_sigkill_loses_nothing_and_leaves_nothing(cli: Cli) -> None:
    """The keeper stops the service of a soakctl that was killed, in good order, and the run goes on where it was."""
    family(cli)
    with cli.start("soak", *PLAN) as running:
        cli.wait_for_samples(3)
        running.signal(signal.SIGKILL)
        assert running.done().code == -signal.SIGKILL
    before = cli.rows("resources.jsonl")
    resumed = cli.run("soak", "--resume", "--json")
    assert resumed.code == 0, str(resumed)
    rows = cli.rows("resources.jsonl")
    assert rows[: len(before)] == before
    assert {row["life"] for row in rows} == {1, 2}
    assert resumed.document()["observed_s"] >= 3
    assert cli.run("gate", "--json").document() == resumed.document()
    assert re.search(r"resumed after \d", resumed.err)
    first, second = (row["pid"] for row in cli.events("service_started"))
    assert first != second
    assert_gone(first)


def test_a_run_that_is_going_on_is_nobody_elses(cli: Cli) -> None:
    """A second soakctl is refused with code 69; a gate may look, and writes nothing into it."""
    family(cli)
    with cli.start("soak", "--duration", "50s", "--iteration", "1s", "--sample-every", "0.5s") as running:
        cli.wait_for("iteration_ended")
        second = cli.run("soak", "--resume", "--json")
        assert second.code == 69, str(second)
        assert second.document()["error"]["message"] == f"the run is in use by another soakctl (pid {running.pid})"
        gate = cli.run("gate")
        assert (gate.code, gate.last) == (0, "Verdict: WARN (exit 0)"), str(gate)
        assert "the run is still going on" in gate.err
        assert not (cli.latest / "verdict.json").exists()
        assert running.goes_on
        running.signal(signal.SIGINT)
        assert running.done().code == 130


def test_a_run_that_went_on_while_somebody_waited_for_it_is_not_resumed(cli: Cli) -> None:
    """What was read before the lock was free is old by then: going on from it would spoil the journal."""
    family(cli)
    with cli.start("soak", *PLAN) as running:
        cli.wait_for_samples(1)
        running.signal(signal.SIGKILL)
        running.done()
    eventually(lambda: not cli.processes())
    journal, lock = cli.latest / "events.jsonl", cli.latest / "run.lock"
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # as the keeper of the soakctl that was killed would
        with cli.start("soak", "--resume") as running:
            eventually(lambda: has_open(running.pid, lock))
            last = cli.rows("events.jsonl")[-1]
            with journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**last, "seq": last["seq"] + 1}, sort_keys=True) + "\n")
            before = journal.read_bytes()
            fcntl.flock(held, fcntl.LOCK_UN)
            done = running.done()
    assert done.code == 69, str(done)
    assert "another soakctl has just gone on with this run" in done.err
    assert journal.read_bytes() == before


def has_open(pid: int, path: Path) -> bool:
    """Whether a process has a file open."""
    links = []
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            links.append(fd.readlink())
    return path in links


def test_a_command_that_is_no_text_is_asked_for_again(cli: Cli) -> None:
    """It runs as it is; a resume needs it again, says so, and goes on with it."""
    link = cli.cwd / os.fsdecode(b"caf\xe9.py")
    link.symlink_to(APPS / "trouble.py")
    command = ["--", PYTHON, "-u", str(link), "exit", "600"]
    with cli.start("soak", "--duration", "4s", "--iteration", "2s", "--sample-every", "0.5s", *command) as running:
        eventually(lambda: len(cli.runs) == 1)
        cli.wait_for_samples(2)
        running.signal(signal.SIGINT)
        done = running.done()
    assert done.code == 130, str(done)
    assert "give it again" in done.err
    refused = cli.run("soak", "--resume")
    assert refused.code == 64, str(refused)
    assert "holds bytes that are not UTF-8, and could not be recorded" in refused.err
    again = cli.run("soak", "--resume", *command)
    assert again.code == 0, str(again)
    assert len(cli.events("run_resumed")) == 1


def test_a_run_of_a_newer_soakctl_is_neither_judged_nor_resumed(cli: Cli) -> None:
    """It says so, with the schema that it met and the one that it reads."""
    assert cli.run("soak", "--mock", "--hours", "1").code == 0
    path = cli.latest / "run.json"
    path.write_text(path.read_text(encoding="utf-8").replace("soakctl.run/1", "soakctl.run/99"), encoding="utf-8")
    for words in (("gate",), ("soak", "--resume")):
        done = cli.run(*words)
        assert done.code == 3, str(done)
        assert "the run was made by a newer soakctl" in done.err
        assert "its schema is soakctl.run/99, and this one reads soakctl.run/1" in done.err
