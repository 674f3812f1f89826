"""`soakctl soak`: a new run, real or simulated, or an unfinished one resumed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from soakctl import __version__
from soakctl.cli.finish import finish
from soakctl.cli.light import look_as_usual
from soakctl.cli.output import note
from soakctl.cli.overrides import count_flag, duration_flag, hours_flag, with_repeat, with_service, with_soak
from soakctl.cli.tuning import require_tuning
from soakctl.cli.watching import Watching
from soakctl.cli.wiring.run_snapshots import snapshots_of_run
from soakctl.cli.wiring.runs import new_run, past_runs, run_fingerprint, start_of_run, unfinished
from soakctl.cli.wiring.setup import bundled_config, require_command, set_up, warn_of_missing_secrets
from soakctl.cli.wiring.tuning import overrides_file, watch_of_mock_run, watch_of_run
from soakctl.cli.wiring.world import Place, mock_fault, real_world, require_process, simulated_world
from soakctl.domain.adaptive import is_adaptive, with_history
from soakctl.domain.hashing import config_hash
from soakctl.domain.plan import Plan
from soakctl.domain.run import Manifest, Mode
from soakctl.domain.state import RunState
from soakctl.domain.tuning import Tune
from soakctl.errors import ConfigError, UsageError
from soakctl.services.soak.parts import kpi_columns
from soakctl.services.soak.run import Soak, run_soak

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soakctl.cli.wiring.runs import RunFiles
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config

History = list[dict[str, float]]


# In the flags of a manifest: the command stands there with replaced characters.
_INEXACT = "command_inexact"


@dataclass(frozen=True, slots=True)
class SoakFlags:
    """What was given on the command line, as it was given; None for what was not."""

    command: list[str] | None = None
    hours: str | None = None
    duration: str | None = None
    iterations: int | None = None
    iteration: str | None = None
    sample_every: str | None = None
    iteration_timeout: str | None = None
    heartbeat: str | None = None
    mock: bool = False
    mock_fault: str | None = None
    seed: int = 1
    pid: int | None = None
    auto_tune: bool = False
    propose_only: bool = False

    @property
    def tuning(self) -> Tune:
        """Whether and how the run tunes."""
        if self.propose_only:
            return Tune.PROPOSE
        return Tune.WRITE if self.auto_tune else Tune.OFF

    def check(self) -> None:
        """Raise UsageError for flags that contradict each other."""
        if self.hours is not None and self.duration is not None:
            message = "--hours and --duration say the same; give one"
            raise UsageError(message)
        if self.mock_fault is not None and not self.mock:
            message = "--mock-fault needs --mock"
            raise UsageError(message)
        if self.pid is not None and (self.command or self.mock):
            message = "--pid watches a process that is already running; it goes with neither a command nor --mock"
            raise UsageError(message)
        if self.mock and self.command:
            message = "--mock simulates the service; it goes with no command"
            raise UsageError(message)


def soak(flags: SoakFlags, *, resume: bool, run: str) -> int:
    """Run or resume, judge, show, and give the exit code."""
    flags.check()
    setup = set_up()
    if resume:
        return _resumed(flags, setup, run)
    flags = replace(flags, mock=flags.mock or (setup.environment.mock and not flags.command and flags.pid is None))
    config = _config(flags, setup)
    mode = Mode.MOCK if flags.mock else Mode.REAL
    history = past_runs(setup.environment, config, mode) if is_adaptive(config) else None
    if history is not None:
        config = with_history(config, history, mock=flags.mock)
    plan = Plan.of(config.soak)
    require_tuning(flags.tuning, setup, config, mock=flags.mock)
    if flags.mock:
        return _mock(flags, setup, config, plan, history)
    if flags.pid is None:
        require_command(config)
    else:
        require_process(flags.pid)
    warn_of_missing_secrets(setup)
    files = new_run(setup.environment, start_of_run(setup.environment), redact=setup.redactor.value)
    manifest = _manifest(flags, setup, config, plan, files).model_copy(update={"history": history})
    state = RunState(plan=plan, columns=kpi_columns(config), attached=flags.pid is not None)
    job = Soak(config, manifest, state, mock=False, resumed=False, alarm=True, tuning=flags.tuning)
    return _real(flags, setup, files, job)


def _config(flags: SoakFlags, setup: Setup) -> Config:
    """The configuration with the flags over it."""
    config = setup.config
    if flags.mock and not _simulates(config):
        config = bundled_config(tuned=flags.tuning is not Tune.OFF).model_copy(update={"soak": config.soak})
    given: dict[str, Any] = {
        "hours": hours_flag("--hours", flags.hours),
        "duration": duration_flag("--duration", flags.duration),
        "iterations": count_flag("--iterations", flags.iterations),
        "iteration": duration_flag("--iteration", flags.iteration),
        "sample_every": duration_flag("--sample-every", flags.sample_every),
    }
    config = with_soak(with_service(config, flags.command), given)
    timeout = duration_flag("--iteration-timeout", flags.iteration_timeout)
    config = with_repeat(config, timeout, duration_flag("--heartbeat", flags.heartbeat))
    if flags.command and config.soak.repeat is not None:
        config = config.model_copy(update={"soak": config.soak.model_copy(update={"repeat": None})})
    return config


def _is_inexact(command: Iterable[str]) -> bool:
    """Whether it came as bytes that are no UTF-8: Python keeps these as characters that no text has."""
    return any("\ud800" <= character <= "\udfff" for word in command for character in word)


def _simulates(config: Config) -> bool:
    return bool(config.kpis) and all(kpi.mock is not None and kpi.mock.value is not None for kpi in config.kpis)


def _manifest(flags: SoakFlags, setup: Setup, config: Config, plan: Plan, files: RunFiles) -> Manifest:
    recorded = setup.redactor.value(config.recorded())
    started = files.started_unix
    given = {key: value for key, value in asdict(flags).items() if value not in (None, False)}
    command = config.soak.repeat.command if config.soak.repeat is not None else config.service.command or ()
    if _is_inexact(command):
        given[_INEXACT] = True
        note("the command holds bytes that are not UTF-8, which cannot be recorded: to resume the run, give it again")
    reproducible = flags.mock or setup.environment.fake_utc is not None
    return Manifest(
        run_id=files.run_id,
        soakctl_version=__version__,
        mode=Mode.MOCK if flags.mock else Mode.REAL,
        flags=setup.redactor.value(given),
        config=recorded,
        config_hash=config_hash(recorded),
        config_source="bundled" if flags.mock and not _simulates(setup.config) else setup.loaded.source,
        fingerprint={} if reproducible else run_fingerprint(),
        command=tuple(setup.redactor.value(list(command))) if flags.pid is None else (),
        pid=flags.pid,
        plan=plan.to_json(),
        planned_s=plan.duration_s,
        started_unix=round(started, 6),
        started_utc=datetime.fromtimestamp(started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _mock(flags: SoakFlags, setup: Setup, config: Config, plan: Plan, history: History | None) -> int:
    started = start_of_run(setup.environment)
    fault, tuned = mock_fault(flags.mock_fault), flags.tuning is not Tune.OFF
    files = new_run(setup.environment, started, redact=setup.redactor.value, seed=flags.seed)
    tuned_in = files.path if tuned else None
    world = simulated_world(config, plan, seed=flags.seed, fault=fault, start_unix=started, tuned_in=tuned_in)
    manifest = _manifest(flags, setup, config, plan, files).model_copy(update={"history": history})
    state = RunState(plan=plan, columns=kpi_columns(config))
    job = Soak(config, manifest, state, mock=True, resumed=False, tuning=flags.tuning)
    overrides = watch_of_mock_run(files.path, config, flags.tuning)
    with files.open(durable=False) as store:
        observer = Watching(store, job, live=False)
        file = overrides_file(setup, config, mock_in=files.path)
        run_soak(job, world, store, redact=setup.redactor.value, observer=observer, overrides=file)
        return finish(store, files.path, setup.redactor, overrides)


def _real(flags: SoakFlags, setup: Setup, files: RunFiles, job: Soak) -> int:
    # It judges the run as it goes on: loaded now, memory stays flat, and its numpy counts the lines of a flood.
    import soakctl.judge.trend  # noqa: F401

    grace_s, hide = float(job.config.service.stop.grace), setup.redactor.value
    with files.locked(grace_s=grace_s, on_wait=note) as lock, files.open(durable=True) as store:
        if job.resumed:
            files.check_unchanged(job.state)
        files.clear_leftovers(job.state, job.config)
        place = Place(job.manifest.run_id, files.path, lock.fd)
        look_as_usual()
        overrides = watch_of_run(setup, job.config, job.tuning, store, resumed=job.resumed)
        with snapshots_of_run(setup, job.config, store, resumed=job.resumed, attached=flags.pid is not None) as also:
            observer = Watching(store, job, live=True, also=also)
            with (
                real_world(setup, job.config, place, elapsed_s=job.state.elapsed_s, pid=flags.pid) as world,
                observer,
            ):
                file = overrides_file(setup, job.config)
                run_soak(job, world, store, redact=hide, observer=observer, overrides=file)
            return finish(store, files.path, setup.redactor, overrides)


def _resumed(flags: SoakFlags, setup: Setup, run: str) -> int:
    files, record = unfinished(run, setup.environment, redact=setup.redactor.value)
    manifest = record.manifest
    if manifest.mode is Mode.MOCK:
        message = f"run {manifest.run_id} is a mock run; it takes a second to run again"
        raise UsageError(message, hint="Start it again with `soakctl soak --mock`.")
    if manifest.flags.get(_INEXACT) and not flags.command:
        message = f"the command of run {manifest.run_id} holds bytes that are not UTF-8, and could not be recorded"
        raise UsageError(message, hint=f"Give it again: soakctl soak --resume --run {manifest.run_id} -- COMMAND")
    before = SoakFlags(**{key: value for key, value in manifest.flags.items() if key in SoakFlags.__dataclass_fields__})
    flags = replace(before, command=flags.command or before.command, pid=flags.pid or before.pid)
    config = _config(flags, setup)
    if manifest.history is not None:
        config = with_history(config, manifest.history, mock=False)
    if config_hash(setup.redactor.value(config.recorded())) != manifest.config_hash:
        message = f"the configuration has changed since run {manifest.run_id} began"
        hint = "A run is judged by one configuration: restore it, or start a new run."
        if any("[REDACTED" in word for word in before.command or ()):
            hint = "Its command holds a secret and was not recorded: give it again after two dashes."
        raise ConfigError(message, hint=hint, where=str(setup.loaded.path or "command line"))
    state = record.state
    job = Soak(config, manifest.reopened(), state, mock=False, resumed=True, alarm=True, tuning=flags.tuning)
    return _real(flags, setup, files, job)
