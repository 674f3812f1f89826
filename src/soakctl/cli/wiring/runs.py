"""The directory of the run that a command works on: made, found, locked, opened."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soakctl.adapters.older_runs import is_older_run, read_older_run, read_older_tuning
from soakctl.adapters.resources_file import read_resources
from soakctl.adapters.run_reader import read_record
from soakctl.adapters.run_store import DirectoryStore, DocumentStore
from soakctl.adapters.runs import find_run, new_run_directory
from soakctl.domain.adaptive import runs_needed
from soakctl.domain.run import Mode, RunPhase
from soakctl.errors import UnavailableError, UsageError

__all__ = [
    "DocumentStore",
    "RunFiles",
    "baseline_of",
    "is_going_on",
    "new_run",
    "older_run",
    "past_runs",
    "read_older_run",
    "read_older_tuning",
    "read_resources",
    "recorded",
    "run_fingerprint",
    "start_of_run",
    "unfinished",
]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from soakctl.adapters.environment import Environment
    from soakctl.adapters.run_lock import RunLock
    from soakctl.domain.baseline import Baseline
    from soakctl.domain.config.root import Config
    from soakctl.domain.record import Record
    from soakctl.domain.state import RunState

# A dead soakctl's keeper may still be stopping the service, for as long as its grace; this much is waited on top.
_KEEPER_EXTRA_S = 15.0


@dataclass(frozen=True, slots=True)
class RunFiles:
    """A run's directory and how it is written."""

    run_id: str
    path: Path
    started_unix: float
    redact: Callable[[Any], Any]

    @contextmanager
    def open(self, *, durable: bool) -> Iterator[DirectoryStore]:
        """The store of the run. Raises UnavailableError."""
        store = DirectoryStore(self.path, redact=self.redact, durable=durable)
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def locked(self, *, grace_s: float, on_wait: Callable[[str], None]) -> Iterator[RunLock]:
        """The lock of the run; waits for the keeper of a dead soakctl. Raises UnavailableError when it is taken."""
        from soakctl.adapters.run_lock import RunLock

        lock = RunLock(self.path / "run.lock")
        lock.acquire(timeout_s=grace_s + _KEEPER_EXTRA_S, on_wait=on_wait)
        try:
            yield lock
        finally:
            lock.release()

    def check_unchanged(self, state: RunState) -> None:
        """Raise UnavailableError when, since it was read, another soakctl has gone on with the run."""
        found = read_record(self.path)
        if found.state.seq != state.seq:
            message = "another soakctl has just gone on with this run"
            raise UnavailableError(message, hint="See how it stands with `soakctl gate`.", where=str(self.path))

    def clear_leftovers(self, state: RunState, config: Config) -> None:
        """Stop what an earlier, killed soakctl and its killed keeper left behind, found by the run's own mark."""
        if not state.life or state.attached:
            return
        from soakctl.adapters.identity import boot_id
        from soakctl.adapters.leftovers import stop_leftovers
        from soakctl.adapters.run_lock import read_holder

        # Servers that write their title over their environment lose the mark; their session tells them, in this boot.
        holder = read_holder(self.path / "run.lock")
        same_boot = holder is not None and holder.boot_id == boot_id()
        sessions = (state.service_pid,) if same_boot and state.service_pid is not None else ()
        stop = config.service.stop
        stop_leftovers(self.run_id, stop.signal, float(stop.grace), sessions=sessions)


def start_of_run(environment: Environment) -> float:
    """When a run that begins now begins, in unix seconds."""
    return time.time() if environment.fake_utc is None else environment.fake_utc


def new_run(
    environment: Environment, started_unix: float, *, redact: Callable[[Any], Any], seed: int | None = None
) -> RunFiles:
    """The directory of a new run. Raises UnavailableError."""
    run_id, path = new_run_directory(environment.soak_dir, started_unix, seed=seed)
    return RunFiles(run_id, path, started_unix, redact)


def unfinished(run: str, environment: Environment, *, redact: Callable[[Any], Any]) -> tuple[RunFiles, Record]:
    """The run to resume and its record, samples folded in. Raises NoDataError or UsageError."""
    path = find_run(run, environment.soak_dir)
    record = read_record(path, samples_into_state=True)
    manifest = record.manifest
    if manifest.state is RunPhase.FINISHED:
        message = f"run {manifest.run_id} is finished; there is nothing to resume"
        raise UsageError(message, hint="Judge it with `soakctl gate`, or name another with --run.")
    return RunFiles(manifest.run_id, path, manifest.started_unix, redact), record


def older_run(run: str, environment: Environment) -> Path | None:
    """The directory, if it was written by an older tool; None for a run of soakctl's own. Raises NoDataError."""
    path = find_run(run, environment.soak_dir)
    return path if is_older_run(path) else None


def past_runs(environment: Environment, config: Config, mode: Mode) -> list[dict[str, float]]:
    """The good runs by which adaptive limits are worked out, the newest first."""
    from soakctl.adapters.good_runs import good_runs

    return good_runs(environment.soak_dir, mode=mode.value, service=config.service.name, most=runs_needed(config))


def is_going_on(run: str, environment: Environment) -> bool:
    """Whether a soakctl is alive that keeps this run. Raises NoDataError."""
    from soakctl.adapters.run_lock import read_holder

    holder = read_holder(find_run(run, environment.soak_dir) / "run.lock")
    return holder is not None and holder.alive


def recorded(run: str, environment: Environment, *, redact: Callable[[Any], Any]) -> tuple[Record, DocumentStore]:
    """The record of a run to judge, and the store for what is found. Raises NoDataError."""
    path = find_run(run, environment.soak_dir)
    return read_record(path), DocumentStore(path, redact=redact)


def baseline_of(record: Record, path: Path, named: str, environment: Environment) -> Baseline:
    """What the run in `path` is compared with. Raises NoDataError or UsageError."""
    from soakctl.adapters.baselines import find_baseline

    return find_baseline(named, environment.soak_dir, judged=path, manifest=record.manifest)


def run_fingerprint() -> dict[str, Any]:
    """What the run is made on."""
    from soakctl.adapters.fingerprint import fingerprint

    return fingerprint()
