"""Writing to the terminal: one JSON document, or text for people; a reader that goes away changes nothing."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from soakctl.cli.options import GLOBALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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
    with _reader_may_leave(stream):
        console = console_for(stream)
        for renderable in renderables:
            console.print(renderable)


def line(text: str, *, stream: TextIO | None = None) -> None:
    """One line exactly as it is: never coloured, wrapped or cut."""
    target = stream or (sys.stderr if GLOBALS.json else sys.stdout)
    with _reader_may_leave(target):
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
    with _reader_may_leave(sys.stdout):
        sys.stdout.write(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")
        sys.stdout.flush()


def flush_quietly() -> None:
    """Flush what is left; a reader that went away does not change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with _reader_may_leave(stream):
            stream.flush()


@contextlib.contextmanager
def _reader_may_leave(stream: TextIO) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        # Python flushes at exit and would complain once more: give the stream somewhere to go.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
