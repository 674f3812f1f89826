"""What a configuration names on this machine and is not there: a directory to start in, commands to run."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from soakctl.domain.config.loaded import Loaded
    from soakctl.domain.config.root import Config


def places(loaded: Loaded, base: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """A warning for each that is missing, with its file, line and key. Another machine may have what this one lacks.

    `base` is what `service.cwd` is relative to.
    """
    found = _missing(loaded.config, base, environ)
    return tuple(f"{_place(loaded, key)}{key}: {text}" for key, text in found)


def _place(loaded: Loaded, key: str) -> str:
    """The file and line of a key, or of the first of what it holds."""
    for name, where in loaded.origins.items():
        if name == key or name.startswith((f"{key}.", f"{key}[")):
            return f"{where}: "
    return ""


def _missing(config: Config, base: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    service, repeat = config.service, config.soak.repeat
    cwd = base / service.cwd
    if not cwd.is_dir():
        what = "is no directory" if cwd.exists() else "does not exist"
        yield "service.cwd", f"{cwd} {what}; the service cannot be started"
    search = {**environ, **service.env}.get("PATH", os.defpath)
    commands = {"service.command": service.command} if repeat is None else {"soak.repeat.command": repeat.command}
    if service.stop.verify is not None:
        commands["service.stop.verify.command"] = service.stop.verify.command
    for key, argv in commands.items():
        if argv and (why := _not_there(argv[0], cwd, search)):
            yield key, f"{argv[0]} {why}"


def _not_there(program: str, cwd: Path, search: str) -> str:
    if os.sep not in program:
        return "" if shutil.which(program, path=search) else "was not found in PATH; the command cannot be started"
    if not os.path.isabs(program) and not cwd.is_dir():
        return ""  # said of the directory
    target = cwd / program
    if not target.is_file():
        return "does not exist" if os.path.isabs(program) else f"does not exist in {cwd}"
    return "" if os.access(target, os.X_OK) else "is not executable"
