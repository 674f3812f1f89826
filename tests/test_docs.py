"""The documentation holds what it promises: links, configurations, commands, exit codes, files and screens are real."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.main import get_command

from soakctl.adapters.config_file import parse
from soakctl.cli.app import app, run
from soakctl.domain.config.lint import lint
from soakctl.domain.config.root import Config
from soakctl.domain.journal import EventKind
from soakctl.domain.sample import FIELDS
from soakctl.errors import ExitCode
from soakctl.judge.resources import RESOURCES
from soakctl.mock.demo import FAULTS
from soakctl.mock.market_maker import Fault
from tests.support.docs import PAGES, ROOT, Block, blocks, commands, play, prose, read

_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+(?:\([^()\s]*\))?)\)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
_CODE_ROW = re.compile(r"^\| ([0-9, ]+) \| `?([A-Z_]+)`? \|", re.MULTILINE)
BLOCKS = [block for page in PAGES for block in blocks(page)]
REPLAYED = [block for block in BLOCKS if block.replays]


def _anchors(text: str) -> set[str]:
    """The names that headings can be linked by, as GitHub makes them."""
    plain = (re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).lower() for heading in _HEADING.findall(text))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Each link inside the project names a file that is there, and a heading that is in it."""
    broken = []
    for link in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists() or (anchor and anchor not in _anchors(prose(str(target)))):
            broken.append(link)
    assert broken == []


def test_there_is_documentation() -> None:
    """The pages that people look for are there, and the index leads to each page of docs/."""
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"} <= set(PAGES)
    linked = {link.partition("#")[0] for link in _LINK.findall(prose("docs/index.md"))}
    assert {Path(page).name for page in PAGES if page.startswith("docs/")} - {"index.md"} <= linked


def _is_configuration(block: Block) -> bool:
    """Whether it is a soakctl.yaml, or a part of one: all its keys are sections, or it has those nothing else has."""
    keys = yaml.safe_load(block.text) if block.language == "yaml" else None
    return isinstance(keys, dict) and bool(set(keys) <= set(Config.model_fields) or {"version", "service"} & set(keys))


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if _is_configuration(block)], ids=lambda block: block.place
)
def test_configurations_are_valid(block: Block) -> None:
    """An example can be copied: soakctl takes it, and has nothing to warn of."""
    assert [advice.text for advice in lint(parse(block.text, block.place))] == []


def _options(command: Any) -> dict[str, Any]:
    return {name: param for param in command.params for name in (*param.opts, *param.secondary_opts)}


def _wrong(words: list[str]) -> str:
    """What is wrong with the words behind `soakctl`; "" for nothing. Global options may stand anywhere."""
    command: Any = get_command(app)
    options = _options(command) | {"--help": None}
    rest = iter(words)
    for word in rest:
        if word == "--":
            return (
                ""
                if command.name in {"smoke", "soak", "init", "snapshot", "trace"}
                else f"{command.name} takes no command to run"
            )
        if word.startswith("-") and word != "-":
            name, given, _ = word.partition("=")
            if name not in options:
                return f"{command.name} has no option {name}"
            option = options[name]
            if option is not None and not option.is_flag and not option.count and not given:
                for _ in range(option.nargs):
                    next(rest, None)
        elif isinstance(command, typer.core.TyperGroup):
            if word not in command.commands:
                return f"there is no command {word}"
            command = command.commands[word]
            options |= _options(command)
        elif command.name not in {"logs", "trace"}:  # which take files, and a process
            return f"{command.name} takes no {word}"
    return ""


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    """Whatever a reader types from a page is a command with options that soakctl has."""
    found = [(place, " ".join(words), _wrong(words)) for place, words in commands(page)]
    assert [entry for entry in found if entry[2]] == []


@pytest.mark.parametrize("name", ["smoke", "soak", "gate", "snapshot", "logs", "trace"])
def test_every_option_is_told(name: str) -> None:
    """The page of a command names each of its options."""
    group: Any = get_command(app)
    page = read(f"docs/{name}.md")
    assert [option for option in _options(group.commands[name]) if not re.search(rf"{option}\b", page)] == []


