"""How log lines are shown: with the name of their log, in the colour of their level, with what was found made bold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.logs.levels import Level

if TYPE_CHECKING:
    import re

_RESET = "\x1b[0m"
_STYLES = {
    Level.TRACE: "\x1b[2m",
    Level.DEBUG: "\x1b[2m",
    Level.INFO: "",
    Level.WARNING: "\x1b[33m",
    Level.ERROR: "\x1b[31m",
    Level.CRITICAL: "\x1b[1;31m",
}
_FOUND, _FOUND_ENDS = "\x1b[1;7m", "\x1b[22;27m"
_NAME = "\x1b[36m"


def styled(line: str, level: Level | None, *, label: str = "", found: re.Pattern[str] | None = None) -> str:
    """A line for a terminal."""
    style = _STYLES[level] if level is not None else ""
    text = line
    if found is not None:
        text = found.sub(lambda match: f"{_FOUND}{match[0]}{_FOUND_ENDS}{style}" if match[0] else "", line)
    if style:
        text = f"{style}{text}{_RESET}"
    return f"{_NAME}{label}{_RESET} | {text}" if label else text
