"""Readers that go away, terminals that are closed, disks that are full: what is told suffers, and nothing else."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import termios
from typing import TYPE_CHECKING

from tests.support.cli import APPS, PYTHON, SOAKCTL

if TYPE_CHECKING:
    from tests.support.cli import Cli


# What is written where, with the exit code that it has.
WRITTEN = {
    "soakctl soak --mock --hours 1 2>&1 | true": 0,
    "soakctl gate --production | true": 1,
    "soakctl gate --production --json | head -1 > /dev/null": 1,
    "soakctl gate --production <&- >&-": 1,
    "soakctl gate >&- 2>&-": 0,
    "soakctl gate 2> /dev/full": 0,
    "soakctl gate > /dev/full": 69,
    "soakctl gate --production --json > /dev/full": 1,
}


def test_where_the_output_goes_changes_no_verdict(cli: Cli) -> None:
    """A reader that leaves is no fault; what was lost to a full disk is said, and is no success."""
    assert cli.run("soak", "--mock", "--hours", "1").code == 0
    done = cli.bash("".join(f"{script}\necho ${{PIPESTATUS[0]}} >> codes\n" for script in WRITTEN))
    codes = cli.cwd.joinpath("codes").read_text(encoding="ascii").split()
    assert dict(zip(WRITTEN, map(int, codes), strict=True)) == WRITTEN, str(done)
    assert "Traceback" not in done.err
    assert done.err.count("soakctl: cannot write to standard output: No space left on device\n") == 2


def test_a_terminal_that_is_closed_interrupts_the_soak_and_loses_nothing(cli: Cli) -> None:
    """The board has nowhere to go any more; the service is stopped, and the verdict so far is in the record."""
    cli.configure({"service": {"command": [PYTHON, "-u", str(APPS / "family.py")], "ready": {"log": "^main"}}})
    terminal, ours = pty.openpty()
    words = [*SOAKCTL, "soak", "--duration", "50s", "--iteration", "1s", "--sample-every", "0.25s"]
    env = {**cli.env, "TERM": "xterm-256color"}
    with subprocess.Popen(words, cwd=cli.cwd, env=env, stdin=ours, stdout=ours, stderr=ours) as soak:
        try:
            os.close(ours)
            cli.wait_for("iteration_ended")
            assert b"Ctrl-C stops the service cleanly" in os.read(terminal, 1 << 16)
            os.close(terminal)
            soak.send_signal(signal.SIGHUP)
            assert soak.wait(30) == 129
        finally:
            soak.kill()
    assert cli.read("run.json")["state"] == "interrupted"
    assert cli.read("verdict.json")["verdict"] == "WARN"


def test_a_terminal_that_lacks_letters_is_shown_question_marks(cli: Cli) -> None:
    """No verdict fails for want of a letter, and a JSON document keeps every one."""
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    program = r"printf 'h\303\251llo \360\237\232\200\nImportError: \303\251t\303\251\n'; exit 1"
    done = cli.run("smoke", "--json", "--", "sh", "-c", program, env=env)
    assert done.code == 5, str(done)
    assert json.loads(done.out)["evidence"] == ["héllo 🚀", "ImportError: été"]
    assert done.out.isascii()
    assert "  | h?llo ?\n" in done.err


def test_a_terminal_that_is_held_holds_nothing_else(cli: Cli) -> None:
    """Ctrl-S stops the board, not the soak: samples go on and Ctrl-C is heard."""
    cli.configure({"service": {"command": [PYTHON, "-u", str(APPS / "family.py")], "ready": {"log": "^main"}}})
    terminal, ours = pty.openpty()
    termios.tcflow(ours, termios.TCOOFF)
    words = [*SOAKCTL, "soak", "--duration", "50s", "--iteration", "1s", "--sample-every", "0.25s"]
    with subprocess.Popen(words, cwd=cli.cwd, env=cli.env, stdout=subprocess.DEVNULL, stderr=ours) as soak:
        try:
            cli.wait_for_samples(6)
            soak.send_signal(signal.SIGINT)
            cli.wait_for("run_ended")
            termios.tcflow(ours, termios.TCOON)
            assert soak.wait(30) == 130
        finally:
            soak.kill()
            os.close(ours)
            os.close(terminal)
