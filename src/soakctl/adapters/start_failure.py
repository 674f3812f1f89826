"""Why a service could not be started, in words for the person who configured it."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.domain.signal import StartFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_FOUND = {errno.ENOENT, errno.ENOTDIR}
_NOT_EXECUTABLE = {errno.EACCES, errno.EPERM, errno.ENOEXEC, errno.EISDIR}


def start_failure(stage: str, number: int, *, command: str, cwd: str, env: Mapping[str, str]) -> StartFailed:
    """Say it by where it failed (cwd, exec or fork), the errno, and what is found there now."""
    said = os.strerror(number)
    if stage == "cwd":
        return StartFailed("cwd", f"the working directory {cwd} cannot be used: {said}")
    if stage != "exec":
        return StartFailed("other", f"no process could be started: {said}")
    if number in _NOT_FOUND:
        return StartFailed("not_found", _not_found(command, cwd, env))
    if number in _NOT_EXECUTABLE:
        why = "it is no program and has no #! line" if number == errno.ENOEXEC else said
        return StartFailed("not_executable", f"{command} cannot be executed: {why}")
    return StartFailed("other", f"{command} could not be started: {said}")


def _not_found(command: str, cwd: str, env: Mapping[str, str]) -> str:
    if "/" not in command:
        found = shutil.which(command, path=env.get("PATH", os.defpath))
        where = " in the service's PATH"
    else:
        found = str(Path(cwd, command))
        where = "" if Path(command).is_absolute() else f" in {cwd}"
    if found is not None and Path(found).is_file():
        return f"{command} is there, but the interpreter its first line names is not"
    return f"command not found: {command}{where}"
