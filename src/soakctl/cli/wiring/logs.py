"""Which logs are meant, and what hides their secrets."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.adapters.config_discovery import find
from soakctl.adapters.logs.finding import quick_find
from soakctl.adapters.logs.group import LogGroup, rotated
from soakctl.cli.given import GLOBALS
from soakctl.cli.light import inherited
from soakctl.cli.output import warn
from soakctl.errors import NoDataError, SoakctlError
from soakctl.redact import Redactor
from soakctl.redact.variables import promised_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.adapters.logs.opened import OpenedLog
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config
    from soakctl.domain.logs.times import Times

__all__ = ["Logs", "find_logs", "now_unix", "quick_find"]


@dataclass(slots=True)
class Logs:
    """The logs that were asked for.

    Attributes:
        groups: each with what it was rotated into, where that belongs to it.
        redactor: what hides their secrets.
        config: the configuration; None where there is none, which nobody has looked at then.
        failed: the exit code of the worst that could not be read; 0 for none.
    """

    redactor: Redactor
    config: Config | None = None
    groups: list[LogGroup] = field(default_factory=list)
    failed: int = 0
    _times: dict[str, Times] = field(default_factory=dict)

    def times(self, log: OpenedLog) -> Times:
        """What reads the times of a file's lines."""
        from soakctl.domain.logs.times import Times

        times = self._times.get(log.path)
        if times is None:
            times = self._times[log.path] = Times(about_unix=log.modified_unix)
        return times

    def trouble(self, path: str, why: SoakctlError | str) -> None:
        """Tell that a log could not be read, or not to its end, and go on with the others."""
        if isinstance(why, SoakctlError):
            self.failed = max(self.failed, int(why.exit_code))
            warn(self.redactor.text(f"{path}: {why.message}" + (f" ({why.hint})" if why.hint else "")))
        else:
            self.failed = max(self.failed, 69)
            warn(self.redactor.text(f"{path}: could not be read to its end: {why}"))


def now_unix() -> float:
    """The present time."""
    return time.time()


def find_logs(files: Sequence[str], run: str | None, *, needs_config: bool) -> Logs:
    """The files that were named, else those of a run, else those of the service, else those of the latest run.

    Raises NoDataError where there is none, and ConfigError.
    """
    if files and not needs_config and _has_no_config():
        logs = Logs(Redactor(promised_secrets(inherited())))
    else:
        from soakctl.cli.wiring.setup import set_up

        setup = set_up(needs_config=needs_config)
        logs = Logs(setup.redactor, setup.config)
        if not files:
            logs.groups = _of_run(run or "latest", setup, logs) if run else _of_service(setup, logs)
    if files:
        names = _short(files)
        logs.groups = [LogGroup(names[path], [path], trouble=logs.trouble) for path in dict.fromkeys(files)]
    return logs


def _has_no_config() -> bool:
    """Whether there is nothing that would take long to read."""
    if GLOBALS.config:
        return False
    found = find(None, Path.cwd(), os.environ)
    if found.path is None:
        return True
    try:
        return found.path.name == "pyproject.toml" and b"tool.soakctl" not in found.path.read_bytes()
    except OSError:
        return False


def _of_service(setup: Setup, logs: Logs) -> list[LogGroup]:
    from soakctl.adapters.tail_paths import TailPaths

    paths = TailPaths(setup.config.service.logs, setup.base / setup.config.service.cwd)
    listed = [path for path, _ in paths.listed()]
    older = {path: rotated(path) for path in listed}
    parts = {part for found in older.values() for part in found}
    groups = [
        LogGroup(paths.shown(path), [*older[path], path], trouble=logs.trouble) for path in listed if path not in parts
    ]
    if groups:
        return groups
    if setup.config.service.logs:
        warn(f"there is no file of service.logs yet: {', '.join(setup.config.service.logs)}")
    try:
        return _of_run("latest", setup, logs)
    except NoDataError as error:
        message = "there is no log: no file was named, service.logs has none, and there is no run"
        hint = "Name a file, as in `soakctl logs app.log`, or set service.logs in soakctl.yaml."
        raise NoDataError(message, hint=hint, where=error.where) from None


def _of_run(run: str, setup: Setup, logs: Logs) -> list[LogGroup]:
    from soakctl.adapters.runs import find_run

    directory = find_run(run, setup.environment.soak_dir)
    path = directory / "logs" / "service.log"
    if not path.exists():
        message = f"run {directory.name} has no log"
        raise NoDataError(message, hint="A mock run has none, and a service that said nothing.", where=str(path))
    return [LogGroup(directory.name, [*rotated(str(path)), str(path)], trouble=logs.trouble)]


def _short(files: Sequence[str]) -> dict[str, str]:
    """File names alone, where they tell the files apart."""
    names = [Path(path).name for path in dict.fromkeys(files)]
    return {path: (Path(path).name if names.count(Path(path).name) == 1 else path) for path in files}
