"""Sections that run commands: own ones, dry runs and reports with the files that they must leave behind."""

from __future__ import annotations

import json
import shlex
from functools import partial
from typing import TYPE_CHECKING

from soakctl.domain.units import Duration
from soakctl.domain.validation import MissingInputError, Outcome
from soakctl.errors import ConfigError, DependencyError, ExitCode, SoakctlError
from soakctl.services.validate.tried import tried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.config.validate import Expected, Job, Jobs, Section
    from soakctl.ports import Bench

# A file system may keep times of two seconds' grain.
_GRAIN_S = 2.0
# Clocks of other machines may be that far off.
_MOST_AHEAD_S = 60.0
_MOST_ERRORS = 5


def own_command(section: Section, bench: Bench) -> Outcome:
    """A section of the project's own: its exit code decides."""
    assert section.command is not None
    return _ran(section.command, bench, cwd=section.cwd, env=section.env)


def _ran(argv: Sequence[str], bench: Bench, *, cwd: str = ".", env: dict[str, str] | None = None) -> Outcome:
    done = bench.run(argv, cwd=cwd, env=env)
    if done.ok:
        return Outcome(return_code=done.code)
    code = ExitCode.DEPENDENCY_ERROR if done.not_found else ExitCode.EXCEPTION
    return Outcome((f"{shlex.join(argv)}: {done.failure()}",), exit_code=code, return_code=done.code)


def run_jobs(asked: Jobs, bench: Bench, *, what: str) -> Outcome:
    """Each command in order; all are run, whatever becomes of one."""
    if not asked.jobs:
        raise MissingInputError(f"no job is configured: list some under validate.{what}.jobs")
    problems: list[str] = []
    code, last = ExitCode.EXCEPTION, None
    for job in asked.jobs:
        outcome = _ran(job.command, bench, cwd=job.cwd, env=job.env)
        last = outcome.return_code
        problems += outcome.problems
        if outcome.exit_code is ExitCode.DEPENDENCY_ERROR and not outcome.ok:
            code = ExitCode.DEPENDENCY_ERROR
        if outcome.ok:
            problems += _artifacts(job, bench)
    return Outcome(tuple(problems), exit_code=code, return_code=last)


def run_dry_runs(asked: Jobs, bench: Bench) -> Outcome:
    """The dry_runs section."""
    return run_jobs(asked, bench, what="dry_runs")


def run_reports(asked: Jobs, bench: Bench) -> Outcome:
    """The reports section."""
    return run_jobs(asked, bench, what="reports")


def _artifacts(job: Job, bench: Bench) -> list[str]:
    took_s = bench.took_s()
    problems = []
    for expected in job.artifacts:
        if bench.exists(expected.path):
            problems += tried(partial(_artifact, expected, bench, took_s))
        else:
            problems.append(f"{expected.path}: {job.command[0]} did not write it")
    return problems


def _artifact(expected: Expected, bench: Bench, took_s: float) -> list[str]:
    age_s = bench.age_s(expected.path)
    limit_s = float(expected.max_age) if expected.max_age is not None else took_s + _GRAIN_S
    if age_s > limit_s:
        than = f"older than {expected.max_age}" if expected.max_age is not None else "not written by this run"
        return [f"{expected.path}: stale, {than} ({Duration(round(age_s))} old)"]
    if age_s < -_MOST_AHEAD_S:
        return [f"{expected.path}: dated {Duration(round(-age_s))} ahead, so that nobody knows whether it is fresh"]
    if expected.json_schema is not None:
        return schema_problems(bench, expected.path, expected.json_schema)
    return _json_problems(expected.path, bench) if expected.path.endswith(".json") else []


def _json_problems(path: str, bench: Bench) -> list[str]:
    if not any(bench.blocks(path)):
        return [f"{path}: not JSON: it is empty"]
    try:
        json.loads(bench.text(path))
    except (ValueError, RecursionError) as error:
        return [f"{path}: not JSON: {error}"]
    return []


def schema_problems(bench: Bench, path: str, schema_path: str) -> list[str]:
    """What a JSON file has that its schema forbids. Raises DependencyError without the jsonschema package."""
    try:
        from jsonschema import exceptions, validators  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise DependencyError("jsonschema is not installed", hint="pip install 'soakctl[validate]'") from None
    try:
        document = json.loads(bench.text(path))
    except ValueError as error:
        return [f"{path}: not JSON: {error}"]
    try:
        schema = json.loads(bench.text(schema_path))
        validator = validators.validator_for(schema)
        validator.check_schema(schema)
    except MissingInputError:
        raise SoakctlError("no such schema", where=schema_path) from None
    except (ValueError, exceptions.SchemaError) as error:
        raise ConfigError(f"not a JSON Schema: {str(error).splitlines()[0]}", where=schema_path) from None
    found = sorted(validator(schema).iter_errors(document), key=lambda error: error.json_path)
    return [f"{path}: {error.json_path}: {error.message[:200]}" for error in found[:_MOST_ERRORS]]
