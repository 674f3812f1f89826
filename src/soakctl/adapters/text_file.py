"""Text files outside a run's directory: read, replaced as a whole, or added to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path


def text_of(path: str) -> str:
    """What is in a file such as those of /proc; nothing where it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def replace_text(path: Path, text: str) -> None:
    """Write the file, with the folders it lies in; a reader sees the old text or the new one. Raises UnavailableError.

    What is no ordinary file, such as /dev/stdout or a pipe, is written to as it is.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", errors="replace")
            return
        target = path.resolve()  # a link stays one
        partial = target.with_name(f".{target.name}.{os.getpid()}.new")
        try:
            partial.write_text(text, encoding="utf-8", errors="replace")
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise _unavailable(path, error) from error


def append_text(path: Path, text: str) -> None:
    """Add to the end of a file, which is made if it is not there. Raises UnavailableError."""
    try:
        with path.open("a", encoding="utf-8", errors="replace") as out:
            out.write(text)
    except OSError as error:
        raise _unavailable(path, error) from error


def _unavailable(path: Path, error: OSError) -> UnavailableError:
    return UnavailableError(f"cannot write it: {error.strerror or error}", where=str(path))
