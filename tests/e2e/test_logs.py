"""`soakctl logs` as a program: in pipes, followed, interrupted, and beside grep."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.support.log_files import a_log
from tests.support.polling import eventually

if TYPE_CHECKING:
    from tests.support.cli import Cli


def test_following_goes_on_until_it_is_interrupted(cli: Cli) -> None:
    """Over a rotation; the next one goes on where it ended."""
    log, kept = cli.cwd / "app.log", cli.cwd / "cursor"
    log.write_text("1\n2\n")
    with cli.start("logs", "-f", "app.log", "-n", "1", "--cursor", "cursor") as running:
        eventually(kept.exists)
        log.rename(cli.cwd / "app.log.1")
        log.write_text("3\n")
        eventually(lambda: "app.log.1" in kept.read_text())
        running.signal(signal.SIGINT)
        done = running.done()
    assert (done.code, done.out) == (130, "2\n3\n")
    assert "app.log was rotated" in done.err
    with log.open("a") as file:
        file.write('{"msg": "4"}\n')
    before = kept.read_text()
    with cli.start("logs", "-f", "app.log", "--cursor", "cursor", "--json") as running:
        eventually(lambda: kept.read_text() != before)
        running.signal(signal.SIGINT)
        done = running.done()
    assert '"schema": "soakctl.log-line/1"' in done.out
    assert done.out.count("\n") == 1


def test_it_ends_when_nobody_reads(cli: Cli) -> None:
    """Behind a pipe that is closed, following too."""
    (cli.cwd / "app.log").write_text("line\n" * 200_000)
    done = cli.bash("soakctl logs app.log | head -1; soakctl logs -f app.log | head -1")
    assert (done.code, done.out) == (0, "line\nline\n")


def test_a_filter_gives_a_line_for_a_line(cli: Cli) -> None:
    """In a pipe, whatever comes."""
    done = cli.bash("printf 'a\\0b\\n\\n\\377\\npassword=hunter2-and-more\\nlast' | soakctl logs -")
    assert done.out == "ab\n\n\ufffd\npassword=[REDACTED:password]\nlast\n"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("grep") is None, reason="compared with grep")
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("pattern", ["error", "n=[0-9]7$", "timed out|failed", "^ +File", "w.rld", "[^a-z]$", "x?"])
def test_the_same_lines_as_grep(pattern: str, seed: int, cli: Cli) -> None:
    """With neighbours as well."""
    path = cli.cwd / "app.log"
    path.write_bytes(a_log(Random(seed), 5_000))
    beside = ("-C", str(seed % 4)) if seed % 2 else ()
    found = subprocess.run(
        ["grep", "-aE", *beside, pattern, path],
        capture_output=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert cli.run("logs", str(Path("app.log")), "--grep", pattern, *beside).out == found.stdout.decode()
