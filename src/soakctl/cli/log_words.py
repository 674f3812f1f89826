"""Reads the words behind `soakctl logs` without Typer, which takes longer to import than a log to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.cli.given import GLOBALS

if TYPE_CHECKING:
    from collections.abc import Sequence

# Each option, the field it sets, and what it takes; a test compares them with those that `--help` shows.
OPTIONS: dict[str, tuple[str, type]] = {
    "-n": ("lines", int),
    "--lines": ("lines", int),
    "-f": ("follow", bool),
    "--follow": ("follow", bool),
    "--level": ("level", str),
    "--grep": ("grep", str),
    "-A": ("after", int),
    "--after": ("after", int),
    "-B": ("before", int),
    "--before": ("before", int),
    "-C": ("context", int),
    "--context": ("context", int),
    "--since": ("since", str),
    "--until": ("until", str),
    "--checkpoints": ("checkpoints", bool),
    "--errors": ("errors", bool),
    "--rate": ("rate", bool),
    "--run": ("run", str),
    "--cursor": ("cursor", str),
    "--config": ("config", str),
    "--json": ("json", bool),
    "--no-color": ("no_color", bool),
    "-q": ("quiet", bool),
    "--quiet": ("quiet", bool),
}
_GLOBALS = ("config", "json", "no_color", "quiet")


def values_of(words: Sequence[str]) -> dict[str, Any] | None:
    """The values by field; None for what only Typer understands or has to refuse."""
    values: dict[str, Any] = {}
    files: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            files.append(word)
            continue
        known = OPTIONS.get(word)
        if known is None:
            return None
        name, kind = known
        value = True if kind is bool else next(rest, None)
        if value is None or (kind is int and not str(value).isdecimal()):
            return None
        values[name] = int(value) if kind is int else value
    return {**values, "files": tuple(files)}


def quick_logs(words: Sequence[str]) -> int | None:
    """Show logs, and give the exit code; None where that is left to Typer."""
    values = values_of(words)
    if values is None:
        return None
    from soakctl.cli.failure import guarded
    from soakctl.cli.log_flags import LogFlags
    from soakctl.cli.log_reading import read_logs

    for name in _GLOBALS:
        setattr(GLOBALS, name, values.pop(name, getattr(GLOBALS, name)))
    return guarded(lambda: read_logs(LogFlags(**values)), ["logs", *words])
