"""A KPI read from a JSON file that the service, or something beside it, keeps writing."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

from soakctl.adapters.kpi_value import NoValueError, number_in_json
from soakctl.domain.wording import show_bytes, show_seconds

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 64 * 1024 * 1024
# A file stamped by the kernel's coarse clock can seem this much older than it is.
_CLOCK_SLACK_S = 0.1
# A file that is rewritten in place can be met half written.
_TRIES = 3
_BETWEEN_TRIES_S = 0.1


def read_json_file(
    path: Path, pointer: str, *, max_age_s: float | None, not_before_unix: float, now_unix: float
) -> float:
    """The number at the pointer of the file.

    `not_before_unix` is when the run began: what was written before tells nothing about it. Raises NoValueError where
    the file is missing, too old, too large, not JSON, or has no number there.
    """
    for left in reversed(range(_TRIES)):
        try:
            content = _read(path, max_age_s=max_age_s, not_before_unix=not_before_unix, now_unix=now_unix)
            return number_in_json(content, pointer, str(path))
        except _LastingError:
            raise
        except NoValueError:
            if not left:
                raise
            time.sleep(_BETWEEN_TRIES_S)
    raise AssertionError


class _LastingError(NoValueError):
    """The file will not be better in a moment."""


def _read(path: Path, *, max_age_s: float | None, not_before_unix: float, now_unix: float) -> bytes:
    try:
        # Without O_NONBLOCK the opening of a named pipe waits for a writer, for ever.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise NoValueError(f"{path} does not exist") from None
    except (OSError, ValueError) as error:
        raise _LastingError(f"{path} cannot be opened: {getattr(error, 'strerror', None) or error}") from None
    try:
        with open(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise _LastingError(f"{path} is not a regular file")
            _check_age(path, status.st_mtime, max_age_s=max_age_s, not_before_unix=not_before_unix, now_unix=now_unix)
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise _LastingError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(content) > LARGEST:
        raise _LastingError(f"{path} is larger than {show_bytes(LARGEST)}")
    return content


def _check_age(
    path: Path, written_unix: float, *, max_age_s: float | None, not_before_unix: float, now_unix: float
) -> None:
    if written_unix < not_before_unix - _CLOCK_SLACK_S:
        ago = show_seconds(not_before_unix - written_unix)
        raise _LastingError(f"{path} is older than this run: it was last written {ago} before")
    if max_age_s is not None and now_unix - written_unix > max_age_s:
        age = show_seconds(now_unix - written_unix)
        raise _LastingError(f"{path} was last written {age} ago, more than max_age {show_seconds(max_age_s)}")
