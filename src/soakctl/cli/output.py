"""Writing to the terminal: one JSON document, or text for people."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from soakctl.cli.options import GLOBALS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console, RenderableType


def console_for(stream: TextIO) -> Console:
    """A console that obeys --no-color and NO_COLOR, and does not colour what it guesses to be a number."""
    from rich.console import Console

    no_color = True if GLOBALS.no_color or os.environ.get("NO_COLOR") else None
    return Console(file=stream, no_color=no_color, highlight=False, markup=False, emoji=False)


def show(*renderables: RenderableType) -> None:
    """Show to people: on stdout, or on stderr where stdout belongs to a JSON document."""
    stream = sys.stderr if GLOBALS.json else sys.stdout
    console = console_for(stream)
    for renderable in renderables:
        console.print(renderable)


def line(text: str, *, stream: TextIO | None = None) -> None:
    """One line exactly as it is: never coloured, wrapped or cut."""
    target = stream or (sys.stderr if GLOBALS.json else sys.stdout)
    target.write(text + "\n")
    target.flush()


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
