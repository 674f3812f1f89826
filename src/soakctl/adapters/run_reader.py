"""Reading a run directory back: torn and foreign lines are left out and said, never guessed at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from soakctl.domain.config.kpi import ResourceSource
from soakctl.domain.config.root import Config
from soakctl.domain.fold import apply
from soakctl.domain.journal import Entry
from soakctl.domain.plan import Plan
from soakctl.domain.record import Record, Series
from soakctl.domain.run import Manifest
from soakctl.domain.sample import Sample, from_json
from soakctl.domain.state import RunState
from soakctl.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
    config = _config(manifest, path)
    columns = tuple(sorted({kpi.source.resource for kpi in config.kpis if isinstance(kpi.source, ResourceSource)}))
    state = RunState(plan=Plan.from_json(manifest.plan), columns=columns, attached=manifest.pid is not None)
    series = Series()
    problems: list[str] = []
    entries = _entries(path / "events.jsonl", problems)
    samples = _samples(path / "resources.jsonl", problems)
    pending = next(entries, None)
    for sample in samples:
        while samples_into_state and pending is not None and pending.elapsed_s <= sample.elapsed_s:
            apply(state, pending)
            pending = next(entries, None)
        series.add(sample)
        if samples_into_state:
            state.observe(sample)
    while pending is not None:
        apply(state, pending)
        pending = next(entries, None)
    return Record(manifest, state, series, tuple(problems))


def _config(manifest: Manifest, path: Path) -> Config:
    try:
        return Config.model_validate(manifest.config)
    except ValidationError as error:
        message = "the configuration recorded in run.json cannot be read"
        hint = "It was written by another version of soakctl, or damaged."
        raise NoDataError(message, hint=hint, where=str(path / "run.json")) from error


def _entries(path: Path, problems: list[str]) -> Iterator[Entry]:
    expected = 1
    for number, row in _rows(path, problems, required=True):
        try:
            entry = Entry.from_json(row)
        except (KeyError, ValueError, TypeError):
            problems.append(f"{path.name} line {number} is not an entry this version knows")
            continue
        if entry.seq != expected:
            problems.append(f"{path.name} line {number}: entry {expected} is missing")
        expected = entry.seq + 1
        yield entry


def _samples(path: Path, problems: list[str]) -> Iterator[Sample]:
    for number, row in _rows(path, problems, required=False):
        try:
            yield from_json(row)
        except TypeError:
            problems.append(f"{path.name} line {number} is not a sample")


def _rows(path: Path, problems: list[str], *, required: bool) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        if required:
            message = f"the run has no {path.name}"
            raise NoDataError(message, where=str(path)) from None
        problems.append(f"{path.name} is missing")
        return
    with stream:
        for number, line in enumerate(stream, start=1):
            if not line.endswith(b"\n"):
                problems.append(f"the last line of {path.name} is torn and was left out")
                return
            try:
                row = json.loads(line)
            except ValueError:
                problems.append(f"{path.name} line {number} is damaged and was left out")
                continue
            if isinstance(row, dict):
                yield number, row
            else:
                problems.append(f"{path.name} line {number} is damaged and was left out")