@pytest.mark.parametrize("words", [["fly"], ["soak", "--detach"], ["gate", "RUN"], ["gate", "--", "app"], ["-x"]])
def test_a_command_that_is_none_is_noticed(words: list[str]) -> None:
    """The check above can fail."""
    assert _wrong(words) != ""


@pytest.mark.parametrize("page", ["README.md", "docs/verdicts.md"])
def test_exit_codes_are_those_of_the_program(page: str) -> None:
    """The tables name every code that soakctl can exit with, and no other."""
    told = {int(code): name for codes, name in _CODE_ROW.findall(read(page)) for code in codes.split(",")}
    assert told == {int(code): code.label for code in ExitCode}


@pytest.fixture
def mock_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a mock soak with these flags and gives the directory of the run."""

    def make(*flags: str) -> Path:
        monkeypatch.setenv("ARTIFACTS_DIR", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        run(["-q", "soak", "--duration", "30m", "--mock", *flags])
        capsys.readouterr()
        return (tmp_path / "soak" / "latest").resolve()

    return make


def _cells(page: str) -> set[str]:
    """What stands in backquotes in the tables of a page."""
    rows = [line for line in prose(page).splitlines() if line.startswith("|")]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize("flags", [(), *(("--mock-fault", fault.value) for fault in Fault)], ids=str)
def test_every_check_is_told(flags: tuple[str, ...], mock_run: Any) -> None:
    """docs/verdicts.md explains each line that a verdict can show."""
    made = json.loads((mock_run(*flags) / "verdict.json").read_text(encoding="utf-8"))["checks"]
    ids = {re.sub(r"^(kpi|abort)\..*", r"\1.NAME", check["id"]) for check in made}
    assert ids - _cells("docs/verdicts.md") == set()


def test_every_judged_resource_is_told() -> None:
    """docs/verdicts.md names the check and the budget of each resource."""
    wanted = {f"resource.{resource.name}" for resource in RESOURCES} | {
        resource.budget for resource in RESOURCES if resource.budget
    }
    assert wanted - _cells("docs/verdicts.md") == set()


def test_every_file_and_field_of_a_run_is_told(mock_run: Any) -> None:
    """docs/artifacts.md names what lies in a run directory, and each field of its documents."""
    told = _cells("docs/artifacts.md")
    for path in mock_run().iterdir():
        name = re.sub(r"ITER_SUMMARY_\d+", "ITER_SUMMARY_<n>", path.name)
        assert name in told
        if path.suffix == ".json":
            document = json.loads(path.read_text(encoding="utf-8"))
            assert set(document) - told == set(), name


@pytest.mark.parametrize("word", [*FIELDS, *EventKind])
def test_every_column_and_event_is_told(word: str) -> None:
    """docs/artifacts.md names each column of a sample and each kind of a journal entry."""
    assert str(word) in _cells("docs/artifacts.md")


@pytest.mark.parametrize(("page", "kinds"), [("docs/smoke.md", set(FAULTS)), ("docs/soak.md", {*map(str, Fault)})])
def test_every_mock_fault_is_told(page: str, kinds: set[str]) -> None:
    """Who wants to see what bad looks like finds each way."""
    assert kinds - _cells(page) == set()


@pytest.mark.skipif(sys.platform == "win32", reason="the screens are taken with a POSIX shell")
@pytest.mark.parametrize("block", REPLAYED, ids=lambda block: block.place)
def test_quoted_screens_are_real(block: Block, tmp_path: Path) -> None:
    """A run in virtual time prints what the page says; `python -m tests.support.docs` writes the pages anew."""
    assert all(output for _, output in block.screens)
    assert play(block, tmp_path) == block.screens


def test_the_verdict_screen_is_quoted() -> None:
    """The first thing a reader sees of soakctl is its verdict, and it is one of the screens that are replayed."""
    quoted = [line for block in REPLAYED if block.page == "README.md" for _, lines in block.screens for line in lines]
    assert "Verdict: PASS (exit 0)" in quoted
