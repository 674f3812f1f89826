"""The command line in process: global options anywhere, usage errors, errors as documents, help with examples."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

import pytest
from typer.main import get_command

from soakctl import __version__
from soakctl.cli.app import app, run
from soakctl.cli.options import GLOBALS, Globals
from soakctl.errors import ExitCode, NoDataError

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterator
    from pathlib import Path

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory without a configuration, and global options as they are at the start of a process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARTIFACTS_DIR", str(tmp_path / "artifacts"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name, value in asdict(Globals()).items():
        monkeypatch.setattr(GLOBALS, name, value)


def _paths(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from _paths(inner, (*path, name))


COMMANDS = sorted(_paths(get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "soakctl")
def test_every_help_has_an_example(capsys: Captured, path: tuple[str, ...]) -> None:
    """That begins with the command itself, and fits a screen of 80 columns."""
    assert run([*path, "--help"]) == 0
    out, err = capsys.readouterr()
    example = " ".join(out.partition("Example:")[2].split())
    assert example.startswith(" ".join(("soakctl", *path))), out
    assert err == ""
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["soak", "--pid", "abc"], "--pid takes the number of a running process, not 'abc'"),
        (["soak", "--iterations", "1.5"], "--iterations takes a whole number from 1 on, not '1.5'"),
        (["soak", "--iterations", "0"], "--iterations must be between 1 and 1,000,000, not 0"),
        (["soak", "--seed", "x"], "--seed takes a whole number, not 'x'"),
        (["soak", "--hours", "abc"], "--hours: 'abc' is not a positive number of hours"),
        (["soak", "--duration", "abc"], "--duration: 'abc' is not a duration; write one like 8s, 90m or 1.5h"),
    ],
)
def test_a_value_that_is_none_is_told_with_what_is_allowed(capsys: Captured, argv: list[str], message: str) -> None:
    """In the words of people, not of a library."""
    assert run([*argv, "--", "true"]) == ExitCode.USAGE
    err = capsys.readouterr().err
    assert err.splitlines()[0] == f"soakctl: {message}"


def test_a_check_of_the_configuration_warns_once_of_what_is_not_there(capsys: Captured, tmp_path: Path) -> None:
    """With file, line and key; the configuration is valid all the same."""
    text = "version: 1\nservice:\n  cwd: nowhere\n  command: [no-such-command]\n  stop: {signal: SIGKILL}\n"
    (tmp_path / "soakctl.yaml").write_text(text, encoding="utf-8")
    assert run(["config", "check"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("ok: ")
    places = [line.split(": ")[1:3] for line in err.splitlines()]
    assert places == [
        ["soakctl.yaml:5", "service.stop.signal"],
        ["soakctl.yaml:3", "service.cwd"],
        ["soakctl.yaml:4", "service.command"],
    ]


def test_the_commands_are_all_there() -> None:
    """What people rely on."""
    assert {path[0] for path in COMMANDS if path} >= {"smoke", "soak", "gate", "init", "config"}


def test_the_version_is_one_line(capsys: Captured) -> None:
    """Name and number."""
    assert run(["--version"]) == 0
    assert capsys.readouterr() == (f"soakctl {__version__}\n", "")


def test_without_a_command_the_help_is_shown(capsys: Captured) -> None:
    """It is a usage error all the same."""
    assert run([]) == ExitCode.USAGE
    assert "Commands:" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["nope"], "No such command 'nope'."),
        (["gate", "--nope"], "No such option: --nope"),
        (["gate", "--path"], "Option '--path' requires an argument."),
        (["gate", "extra"], "Got unexpected extra argument"),
        (["soak", "--iterations", "x"], "--iterations takes a whole number"),
        (["soak", "--iterations", "0"], "--iterations must be"),
        (["soak", "--seed", "x", "--mock"], "--seed takes a whole number"),
        (["soak", "--hours", "0", "--", "x"], "--hours: '0'"),
        (["soak", "--hours", "1", "--duration", "1h", "--", "x"], "--hours and --duration say the same"),
        (["soak", "--pid", "1", "--", "x"], "--pid watches a process"),
        (["soak", "--mock", "--", "x"], "--mock simulates the service"),
        (["soak", "--mock-fault", "leak", "--", "x"], "--mock-fault needs --mock"),
        (["soak", "--mock", "--mock-fault", "nope"], "--mock-fault: 'nope' is not known"),
        (["soak", "--heartbeat", "5s", "--", "x"], "need a repeated command"),
        (["smoke", "--deadline", "soon", "--", "x"], "--deadline: 'soon'"),
        (["smoke", "--mock-fault", "x"], "--mock-fault needs --mock"),
        (["gate", "--fail-on", "pass"], "--fail-on is fail or warn"),
        (["gate", "--mock", "--production"], "contradict each other"),
        (["--log-format", "xml", "gate"], "--log-format is text or json"),
        (["gate", "--log-format", "xml"], "--log-format is text or json"),
        (["gate", "--log-format=xml"], "--log-format is text or json"),
        (["gate", "--log-format"], "--log-format needs text or json"),
        (["config"], "Missing command"),
        (["config", "nope"], "No such command 'nope'."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_command_line_exits_with_64(capsys: Captured, argv: list[str], message: str) -> None:
    """Never with 2, which means STALLED; nothing was started and nothing was made."""
    assert run(argv) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err or "Usage:" in err
    assert err.endswith("  exit 64 (USAGE)\n")


@pytest.mark.parametrize("argv", [["gate", "--json", "--nope"], ["--nope", "gate", "--json"], ["nope", "--json"]])
def test_a_wrong_command_line_is_a_document_with_json(capsys: Captured, argv: list[str]) -> None:
    """Wherever the mistake is."""
    assert run(argv) == ExitCode.USAGE
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["error"]["code"], told["error"]["name"]) == ("soakctl.error/1", 64, "USAGE")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["gate", "--json"], ExitCode.CONFIG_ERROR),
        (["gate", "--json", "--path", "nowhere"], ExitCode.CONFIG_ERROR),
        (["soak", "--json", "--resume"], ExitCode.CONFIG_ERROR),
        (["soak", "--json"], ExitCode.CONFIG_ERROR),
        (["smoke", "--json"], ExitCode.CONFIG_ERROR),
        (["config", "check", "--json", "missing.yaml"], ExitCode.CONFIG_ERROR),
        (["--config", "missing.yaml", "gate", "--json"], ExitCode.CONFIG_ERROR),
        (["gate", "--config", "missing.yaml", "--json"], ExitCode.CONFIG_ERROR),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_error_is_one_document_with_json(capsys: Captured, argv: list[str], code: ExitCode) -> None:
    """On stdout, with the code that the process exits with; the text stands on stderr."""
    assert run(argv) == code
    out, err = capsys.readouterr()
    told = json.loads(out)["error"]
    assert (told["code"], told["name"]) == (int(code), code.label)
    assert told["message"] in err


class Seen:
    """What a command was called with."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.globals: dict[str, Any] = {}
        self.arguments: dict[str, Any] = {}

    def taking(self, result: int = 0, error: BaseException | None = None) -> Callable[..., int]:
        """A command that remembers, and ends so."""

        def command(*_flags: Any, **arguments: Any) -> int:
            self.globals, self.arguments = asdict(GLOBALS), arguments
            if error is not None:
                raise error
            return result

        return command


