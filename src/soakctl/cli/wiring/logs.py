"""Which logs are meant, and what hides their secrets."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from soakctl.adapters.artifact_places import artifact_places
from soakctl.adapters.config_glance import glance
from soakctl.adapters.finding import quick_find
from soakctl.adapters.logs.group import LogGroup, rotated
from soakctl.cli.given import GLOBALS
from soakctl.cli.light import inherited
from soakctl.cli.output import warn
from soakctl.errors import ConfigError, NoDataError, SoakctlError
from soakctl.redact import Redactor
from soakctl.redact.variables import promised_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.adapters.config_glance import Glance
    from soakctl.adapters.logs.opened import OpenedLog
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
        of_run: whether it is the log of a run, in which soakctl put a stamp before each line.
        failed: the exit code of the worst that could not be read; 0 for none.
        lacking: how many lines beside others could not be shown, because they were too far back in what is read once.
        troubles: why logs could not be read, or not to their ends; redacted.
    """

    redactor: Redactor
    config: Config | None = None
    groups: list[LogGroup] = field(default_factory=list)
    of_run: bool = False
    failed: int = 0
    lacking: int = 0
    troubles: list[str] = field(default_factory=list)
    _times: dict[str, Times] = field(default_factory=dict)
    _strange: set[str] = field(default_factory=set)

    def times(self, log: OpenedLog) -> Times:
        """What reads the times of a file's lines."""
        from soakctl.domain.logs.times import Times

        times = self._times.get(log.path)
        if times is None:
            times = self._times[log.path] = Times(about_unix=log.modified_unix, unknown=self.strange_zone)
        return times

    def lacks(self, lines: int) -> None:
        """Neighbours are missing."""
        self.lacking += lines

    def tell_lacking(self) -> int:
        """Say how many neighbours are missing, and give the number."""
        if self.lacking:
            message = (
                f"{self.lacking} lines before matches are left out: they are too far back in what cannot be read twice"
            )
            warn(message)
        return self.lacking

    def strange_zone(self, name: str) -> None:
        """Tell, once, how times are read whose zone is not known."""
        if name not in self._strange:
            self._strange.add(name)
            warn(f"times with the zone {name} are read as this machine's")

    def trouble(self, path: str, why: SoakctlError | str) -> None:
        """Tell that a log could not be read, or not to its end, and go on with the others."""
        if isinstance(why, SoakctlError):
            code, told = int(why.exit_code), f"{path}: {why.message}" + (f" ({why.hint})" if why.hint else "")
        else:
            code, told = 69, f"{path}: could not be read to its end: {why}"
        told = self.redactor.text(told)
        self.failed = max(self.failed, code)
        if told not in self.troubles:  # a log may be read twice
            self.troubles.append(told)
            warn(told)


def now_unix() -> float:
    """The present time."""
    return time.time()


def find_logs(files: Sequence[str], run: str | None, *, needs_config: bool) -> Logs:
    """The files that were named, else those of a run, else those of the service, else those of the latest run.

    Raises NoDataError where there is none, and ConfigError.
    """
    basis = _whole(needs_config=True) if needs_config or GLOBALS.verbose else _glanced()
    logs = Logs(basis.redactor, basis.config)
    if not files:
        logs.groups = _of_run(run, basis, logs) if run else _of_service(basis, logs)
    else:
        names = _short(files)
        logs.groups = [LogGroup(names[path], [path], trouble=logs.trouble) for path in dict.fromkeys(files)]
    return logs


class _Basis(NamedTuple):
    """What logs are found and redacted by.

    Attributes:
        base: where `cwd` starts from.
        cwd: the service's directory.
        logs: its log files, as they are configured.
        soak_dir: where runs are.
        config: the whole configuration, if that was read.
    """

    redactor: Redactor
    base: Path
    cwd: str
    logs: tuple[str, ...]
    soak_dir: Path
    config: Config | None = None


def _glanced() -> _Basis:
    """By a look at the part of the configuration that matters here; by the model, which takes long, if that is odd."""
    explicit = Path(GLOBALS.config) if GLOBALS.config else None
    seen = glance(explicit, cwd=Path.cwd(), environ=os.environ)
    if not seen.is_plain:
        try:
            return _whole(needs_config=True)
        except ConfigError as error:
            if explicit is not None:
                raise
            # What can be made out of it hides secrets all the same.
            warn(Redactor(_values(seen), extra=seen.extra).text(f"the configuration here is broken: {error.message}"))
    for told in seen.notes:
        warn(told)
    return _Basis(
        redactor=Redactor(_values(seen), extra=seen.extra, keep=seen.keep),
        base=seen.root if seen.path is not None else Path.cwd(),
        cwd=seen.cwd,
        logs=seen.logs,
        soak_dir=artifact_places(os.environ, seen.root)[1],
    )


def _values(seen: Glance) -> Mapping[str, str]:
    """What the environment promises to be secret, and what is configured as such."""
    environ = {**inherited(), **seen.env}
    promised = promised_secrets(environ)
    if not seen.secrets:
        return promised
    from soakctl.adapters.secrets import resolve_secrets

    return {**promised, **resolve_secrets(seen.secrets, environ, root=seen.root).values}


def _whole(*, needs_config: bool) -> _Basis:
    """By the model."""
    from soakctl.cli.wiring.setup import set_up

    setup = set_up(needs_config=needs_config)
    service, soak_dir = setup.config.service, setup.environment.soak_dir
    return _Basis(setup.redactor, setup.base, service.cwd, service.logs, soak_dir, setup.config)


def _of_service(basis: _Basis, logs: Logs) -> list[LogGroup]:
    from soakctl.adapters.tail_paths import TailPaths

    paths = TailPaths(basis.logs, basis.base / basis.cwd)
    listed = [path for path, _ in paths.listed()]
    older = {path: rotated(path) for path in listed}
    parts = {part for found in older.values() for part in found}
    groups = [
        LogGroup(paths.shown(path), [*older[path], path], trouble=logs.trouble) for path in listed if path not in parts
    ]
    if groups:
        return groups
    if basis.logs:
        warn(f"there is no file of service.logs yet: {', '.join(basis.logs)}")
    try:
        return _of_run("latest", basis, logs)
    except NoDataError as error:
        message = "there is no log: no file was named, service.logs has none, and there is no run"
        hint = "Name a file, as in `soakctl logs app.log`, or set service.logs in soakctl.yaml."
        raise NoDataError(message, hint=hint, where=error.where) from None


def _of_run(run: str, basis: _Basis, logs: Logs) -> list[LogGroup]:
    from soakctl.adapters.runs import find_run

    directory = find_run(run, basis.soak_dir)
    path = directory / "logs" / "service.log"
    if not path.exists():
        message = f"run {directory.name} has no log"
        raise NoDataError(message, hint="A mock run has none, and a service that said nothing.", where=str(path))
    logs.of_run = True
    return [LogGroup(directory.name, [*rotated(str(path)), str(path)], trouble=logs.trouble)]


def _short(files: Sequence[str]) -> dict[str, str]:
    """File names alone, where they tell the files apart."""
    names = [Path(path).name for path in dict.fromkeys(files)]
    return {path: (Path(path).name if names.count(Path(path).name) == 1 else path) for path in files}
