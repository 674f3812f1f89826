"""What was given before the command; apart from the options, whose library takes long to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soakctl.redact import Redactor


@dataclass(slots=True)
class Globals:
    """What was given before the command.

    Attributes:
        redactor: what the command hides, once it knows; errors are told through it.
    """

    config: str | None = None
    no_color: bool = False
    log_format: str = "text"
    quiet: bool = False
    verbose: int = 0
    json: bool = False
    redactor: Redactor | None = None


GLOBALS = Globals()
