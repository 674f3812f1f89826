"""The worlds that services run in: the real one with its threads, and the simulated one."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.adapters.agent_home import AgentHome, home_of
from soakctl.adapters.attach import AttachedProcess
from soakctl.adapters.attribution.attribution import Attributor
from soakctl.adapters.clock import Clock
from soakctl.adapters.echo import Echo
from soakctl.adapters.kpi_sources import KpiReader
from soakctl.adapters.launch import Launch
from soakctl.adapters.overrides_file import OverridesFile
from soakctl.adapters.ports_listening import ListeningPorts
from soakctl.adapters.probe import ReadyProbe
from soakctl.adapters.real_world import RealWorld, Senses
from soakctl.adapters.run_command import verify
from soakctl.adapters.runs import make_directory
from soakctl.adapters.sampler import TreeSampler
from soakctl.adapters.secrets import service_environment
from soakctl.adapters.service_host import ServiceHost
from soakctl.adapters.service_log import ServiceLog
from soakctl.adapters.services import HostedService, WatchedService
from soakctl.adapters.tail import FileTail
from soakctl.adapters.task_counter import TaskCounter
from soakctl.adapters.traced_tree import TracedTree
from soakctl.cli.light import inherited
from soakctl.cli.output import warn
from soakctl.cli.wiring.reports import append_trace_log
from soakctl.cli.wiring.setup import require_command
from soakctl.domain.signal import Traced
from soakctl.domain.watch import LineWatch
from soakctl.errors import UsageError
from soakctl.keeper.tree import descendants
from soakctl.mock.market_maker import Fault, MarketMaker
from soakctl.mock.sim_world import SimWorld
from soakctl.mock.tuned_market_maker import TunedMarketMaker
from soakctl.services.soak.liveness import LIVENESS_METRIC
from soakctl.services.stall_trace import trace_stalled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from threading import Event

    from soakctl.adapters.real_world import Service
    from soakctl.awaits.trace import Trace
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config
    from soakctl.domain.plan import Plan


@dataclass(frozen=True, slots=True)
class Place:
    """Where a real run is recorded; a smoke test has an id and nothing else."""

    run_id: str
    directory: Path | None = None
    lock_fd: int | None = None
    home: AgentHome | None = None  # where the agents of its Python processes are; made by itself if left out
    echo: bool = False  # show what the service writes


@dataclass(frozen=True, slots=True)
class _Around:
    """What every adapter around a service needs to know."""

    setup: Setup
    config: Config
    place: Place
    world: RealWorld
    pid: int | None
    cwd: Path
    env: Mapping[str, str]
    agents: Path | None  # where those of its processes are


@contextmanager
def real_world(setup: Setup, config: Config, place: Place, *, elapsed_s: float, pid: int | None) -> Iterator[RealWorld]:
    """A world around the configured service, or around a process that is already running.

    Whatever happens inside, the service is stopped and every thread has ended when this is left.
    Raises UnavailableError for a process that cannot be watched.
    """
    world = RealWorld(Clock(elapsed_s=elapsed_s, fake_unix=setup.environment.fake_utc))
    with _agents(config, place, pid) as home:
        env = service_environment(config, inherited(), setup.secrets)
        if home is not None:
            env = home.environment(env)
        agents = home.path if home is not None else home_of(pid) if pid is not None else None
        around = _Around(setup, config, place, world, pid, setup.base / config.service.cwd, env, agents)
        yield from _run(around)


@contextmanager
def _agents(config: Config, place: Place, pid: int | None) -> Iterator[AgentHome | None]:
    """The meeting place of the agents; none where they were switched off, or the service was there before."""
    if place.home is not None or pid is not None or config.service.agent == "off":
        yield place.home
        return
    home = AgentHome(attribute=config.soak.attribute)
    try:
        yield home
    finally:
        home.close()


def _run(around: _Around) -> Iterator[RealWorld]:
    world, config = around.world, around.config
    log = _service_log(around)
    world.begin(_service(around, log), _senses(around))
    with _interrupts(world):
        try:
            yield world
        finally:
            world.close(float(config.service.stop.grace))
            if log is not None and log.failed:
                warn(f"some lines of the service are missing in its log: {log.failed}")
    if world.fault is not None:
        message = "watching the service failed"
        raise RuntimeError(message) from world.fault


def mock_fault(name: str | None) -> Fault | None:
    """The fault of this name. Raises UsageError for an unknown one."""
    kinds = [kind.value for kind in Fault]
    if name is not None and name not in kinds:
        message = f"--mock-fault: {name!r} is not known"
        raise UsageError(message, hint=f"Choose one of {', '.join(kinds)}.")
    return None if name is None else Fault(name)


def simulated_world(
    config: Config, plan: Plan, *, seed: int, fault: Fault | None, start_unix: float, tuned_in: Path | None = None
) -> SimWorld:
    """The simulated market maker in virtual time; tuned through a file of its own in the directory `tuned_in`."""
    if tuned_in is None:
        return SimWorld(MarketMaker(config, plan, seed=seed, fault=fault), start_unix=start_unix)
    overrides = OverridesFile(tuned_in / Path(config.tuning.file).name)
    service = TunedMarketMaker(config, plan, overrides, seed=seed, fault=fault)
    return SimWorld(service, start_unix=start_unix, overrides=overrides)


def overrides_path(setup: Setup, config: Config) -> Path:
    """Where the service of a real run takes its parameters from: beside the configuration, if it is not absolute."""
    return setup.base / config.tuning.file


def require_process(pid: int) -> None:
    """Raise UnavailableError for a process that cannot be watched, before a run is made for it."""
    AttachedProcess(pid, lambda _signal: None).close()


def _service_log(around: _Around) -> ServiceLog | None:
    if around.place.echo:
        return Echo(lambda: around.setup.redactor.stream().line)
    if around.place.directory is None:
        return None
    path = around.place.directory / "logs" / "service.log"
    make_directory(path.parent)
    return ServiceLog(path, lambda: around.setup.redactor.stream().line, around.world.clock.unix)


def _service(around: _Around, log: ServiceLog | None) -> Service:
    config, world, now = around.config, around.world, around.world.clock.elapsed_s
    watch = LineWatch.of(config)
    tail = FileTail(config.service.logs, base=around.cwd, watch=watch, emit=world.emit, now=now, sink=log)
    if around.pid is not None:
        return WatchedService(AttachedProcess(around.pid, world.emit), tail, log)
    command = require_command(config)

    def launch(life: int) -> Launch:
        return Launch(
            argv=command,
            cwd=str(around.cwd),
            env=around.env,
            stop_signal=config.service.stop.signal,
            run_id=around.place.run_id,
            life=life,
            grace_s=float(config.service.stop.grace),
            lock_fd=around.place.lock_fd,
        )

    return HostedService(ServiceHost(world.emit), launch, tail, watch=watch, emit=world.emit, now=now, sink=log)


def _senses(around: _Around) -> Senses:
    config, cwd, hide = around.config, around.cwd, around.setup.redactor.text
    world, attached = around.world, around.pid is not None
    liveness = config.service.liveness
    extra = {LIVENESS_METRIC: liveness.metric} if liveness is not None and liveness.metric is not None else {}
    ports = ListeningPorts(include_root=attached)
    asked = config.service.stop.verify
    return Senses(
        sampler=TreeSampler(
            include_root=attached,
            data_dirs=[cwd / path for path in config.service.data],
            artifacts_dir=around.place.directory,
            disk_path=around.place.directory or cwd,
        ),
        kpis=KpiReader(
            config.kpis,
            base=cwd,
            environ=around.env,
            not_before_unix=time.time(),
            emit=world.emit,
            redact=hide,
            extra=extra,
        ),
        probe=ReadyProbe(config.service.ready, lambda: ports.look(world.root_pid or 0), world.emit),
        verify=None
        if asked is None
        else lambda cancel: verify(asked, cwd=cwd, env=around.env, redact=hide, cancel=cancel),
        overrides=OverridesFile(overrides_path(around.setup, config)),
        trace=lambda cancel: _stall_trace(around, cancel),
        tasks=TaskCounter(around.agents).look,
        origins=Attributor(lambda: _living(around), around.agents),
    )


def _living(around: _Around) -> list[int]:
    root = around.world.root_pid
    if root is None:
        return []
    below = [member.pid for member in descendants(root) if not member.zombie]
    return below if around.pid is None else [root, *below]


def _stall_trace(around: _Around, cancel: Event) -> Traced:
    root = around.world.root_pid
    if root is None or around.agents is None:
        return Traced(None)
    tree = TracedTree(root, include_root=around.pid is not None, home=around.agents)
    about = f"Trace of {around.config.service.name}, which had stalled"

    def log(trace: Trace) -> None:
        hide = around.setup.redactor.text
        append_trace_log(Path("runtime_trace.log"), trace, hide=hide, here=str(Path.cwd()), details=True)

    wanted = log if around.setup.environment.async_debug else None
    return trace_stalled(tree, about=about, wait=lambda seconds: not cancel.wait(seconds), log=wanted)


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
