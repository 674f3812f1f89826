"""`soakctl smoke` on real processes: every exit code it can give, and what it says with it."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import APPS, PYTHON, assert_gone
from tests.support.polling import eventually

if TYPE_CHECKING:
    from tests.support.cli import Cli

THREE_STREAMS = {
    "service": {"command": [PYTHON, "-u", str(APPS / "three_streams.py"), "app.log"], "logs": ["app.log"]},
    "smoke": {
        "checkpoints": [
            {"name": "starting", "pattern": r"starting, pid (?P<pid>\d+), threads (?P<threads>\w+)"},
            {"name": "config_loaded", "pattern": r"Config loaded: (?P<rules>\d+) rules from (?P<file>\S+)"},
            {"name": "connected", "pattern": r"Connected to venue (?P<venue>\S+) as (?P<account>\S+)"},
            {"name": "event", "pattern": r"Event received: (?P<event>\S+)", "liveness": True},
            {"name": "enforced", "pattern": "Enforced", "required": False},
        ]
    },
}


def test_checkpoints_come_from_stdout_stderr_and_a_log_file_in_one_boot(cli: Cli) -> None:
    """Every stream is read, fields are captured, people's text goes to stderr beside a JSON document.

    What soakctl sets for its own libraries does not reach the service.
    """
    cli.configure(THREE_STREAMS)
    done = cli.run("smoke", "--json")
    assert done.code == 0, str(done)
    found = done.document()
    rows = {row["name"]: row for row in found["checkpoints"]}
    assert rows["starting"]["fields"]["threads"] == "default"
    assert rows["config_loaded"]["fields"] == {"rules": "12", "file": "rules.yaml"}
    assert rows["connected"]["fields"] == {"venue": "TESTNET", "account": "trader-7"}
    assert rows["event"]["fields"]["event"].startswith("fill-")
    assert rows["enforced"]["at_s"] is None
    assert (found["passed"], found["exit_code"], found["exit_name"]) == (True, 0, "SUCCESS")
    assert found["stop"]["severity"] == "ok"
    assert "venue=TESTNET, account=trader-7" in done.err
    assert re.search(r"^Smoke test PASSED: First event after \d+\.\ds$", done.err, re.MULTILINE)
    assert_gone(int(rows["starting"]["fields"]["pid"]))


@pytest.mark.parametrize(
    ("fault", "code", "last", "says"),
    [
        ("", 0, r"PASSED: First event after \d\.\ds", "Proof of life: checkpoint event_received"),
        ("order", 0, r"PASSED: First event after \d\.\ds", "out of order"),
        ("exception", 1, "EXCEPTION: KeyError: 'daily_loss' .*", "Last checkpoint: sdk_connected"),
        ("dies", 1, "EXCEPTION: the service exited with code 7 .*", "Last checkpoint: event_loop_running"),
        ("unclean-stop", 1, "EXCEPTION: the service did not stop cleanly: .*", "had to be killed"),
        ("no-events", 2, r"STALLED: No events after 3\.0s", "Hint: Check the event subscriptions"),
        ("no-rules", 2, r"STALLED: No events after 3\.0s", "Expected: checkpoint rules_initialized within 3s"),
        ("skips", 2, r"STALLED: No events after 3\.0s", "checkpoint sdk_connected was not reached"),
        ("config", 3, "EXCEPTION: yaml.scanner.ScannerError.*", "Exit 3 (CONFIG_ERROR)"),
        ("api", 4, "EXCEPTION: ERROR broker login failed: 401 .*", "Exit 4 (API_ERROR)"),
        ("dependency", 5, "EXCEPTION: ModuleNotFoundError: .*", "Exit 5 (DEPENDENCY_ERROR)"),
    ],
)
def test_each_fault_of_the_demo_service_has_its_exit_code(
    cli: Cli, fault: str, code: int, last: str, says: str
) -> None:
    """The demo fails in each of its ways; code, last line and explanation tell which."""
    deadline = ["--deadline", "3s"] if code == 2 else []
    done = cli.run("smoke", "--mock", *deadline, *(["--mock-fault", fault] if fault else []))
    assert done.code == code, str(done)
    assert re.fullmatch(f"Smoke test {last}", done.last), done.last
    assert says in done.out


def test_without_a_configuration_output_and_a_port_prove_life(cli: Cli) -> None:
    """The sign of life that was used is named; `-q` leaves only the verdict."""
    silent = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); time.sleep(600)"
    done = cli.run("smoke", "--", PYTHON, "-c", silent)
    assert done.code == 0, str(done)
    assert re.search(r"Proof of life: port \d+", done.out)
    quiet = cli.run("smoke", "-q", "--", "sh", str(APPS / "worker.sh"))
    assert quiet.code == 0, str(quiet)
    assert re.fullmatch(r"Smoke test PASSED: First event after \d\.\ds\n", quiet.out)


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["/nowhere/app"], 5, "command not found: /nowhere/app"),
        (["./app.txt"], 3, "./app.txt cannot be executed: Permission denied"),
        ([PYTHON, "-c", "import os; os.write(1, b'ImportError: \\x1b[31mno\\x07 \\xc2\\x9bbroker')"], 5, "no broker"),
    ],
)
def test_what_cannot_be_started_says_so(cli: Cli, args: list[str], code: int, says: str) -> None:
    """The last line names what is missing, and nothing that a service prints can steer the terminal."""
    cli.cwd.joinpath("app.txt").write_text("not a program\n", encoding="utf-8")
    done = cli.run("smoke", "--", *args)
    assert done.code == code, str(done)
    assert says in done.last
    assert not set(done.out) & {"\x1b", "\x07", "\x9b"}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_smoke_test_stops_the_service(cli: Cli, number: signal.Signals, code: int) -> None:
    """Ctrl-C and SIGTERM end the wait; the service is stopped by its own handler and the code tells which it was."""
    with cli.start("smoke", "--mock", "--mock-fault", "no-events", "--deadline", "50s") as running:
        eventually(lambda: len(cli.processes()) >= 2)  # soakctl and the service
        running.signal(number)
        done = running.done()
    assert done.code == code, str(done)
    assert done.last == "Smoke test INTERRUPTED: stopped before the boot was decided"
