"""Writing to the terminal: one JSON document, or text for people."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from soakctl.cli.given import GLOBALS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console, RenderableType

    from soakctl.report.layout import Report

_USUAL_COLUMNS = 80


def console_for(stream: TextIO) -> Console:
    """A console that obeys --no-color and NO_COLOR, and does not colour what it guesses to be a number."""
    from rich.console import Console

    no_color = True if GLOBALS.no_color or os.environ.get("NO_COLOR") else None
    return Console(file=stream, no_color=no_color, highlight=False, markup=False, emoji=False)


def show(*shown: RenderableType | Report) -> None:
    """Show to people: on stdout, or on stderr where stdout belongs to a JSON document."""
    from soakctl.report.layout import Report

    stream = sys.stderr if GLOBALS.json else sys.stdout
    for item in shown:
        if isinstance(item, Report) and not _is_terminal(stream):
            stream.write(item.plain(_columns()))
        else:
            _print(item, stream)


def _print(item: RenderableType | Report, stream: TextIO) -> None:
    from soakctl.report.coloured import coloured
    from soakctl.report.layout import Report

    console_for(stream).print(coloured(item) if isinstance(item, Report) else item)


def _is_terminal(stream: TextIO) -> bool:
    """Whether rich would take it for one."""
    return stream.isatty() or any(os.environ.get(name) for name in ("FORCE_COLOR", "TTY_COMPATIBLE"))


def _columns() -> int:
    """The width asked for, else of the terminal that somebody may look at through a pipe, else 80."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked):
        return int(asked)
    for descriptor in (0, 1, 2):
        with suppress(OSError):
            return os.get_terminal_size(descriptor).columns or _USUAL_COLUMNS
    return _USUAL_COLUMNS


def line(text: str, *, stream: TextIO | None = None) -> None:
    """One line exactly as it is, but for secrets: never coloured, wrapped or cut."""
    target = stream or (sys.stderr if GLOBALS.json else sys.stdout)
    target.write((GLOBALS.redactor.text(text) if GLOBALS.redactor else text) + "\n")
    target.flush()


def reader_has_left() -> bool:
    """Whether nothing that is written to stdout arrives any more, as behind `| head`."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return getattr(raw, "trouble", None) is not None


def uses_colours(stream: TextIO) -> bool:
    """Whether what is written there is shown in colours."""
    return _is_terminal(stream) and not GLOBALS.no_color and not os.environ.get("NO_COLOR")


def shown_path(path: Path) -> str:
    """A path as short as it can be said here."""
    from pathlib import Path as Here

    try:
        return str(path.resolve().relative_to(Here.cwd()))
    except ValueError:
        return str(path)


def note(text: str) -> None:
    """Something on the way, for people; left out when only the verdict is wanted."""
    if not GLOBALS.quiet:
        line(text, stream=sys.stderr)


def warn(text: str) -> None:
    """Something that people should know, and that changes nothing."""
    line(f"soakctl: warning: {text}", stream=sys.stderr)


def document(content: Mapping[str, Any]) -> None:
    """One JSON document on stdout."""
    # An encoding that lacks a letter would spoil it, where JSON has an escape for each.
    escape = not (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=escape, allow_nan=False) + "\n")
    sys.stdout.flush()
