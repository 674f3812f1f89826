"""Snapshots of the environment: who answers which question, and where snapshots to compare are found."""

from __future__ import annotations

import json
import os
import shlex
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soakctl.adapters.runs import find_run
from soakctl.adapters.secrets import Resolved, resolve_secrets, service_environment
from soakctl.adapters.snapshot.directory import look_at_directory
from soakctl.adapters.snapshot.files import look_at_files
from soakctl.adapters.snapshot.git import look_at_git
from soakctl.adapters.snapshot.key import Key, key_from_file, own_key
from soakctl.adapters.snapshot.limits import look_at_limits
from soakctl.adapters.snapshot.python import look_at_python
from soakctl.adapters.snapshot.service import look_at_service, running_process
from soakctl.adapters.snapshot.system import look_at_system
from soakctl.adapters.snapshot.variables import SHOWN, look_at_credentials, look_at_variables
from soakctl.cli.light import inherited
from soakctl.cli.output import note
from soakctl.domain.config.snapshot import File
from soakctl.errors import ConfigError, NoDataError, UnavailableError
from soakctl.redact import Redactor
from soakctl.redact.arguments import hide_glued_passwords
from soakctl.redact.variables import may_be_secret, promised_secrets
from soakctl.services.snapshot import take_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from soakctl.adapters.snapshot.python import Answered
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config

_MARK = "[REDACTED:password]"
START = "environment_start.json"
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the questions are asked about: a service as it would be started, or as it runs."""

    setup: Setup
    config: Config
    env: Mapping[str, str]
    cwd: Path
    secrets: Resolved
    pid: int | None
    key: Key | None
    notes: tuple[str, ...] = ()
    executable: str | None = None
    command: tuple[str, ...] = ()
    written: tuple[str, ...] = ()

    @classmethod
    def of(cls, setup: Setup, config: Config, *, pid: int | None, key_file: str | None) -> Surroundings:
        """Raises UnavailableError for a key file that cannot be used, and for a process that cannot be read."""
        notes: tuple[str, ...] = ()
        key: Key | None = None
        try:
            key = own_key(os.environ) if key_file is None else key_from_file(Path(key_file))
        except UnavailableError as error:
            if key_file is not None:
                raise
            notes = (f"{error.message}; values of variables cannot be compared",)
        env = service_environment(config, inherited(), setup.secrets)
        command = config.service.command if config.soak.repeat is None else config.soak.repeat.command
        cwd = setup.base / config.service.cwd
        around = cls(setup, config, env, cwd, setup.secrets, pid, key, notes, command=tuple(command or ()))
        return around if pid is None else around.running(pid)

    def running(self, pid: int) -> Surroundings:
        """As the process has it, as far as it may be read. Raises UnavailableError."""
        process = running_process(pid)
        unread = () if process.environ is not None else (f"the environment of process {pid} may not be read",)
        secrets = self.secrets
        if process.environ is not None:
            try:
                secrets = resolve_secrets(self.config.service.secrets, process.environ, root=self.setup.loaded.root)
            except ConfigError as error:
                unread = (f"the credentials of process {pid}: {error.message}",)
        config = self.config
        if process.command:
            service = config.service.model_copy(update={"command": tuple(process.command)})
            config = config.model_copy(update={"service": service})
        return replace(
            self,
            config=config,
            env=self.env if process.environ is None else process.environ,
            secrets=secrets,
            cwd=self.cwd if process.cwd is None else Path(process.cwd),
            pid=pid,
            notes=(*self.notes, *unread),
            executable=process.executable,
        )

    def at_process(self, pid: int) -> Surroundings:
        """As `running`; of a process that is gone already, what was known before it."""
        try:
            return self.running(pid)
        except UnavailableError as error:
            return replace(self, pid=pid, notes=(*self.notes, error.message))

    def redactor(self) -> Redactor:
        """Hides the configured secrets, and whatever variables whose names promise a secret hold."""
        promised = promised_secrets({**inherited(), **self.env})
        redact = self.config.redact
        return Redactor(
            {**promised, **self.setup.secrets.values, **self.secrets.values}, extra=redact.extra, keep=redact.keep
        )


def snapshot_of(
    around: Surroundings, moment: str, *, seen: Callable[[], None] | None = None, answered: Answered | None = None
) -> dict[str, Any]:
    """Ask everything now. `seen` is called once the process was looked at, which may be stopped then.

    `answered` spares asking the service's Python again where nothing was installed since.
    """
    setup, config, env, cwd, pid, key = (
        around.setup, around.config, around.env, around.cwd, around.pid, around.key,
    )  # fmt: skip
    root, asked = setup.base, config.snapshot
    command = config.service.command if config.soak.repeat is None else config.soak.repeat.command
    files = [*asked.files, *_own_file(setup.loaded.path, root)]
    redactor = around.redactor()
    configured = {*config.service.env, *(secret.name for secret in config.service.secrets)}
    redacts = partial(_redacts, redactor)
    hidden = {secret.name for secret in config.service.secrets} | set(filter(may_be_secret, env))
    questions = {
        "service": lambda: _service(pid, seen),
        "limits": lambda: look_at_limits(env, pid),
        "system": lambda: look_at_system(env, cwd),
        "start": lambda: {"command": redactor.text(_command_line(around.command or command or ())) or None},
        "directory": lambda: look_at_directory(cwd, own=_written(around)),
        "python": lambda: look_at_python(command, env, cwd, root=root, running=around.executable, answered=answered),
        "variables": lambda: look_at_variables(
            env, show=(*SHOWN, *asked.show_env), hidden=hidden, configured=configured, key=key, redacts=redacts
        ),
        "credentials": lambda: look_at_credentials(around.secrets),
        "files": lambda: look_at_files(files, root, hide=redactor.text, key=key),
        "git": lambda: look_at_git(cwd),
        "network": lambda: _network(asked.hosts),
    }
    return take_snapshot(
        questions,
        moment=moment,
        unix=time.time(),
        key=None if key is None else {"source": key.source, "id": key.id},
        hide=redactor.value,
        notes=around.notes,
    )


def _command_line(words: Sequence[str]) -> str:
    hidden = hide_glued_passwords(words, _MARK)
    return " ".join(word if _MARK in word and " " not in word else shlex.quote(word) for word in hidden)


def _redacts(redactor: Redactor, name: str, value: str) -> bool:
    """Whether something of a variable's value is hidden where it is shown."""
    shown = {name: {"value": value}}
    return bool(redactor.value(shown) != shown)


