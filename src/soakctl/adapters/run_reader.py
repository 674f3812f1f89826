"""Reading a run directory back: torn and foreign lines are left out and said, never guessed at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from soakctl.adapters.json_lines import Faults, rows
from soakctl.adapters.samples_file import read_samples, read_series
from soakctl.adapters.tuning_files import read_overrides_copy, read_tuning_files
from soakctl.domain.config.kpi import ResourceSource
from soakctl.domain.config.root import Config
from soakctl.domain.event_shape import lacks
from soakctl.domain.fold import apply, fold
from soakctl.domain.journal import Entry, EventKind
from soakctl.domain.plan import Plan
from soakctl.domain.record import Record, Series
from soakctl.domain.run import Manifest, Mode
from soakctl.domain.state import RunState
from soakctl.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from soakctl.domain.sample import Sample

# Journal entries are timed to the microsecond.
_ROUNDED_S = 1e-6


def read_manifest(path: Path) -> Manifest:
    """`run.json` of a run. Raises NoDataError when it is missing or is none."""
    where = path / "run.json"
    try:
        return Manifest.model_validate_json(where.read_bytes())
    except FileNotFoundError:
        message = "this is not the directory of a run: it has no run.json"
        raise NoDataError(message, hint="Give a run id, a path or `latest`.", where=str(path)) from None
    except (OSError, ValidationError) as error:
        what = str(error.strerror) if isinstance(error, OSError) else "it is damaged"
        message = f"run.json cannot be read: {what}"
        raise NoDataError(message, where=str(where)) from error


def read_record(path: Path, *, samples_into_state: bool = False) -> Record:
    """The record of a run. Raises NoDataError when the manifest or the journal is missing.

    With `samples_into_state` the samples are folded into the state as well, as a resume needs it; judging does not.
    """
    manifest = read_manifest(path)
    config, plan = _asked(manifest, path)
    columns = tuple(sorted({kpi.source.resource for kpi in config.kpis if isinstance(kpi.source, ResourceSource)}))
    state = RunState(plan=plan, columns=columns, attached=manifest.pid is not None)
    problems: list[str] = []
    journal, samples = _Journal(path / "events.jsonl", problems), path / "resources.jsonl"
    if samples_into_state:
        series = Series()
        _replay(state, journal, read_samples(samples, problems), series)
    else:
        fold(state, journal)
        series = read_series(samples, problems)
    state.seq = journal.last_seq  # also where the last lines were left out: what is appended goes on behind them
    files = read_tuning_files(path, state.tuning.rows, problems) if manifest.tuned else {}
    tuned_mock = manifest.tuned and manifest.mode is Mode.MOCK
    overrides = read_overrides_copy(path, config.tuning.file) if tuned_mock else None
    return Record(manifest, state, series, tuple(problems), files, overrides)


def _replay(state: RunState, journal: Iterable[Entry], samples: Iterator[Sample], series: Series) -> None:
    """Fold both as the engine saw them: a closed iteration says how many samples had come into it."""
    pending = next(samples, None)
    last: Entry | None = None
    for entry in journal:
        while pending is not None and pending.elapsed_s <= entry.elapsed_s + _ROUNDED_S and _came_before(entry, state):
            series.add(pending)
            state.observe(pending)
            pending = next(samples, None)
        apply(state, entry)
        last = entry
    while pending is not None:
        series.add(pending)
        state.observe(pending)
        pending = next(samples, None)
    if last is not None and state.latest is not None and last.elapsed_s >= state.latest.elapsed_s:
        state.unix = last.unix


def _came_before(entry: Entry, state: RunState) -> bool:
    """Whether a sample that is no younger than the entry had been recorded before it."""
    if entry.kind is EventKind.RUN_RESUMED:
        return True
    ended = entry.kind is EventKind.ITERATION_ENDED and state.window is not None
    return ended and state.window is not None and state.window.samples < entry.data["samples"]


def _asked(manifest: Manifest, path: Path) -> tuple[Config, Plan]:
    try:
        return Config.model_validate(manifest.config), Plan.from_json(manifest.plan)
    except (ValidationError, TypeError) as error:
        message = "what was asked of the run cannot be read from run.json"
        hint = "It was written by another version of soakctl, or damaged."
        raise NoDataError(message, hint=hint, where=str(path / "run.json")) from error


class _Journal:
    """The entries of a journal that this version understands, in order; what is left out is said."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self._path = path
        self._problems = problems
        self._faults = Faults(path.name)
        self.last_seq = 0

    def __iter__(self) -> Iterator[Entry]:
        for number, row in rows(self._path, self._problems, self._faults, required=True):
            entry = None if row is None else self._entry(number, row)
            seq = None if row is None else row.get("seq")
            if entry is not None and entry.seq != self.last_seq + 1:
                missing = f"entry {self.last_seq + 1} is missing"
                wrong = missing if entry.seq > self.last_seq else f"entry {entry.seq} stands behind {self.last_seq}"
                self._faults.add(number, f": {wrong}", " do not follow on the entry before")
            # A line that was left out had a number too: that of its entry, or else the next one.
            self.last_seq = max(self.last_seq, seq) if type(seq) is int else self.last_seq + 1
            if entry is not None:
                yield entry
        self._problems += self._faults.told()

    def _entry(self, number: int, row: dict[str, Any]) -> Entry | None:
        try:
            entry = Entry.from_json(row)
        except (KeyError, ValueError):
            self._faults.add(number, " is not an entry this version knows", " are not entries this version knows")
            return None
        lacking = lacks(entry.kind, entry.data)
        if lacking:
            wrong = f"left out: {entry.kind} without a valid {lacking}"
            self._faults.add(number, f" was {wrong}", f" were {wrong}")
            return None
        return entry
