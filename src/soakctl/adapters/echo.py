"""What a service writes, shown on soakctl's own stderr as it comes, redacted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.adapters.service_log import ServiceLog

if TYPE_CHECKING:
    from collections.abc import Callable

_STDERR = 2
_NOWHERE = Path(os.devnull)


class Echo(ServiceLog):
    """In the place of a log file. Nobody waits for it: what stderr does not take is gone."""

    def __init__(self, redact: Callable[[], Callable[[str], str]]) -> None:
        """`redact` makes a redactor for one stream."""
        super().__init__(_NOWHERE, redact, lambda: 0.0)

    def put(self, name: str, text: str) -> None:  # noqa: ARG002 - both streams look alike here
        """Show a line that is redacted already."""
        try:
            os.write(_STDERR, f"{text}\n".encode("utf-8", "backslashreplace"))
        except OSError as error:
            self.failed = f"stderr: {error.strerror or error}"
            self.lost += 1