@pytest.fixture
def smoke(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """`soakctl smoke` without doing anything."""
    seen = Seen()
    monkeypatch.setattr("soakctl.cli.smoke.smoke", seen.taking())
    return seen


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (["-q"], "quiet", True),
        (["--quiet"], "quiet", True),
        (["-v"], "verbose", 1),
        (["-vv"], "verbose", 2),
        (["-vvv"], "verbose", 3),
        (["-v", "-v"], "verbose", 2),
        (["-qv"], "verbose", 1),
        (["--verbose"], "verbose", 1),
        (["--no-color"], "no_color", True),
        (["--log-format", "json"], "log_format", "json"),
        (["--log-format=json"], "log_format", "json"),
        (["--config", "a.yaml"], "config", "a.yaml"),
        (["--config=a.yaml"], "config", "a.yaml"),
        (["--json"], "json", True),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_global_option_may_stand_anywhere(smoke: Seen, words: list[str], name: str, value: Any) -> None:
    """Before the command, behind it, and between its own options; never behind the two dashes."""
    places = [["smoke", *words], ["smoke", "--deadline", "5s", *words, "--mock"], ["smoke", *words, "--", "x"]]
    if name != "json":  # which is an option of each command
        places.append([*words, "smoke"])
    for argv in places:
        assert run(argv) == 0
        assert smoke.globals[name] == value, argv
    run(["smoke", "--", "service", *words])
    assert smoke.globals[name] == asdict(Globals())[name]


def test_what_follows_two_dashes_is_the_services(smoke: Seen) -> None:
    """To the last word, whatever it looks like."""
    words = ["python", "-v", "--json", "--log-format", "x", "--", "-q", "--config", "--help", ""]
    assert run(["-q", "smoke", "--deadline", "3s", "--", *words]) == 0
    assert smoke.arguments["command"] == words
    assert (smoke.globals["quiet"], smoke.globals["verbose"], smoke.globals["json"]) == (True, 0, False)
    assert smoke.arguments["deadline"] == "3s"


def test_the_later_configuration_holds(smoke: Seen) -> None:
    """The one that was given to the command itself."""
    assert run(["--config", "a.yaml", "smoke", "--config", "b.yaml"]) == 0
    assert smoke.globals["config"] == "b.yaml"


@pytest.mark.parametrize("code", [0, 1, 2, 3, 130])
def test_the_code_of_a_command_is_the_code_of_the_process(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """As it is."""
    monkeypatch.setattr("soakctl.cli.smoke.smoke", Seen().taking(code))
    assert run(["smoke"]) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoDataError("nothing"), ExitCode.CONFIG_ERROR),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (ZeroDivisionError("ours"), ExitCode.INTERNAL),
        (RecursionError(), ExitCode.INTERNAL),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_ends_here(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: ExitCode
) -> None:
    """As text and an exit code, never as a traceback; a fault of soakctl is never mixed up with a service's."""
    monkeypatch.setattr("soakctl.cli.smoke.smoke", Seen().taking(error=error))
    assert run(["smoke"]) == code
    assert "Traceback" not in "".join(capsys.readouterr())


def test_a_mock_soak_and_its_gate_say_the_same(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """One document each on stdout, with the same verdict, checks and resources."""
    monkeypatch.setenv("CI_FAKE_UTC", "2026-01-01T00:00:00Z")
    code = run(["soak", "--mock", "--json", "--hours", "24", "--sample-every", "5m"])
    soaked = json.loads(capsys.readouterr().out)
    assert run(["gate", "--json"]) == code == soaked["exit_code"] == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == soaked
    assert soaked["verdict"] == "PASS"
    assert err.splitlines()[-1].startswith("Verdict: PASS (exit 0")


def test_an_argument_may_hold_any_byte(capsys: Captured) -> None:
    """A file name need not be UTF-8: it is run as it is, or told to be missing, and is no fault of soakctl."""
    for stream in (sys.stdout, sys.stderr):  # as a process of soakctl has them
        cast("io.TextIOWrapper", stream).reconfigure(errors="replace")
    assert run(["soak", "--duration", "10s", "--", "./caf\udce9"]) == ExitCode.DEPENDENCY_ERROR
    assert "INTERNAL" not in "".join(capsys.readouterr())
