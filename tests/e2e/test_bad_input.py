"""Mistakes on the command line and in the configuration: each told in words, with its exit code, and harmless."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import APPS, PYTHON

if TYPE_CHECKING:
    from tests.support.cli import Cli
    from tests.support.inside import Inside


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("smoke", 3, "there is no service to run"),
        ("soak --hours=-1 -- true", 64, "--hours: '-1' is not a positive number of hours"),
        ("soak --hours 1 --duration 1h -- true", 64, "--hours and --duration say the same; give one"),
        ("smoke --deadline soon -- true", 64, "--deadline: 'soon' is not a duration; write one like 8s, 90m or 1.5h"),
        ("smoke --mock -- true", 64, "--mock boots the bundled demo service; it goes with no command"),
        ("smoke --mock --mock-fault nonsense", 64, "Choose one of api, config, dependency"),
        ("soak --mock --mock-fault nonsense", 64, "Choose one of leak, crash, stall"),
        ("soak --nonsense", 64, "No such option: --nonsense"),
        ("nonsense", 64, "No such command 'nonsense'"),
        ("gate --fail-on never", 64, "--fail-on is fail or warn, not 'never'"),
        ("gate --path nonsense", 3, "there is no run 'nonsense'"),
        ("soak --resume", 3, "there is no run yet"),
        ("--config nonsense.yaml smoke", 3, "nonsense.yaml: no such file"),
    ],
)
def test_a_wrong_command_line_is_told_in_a_document_and_in_words(
    inside: Inside, words: str, code: int, says: str
) -> None:
    """With --json stdout holds one document; people read the same on stderr, with the name of the code."""
    args = words.split()
    args.insert(args.index("--") if "--" in args else len(args), "--json")
    done = inside.run(*args)
    assert done.code == code, str(done)
    error = done.document()["error"]
    assert error["code"] == code
    assert error["name"] == {3: "CONFIG_ERROR", 64: "USAGE"}[code]
    assert says in " ".join((error["where"] + ":", error["message"], error["hint"]))
    assert says in done.err
    assert f"exit {code} ({error['name']})" in done.err
    assert not inside.artifacts.exists()


MISTAKES = {
    "YAML syntax": ("service: {command: [true\n", ["soakctl.yaml:3:1: not YAML"]),
    "keys and types": (
        "service:\n  comand: [true]\n  cwd: 5\nsoak:\n  hours: -1\n  sample_every: often\n",
        [
            "4 errors in soakctl.yaml",
            "soakctl.yaml:3: service.comand: unknown key; did you mean command?",
            "soakctl.yaml:4: service.cwd: expected text, found 5",
            "soakctl.yaml:6: soak.hours: -1 is out of range",
            "soakctl.yaml:7: soak.sample_every: 'often'",
        ],
    ),
    "checkpoints": (
        "smoke:\n  checkpoints:\n  - {name: a, pattern: x}\n  - {name: a, pattern: y}\n  - {name: b, pattern: (}\n",
        ["duplicate checkpoint a", "smoke.checkpoints[b].pattern: not a regular expression"],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_in_the_configuration_is_told_at_once(inside: Inside, mistake: str) -> None:
    """File, line, key, what was wrong and what is allowed, and nothing is started."""
    text, told = MISTAKES[mistake]
    inside.configure(f"version: 1\n{text}")
    done = inside.run("soak", "--", "true")
    assert (done.code, done.out) == (3, ""), str(done)
    assert [what for what in told if what not in done.err] == [], str(done)
    assert not inside.artifacts.exists()


@pytest.mark.parametrize("command", ["smoke", "soak"])
def test_a_working_directory_that_is_not_there_is_a_mistake_in_the_configuration(cli: Cli, command: str) -> None:
    """The boot of a soak is a smoke test and has its exit codes."""
    cli.configure({"service": {"command": ["true"], "cwd": "/nowhere"}})
    done = cli.run(command)
    assert done.code == 3, str(done)
    assert "the working directory /nowhere cannot be used" in done.out


def test_a_soak_of_a_command_that_is_not_there_exits_as_smoke_does(cli: Cli) -> None:
    """What is not installed is a dependency that is missing; the verdict is one document."""
    done = cli.run("soak", "--json", "--", "/nowhere/app")
    assert done.code == 5, str(done)
    assert (done.document()["verdict"], done.document()["exit_name"]) == ("FAIL", "DEPENDENCY_ERROR")


def test_a_file_in_the_way_of_the_artifacts_is_named(cli: Cli) -> None:
    """Where no run can be recorded none is begun."""
    cli.artifacts.write_text("a file\n", encoding="utf-8")
    done = cli.run("soak", "--", PYTHON, "-c", "open('started', 'w')")
    assert done.code == 69, str(done)
    assert f"{cli.artifacts}/soak: cannot make a directory for the run" in done.err
    assert not cli.cwd.joinpath("started").exists()


def test_a_place_without_the_right_to_write_is_named(cli: Cli) -> None:
    """So it is where there is a directory that others may write to."""
    cli.artifacts.mkdir(mode=0o755)
    done = cli.as_nobody("soak", "--", "true")
    assert done.code == 69, str(done)
    assert f"{cli.artifacts}/soak: cannot make a directory for the run: Permission denied" in done.err
    assert "ARTIFACTS_DIR" in done.err.partition("hint:")[2]


def test_a_full_disk_ends_the_run_in_good_order_and_loses_nothing(cli: Cli) -> None:
    """The service is stopped, what was recorded is kept, and with room on the disk the run goes on."""
    cli.artifacts.mkdir()
    small = f"mount -t tmpfs -o size=24k tmpfs '{cli.artifacts}'"
    probe = ["unshare", "-m", "sh", "-c", small]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("a file system of a few kilobytes cannot be mounted here")
    command = [PYTHON, "-u", str(APPS / "family.py")]
    cli.configure({"service": {"command": command, "ready": {"log": "^main"}}})
    # The file system exists only for this script, and is gone with it.
    script = f"""
        {small} || exit 99
        soakctl() {{ '{PYTHON}' -m soakctl "$@"; }}
        soakctl soak --duration 3s --iteration 1.5s --sample-every 0.1s >&2; echo "$?"
        mount -o remount,size=2m '{cli.artifacts}'
        soakctl soak --resume >&2; echo "$?"
        cat '{cli.artifacts}'/soak/latest/run.json
    """
    done = cli.bash(f"exec unshare -m bash -c {shlex.quote(script)}")
    first, second, *manifest = done.out.splitlines()
    assert (first, second) == ("69", "0"), str(done)
    assert "the disk is full" in done.err
    assert '"state": "finished"' in "".join(manifest)
