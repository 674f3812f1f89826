"""The composition root: the only module that builds adapters and the mock, and hands them to services."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soakctl.adapters.clock import Clock
from soakctl.adapters.config_file import load
from soakctl.adapters.environment import Environment, apply_environment
from soakctl.adapters.run_reader import read_record
from soakctl.adapters.runs import find_run, new_run_directory
from soakctl.adapters.secrets import resolve_secrets, service_environment
from soakctl.cli.options import GLOBALS
from soakctl.errors import ConfigError
from soakctl.redact import Redactor

__all__ = ["Clock", "find_run", "new_run_directory", "read_record"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from soakctl.adapters.real_world import RealWorld
    from soakctl.adapters.run_lock import RunLock
    from soakctl.adapters.run_store import DirectoryStore, DocumentStore
    from soakctl.adapters.secrets import Resolved
    from soakctl.domain.config.loaded import Loaded
    from soakctl.domain.config.root import Config


@dataclass(frozen=True, slots=True)
class Setup:
    """What every command begins with: the configuration and the environment as they were found."""

    loaded: Loaded
    environment: Environment
    config: Config
    secrets: Resolved
    redactor: Redactor

    @property
    def base(self) -> Path:
        """What the paths of the configuration are relative to."""
        return self.loaded.path.parent if self.loaded.path is not None else Path.cwd()


def set_up() -> Setup:
    """Find and read the configuration, lay the environment over it, look up the secrets. Raises ConfigError."""
    explicit = Path(GLOBALS.config) if GLOBALS.config else None
    loaded = load(explicit, cwd=Path.cwd(), environ=os.environ)
    environment = Environment.from_environ(os.environ, loaded.root, cwd=Path.cwd())
    config = apply_environment(loaded.config, environment)
    secrets = resolve_secrets(config.service.secrets, os.environ, root=loaded.root)
    redactor = Redactor(secrets.values, extra=config.redact.extra, keep=config.redact.keep)
    return Setup(loaded, environment, config, secrets, redactor)


def bundled_config() -> Config:
    """The market maker that a mock soak simulates."""
    from importlib.resources import files

    from soakctl.adapters.config_file import parse

    name = "market_maker.yaml"
    return parse(files("soakctl.mock").joinpath(name).read_text(encoding="utf-8"), name)


def demo_config(fault: str | None) -> Config:
    """The bundled demo service, a real program, told to fail in one of its ways or not at all."""
    from soakctl.mock.demo_config import demo_config as build

    return build(fault)


def require_command(config: Config) -> tuple[str, ...]:
    """The command to run. Raises ConfigError when there is none."""
    command = config.soak.repeat.command if config.soak.repeat is not None else config.service.command
    if command is None:
        message = "there is no service to run"
        hint = (
            "Write it after two dashes, as in `soakctl soak -- python app.py`, or as service.command in soakctl.yaml."
        )
        raise ConfigError(message, hint=hint, where="service.command")
    return command


def open_store(path: Path, *, redact: Callable[[Any], Any], durable: bool) -> DirectoryStore:
    """The store of a run that is recorded. Raises UnavailableError."""
    from soakctl.adapters.run_store import DirectoryStore

    return DirectoryStore(path, redact=redact, durable=durable)


def document_store(path: Path, *, redact: Callable[[Any], Any]) -> DocumentStore:
    """The store of a run that is over: documents beside it can be replaced, its record cannot grow."""
    from soakctl.adapters.run_store import DocumentStore

    return DocumentStore(path, redact=redact)


def run_lock(path: Path) -> RunLock:
    """The lock of a run, not yet taken."""
    from soakctl.adapters.run_lock import RunLock

    return RunLock(path)


def stop_leftovers(run_id: str, stop_signal: int, grace_s: float) -> int:
    """Stop what an earlier soakctl left of this run. Raises UnavailableError."""
    from soakctl.adapters.leftovers import stop_leftovers as stop

    return stop(run_id, stop_signal, grace_s)


def fingerprint() -> dict[str, Any]:
    """What this machine is."""
    from soakctl.adapters.fingerprint import fingerprint as take

    return take()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a real run writes: nothing of it exists for smoke, which only keeps the log of the service in memory."""

    run_id: str
    directory: Path | None = None
    artifacts: Path | None = None
    lock_fd: int | None = None