def _written(around: Surroundings) -> list[Path]:
    """Where soakctl writes, and the service's logs."""
    here = Path.cwd()
    logs = [around.setup.base / log for log in around.config.service.logs]
    homes = [os.environ[name] for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME") if os.environ.get(name)]
    return [around.setup.environment.soak_dir, *logs, *(here / place for place in (*homes, *around.written))]


def _own_file(path: Path | None, root: Path) -> list[File]:
    """The configuration in force, where it is not one of the well-known files of the project."""
    return [] if path is None or path.parent == root else [File(path=str(path))]


def _network(hosts: Sequence[str]) -> Any:
    if not hosts:
        return []
    from soakctl.adapters.snapshot.network import look_at_network  # with ssl, which few snapshots need

    return look_at_network(hosts)


def _service(pid: int | None, seen: Callable[[], None] | None) -> dict[str, Any] | None:
    if seen is None:
        return None if pid is None else look_at_service(pid)
    try:
        return None if pid is None else look_at_service(pid, window_s=0.0)
    finally:
        seen()


def service_pid(setup: Setup) -> int | None:
    """The pid of the service of the soak that is going on here; None where there is none."""
    from soakctl.adapters.run_lock import read_holder

    try:
        path = find_run("latest", setup.environment.soak_dir)
        holder = read_holder(path / "run.lock")
        if holder is None or not holder.alive:
            return None
        status = json.loads((path / "status.json").read_text(encoding="utf-8"))
    except (NoDataError, OSError, ValueError):
        return None
    pid = status.get("service_pid") if isinstance(status, dict) else None
    return pid if isinstance(pid, int) else None


def _of_run(run: Path, name: str) -> Path:
    """The snapshot of the run's start; where it has none, the first of its others, which is told."""
    start = run / START
    others = sorted(run.glob("environment_*.json"), key=lambda path: (path.stat().st_mtime, path.name))
    if start.is_file() or not others:
        return start
    note(f"{name} has no snapshot of its start: {others[0].name} is compared")
    return others[0]


def read_snapshot(name: str, setup: Setup) -> dict[str, Any]:
    """A snapshot in a file, or the one from the start of a run. Raises NoDataError."""
    path = Path(name)
    hint = "Make one with `soakctl snapshot --output FILE`."
    if not path.is_file():
        try:
            path = _of_run(find_run(name, setup.environment.soak_dir), name)
            hint += " A run of soak has one of its start, unless it is a mock run, or under CI_FAKE_UTC."
        except NoDataError:
            path = Path(name)
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_MOST_BYTES))
    except OSError as error:
        message = f"there is no snapshot {name!r}: {error.strerror or error}"
        raise NoDataError(message, hint=hint, where=str(path)) from None
    except (ValueError, RecursionError):
        raise NoDataError("this is no snapshot: not JSON", hint=hint, where=str(path)) from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(schema, str) or not schema.startswith("soakctl.environment/"):
        message = (
            f"this is no snapshot of an environment, but {schema if isinstance(schema, str) else 'another document'}"
        )
        raise NoDataError(message, hint=hint, where=str(path))
    found: dict[str, Any] = document
    return found
