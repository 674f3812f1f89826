"""What goes where: documents to stdout, text for people out of their way, colours only where they are wanted."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest
from rich.text import Text

from soakctl.cli.options import GLOBALS
from soakctl.cli.output import console_for, document, line, note, show, shown_path, warn

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _globals_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("config", "no_color", "log_format", "quiet", "verbose", "json"):
        monkeypatch.setattr(GLOBALS, name, getattr(type(GLOBALS)(), name))


class Terminal(io.StringIO):
    """A stream that somebody is looking at."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal that shows colours, in the place of stdout."""
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    return stream


def test_text_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody asked for a document."""
    line("a line")
    show(Text("a report"))
    assert capsys.readouterr() == ("a line\na report\n", "")


def test_beside_a_document_text_goes_to_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard output then holds the document and nothing else."""
    monkeypatch.setattr(GLOBALS, "json", True)
    line("a line")
    show(Text("a report"))
    document({"b": "é", "a": [1.5, None]})
    out, err = capsys.readouterr()
    assert err == "a line\na report\n"
    assert out == '{\n  "a": [\n    1.5,\n    null\n  ],\n  "b": "é"\n}\n'


def test_notes_and_warnings_go_to_stderr(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """-q leaves notes out; a warning is never left out."""
    note("by the way")
    monkeypatch.setattr(GLOBALS, "quiet", True)
    note("not this")
    warn("look out")
    assert capsys.readouterr() == ("", "by the way\nsoakctl: warning: look out\n")


def test_a_document_has_no_number_that_json_has_not() -> None:
    """NaN is a fault of ours, and not written as one."""
    with pytest.raises(ValueError, match="Out of range"):
        document({"x": float("nan")})


def test_where_letters_are_missing_json_escapes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document is whole in any encoding."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", errors="replace"))
    document({"a": "é"})
    assert json.loads(raw.getvalue()) == {"a": "é"}


def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing else does."""
    screen = terminal(monkeypatch)
    show(Text("red", style="red"))
    assert "\x1b[31mred" in screen.getvalue()


@pytest.mark.parametrize("how", ["--no-color", "NO_COLOR"])
def test_colours_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """By the flag, and by the variable that every tool obeys."""
    screen = terminal(monkeypatch)
    if how == "NO_COLOR":
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.setattr(GLOBALS, "no_color", True)
    show(Text("red", style="red"))
    assert "\x1b[31m" not in screen.getvalue()
    assert "red" in screen.getvalue()


def test_a_file_gets_no_colours(tmp_path: Path) -> None:
    """Nobody wants them in a log."""
    with (tmp_path / "out").open("w+") as file:
        console_for(file).print(Text("red", style="red"))
        file.seek(0)
        assert file.read() == "red\n"


def test_what_a_service_said_is_not_taken_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets and colons stay what they are."""
    show("[bold]x[/bold] :smile: 42")
    line("[red]y[/red]")
    assert capsys.readouterr().out == "[bold]x[/bold] :smile: 42\n[red]y[/red]\n"


def test_a_line_is_never_wrapped(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts look for it as it stands."""
    monkeypatch.setenv("COLUMNS", "40")
    line("x" * 500)
    assert capsys.readouterr().out == "x" * 500 + "\n"


def test_a_path_is_shown_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As short as it can be said."""
    inside = tmp_path / "artifacts" / "soak"
    inside.mkdir(parents=True)
    assert shown_path(inside) == str(inside)
    monkeypatch.chdir(tmp_path)
    assert shown_path(inside) == "artifacts/soak"