@contextmanager
def real_world(setup: Setup, config: Config, place: Place, *, clock: Clock, pid: int | None) -> Iterator[RealWorld]:
    """A world around the configured service, or around a process that is already running.

    Whatever happens inside, the service is stopped and every thread has ended when this is left.
    """
    from soakctl.adapters.real_world import RealWorld

    world = RealWorld(clock)
    cwd = setup.base / config.service.cwd
    env = service_environment(config, os.environ, setup.secrets)
    service = _service(setup, config, place, world, cwd=cwd, env=env, pid=pid)
    world.begin(service, _senses(setup, config, place, world, cwd=cwd, env=env, attached=pid is not None))
    grace_s = float(config.service.stop.grace)
    with _interrupts(world):
        try:
            yield world
        finally:
            world.close(grace_s)


def _service(
    setup: Setup,
    config: Config,
    place: Place,
    world: RealWorld,
    *,
    cwd: Path,
    env: Mapping[str, str],
    pid: int | None,
) -> Any:
    from soakctl.adapters.attach import AttachedProcess
    from soakctl.adapters.service_host import Launch, ServiceHost
    from soakctl.adapters.service_log import ServiceLog
    from soakctl.adapters.services import HostedService, WatchedService
    from soakctl.adapters.tail import FileTail
    from soakctl.domain.watch import LineWatch

    now = world.clock.elapsed_s
    sink = None
    if place.directory is not None:
        log = place.directory / "logs" / "service.log"
        sink = ServiceLog(log, lambda: setup.redactor.stream().line, world.clock.unix)
    watch = LineWatch.of(config)
    tail = FileTail(config.service.logs, base=cwd, watch=watch, emit=world.emit, now=now, sink=sink)
    if pid is not None:
        return WatchedService(AttachedProcess(pid, world.emit), tail, sink)
    command = require_command(config)
    stop = config.service.stop

    def launch(life: int) -> Launch:
        return Launch(
            argv=command,
            cwd=str(cwd),
            env=env,
            stop_signal=stop.signal,
            run_id=place.run_id,
            life=life,
            grace_s=float(stop.grace),
            lock_fd=place.lock_fd,
        )

    host = ServiceHost(world.emit)
    return HostedService(host, launch, tail, watch=watch, emit=world.emit, now=now, sink=sink)


def _senses(
    setup: Setup,
    config: Config,
    place: Place,
    world: RealWorld,
    *,
    cwd: Path,
    env: Mapping[str, str],
    attached: bool,
) -> Any:
    import time

    from soakctl.adapters.kpi_sources import KpiReader
    from soakctl.adapters.ports_listening import ListeningPorts
    from soakctl.adapters.probe import ReadyProbe
    from soakctl.adapters.real_world import Senses
    from soakctl.adapters.run_command import verify
    from soakctl.adapters.sampler import TreeSampler
    from soakctl.services.soak.liveness import LIVENESS_METRIC

    liveness = config.service.liveness
    extra = {LIVENESS_METRIC: liveness.metric} if liveness is not None and liveness.metric is not None else {}
    ports = ListeningPorts(include_root=attached)
    checks = config.service.stop.verify
    return Senses(
        sampler=TreeSampler(
            include_root=attached,
            data_dirs=[cwd / path for path in config.service.data],
            artifacts_dir=place.artifacts,
            disk_path=place.artifacts or cwd,
        ),
        kpis=KpiReader(
            config.kpis,
            base=cwd,
            environ=env,
            not_before_unix=time.time(),
            emit=world.emit,
            redact=setup.redactor.text,
            extra=extra,
        ),
        probe=ReadyProbe(config.service.ready, lambda: ports.look(world.root_pid or 0), world.emit),
        verify=None if checks is None else lambda: verify(checks, cwd=cwd, env=env, redact=setup.redactor.text),
    )


@contextmanager
def _interrupts(world: RealWorld) -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP ask the engine to end; a second one has the service killed."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # A background job of a shell has SIGINT ignored: whoever did that meant it.
    numbers = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN or sys.stdin.isatty()]
    before = {number: signal.signal(number, lambda signum, _frame: world.interrupt(signum)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
