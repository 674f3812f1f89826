"""What was given before the command; apart from the options, whose library takes long to import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Globals:
    """What was given before the command."""

    config: str | None = None
    no_color: bool = False
    log_format: str = "text"
    quiet: bool = False
    verbose: int = 0
    json: bool = False


GLOBALS = Globals()
