"""What is legal in a configuration but foolish, or read and not yet acted on: warnings, each with a way out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from signal import SIGKILL, SIGSTOP
from typing import TYPE_CHECKING

from soakctl.domain.config.kpi import CommandSource, Kpi, LogSource, PrometheusSource, ResourceSource
from soakctl.domain.plan import Plan
from soakctl.domain.wording import show_seconds
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.config.root import Config
    from soakctl.domain.config.soak import Soak

KeyPath = tuple[str | int, ...]

_SECRET_NAME = re.compile(r"(?i)(passw(or)?d|secret|token|api_?key|private_?key)")
_NO_SECRET = {"", "dummy", "test", "none"}
_BY_THE_AGENT = frozenset({"num_tasks", "loop_lag_ms"})
# What soakctl writes into the summary of an iteration by itself, or counts.
_TAKEN = frozenset(
    "events events_per_second runtime_utc kpi_verdict failed no_data partial seconds samples samples_missed exits"
    " failed_runs".split()
)
_NO_EFFECT = "is read but has no effect in this version"


@dataclass(frozen=True, slots=True)
class Advice:
    """A warning about the key at `path`."""

    path: KeyPath
    text: str


def lint(config: Config) -> tuple[Advice, ...]:
    """Everything worth a warning, in the order of the sections."""
    return (*_service(config), *_patterns(config), *_smoke(config), *_soak(config), *_kpis(config), *_gate(config))


def _service(config: Config) -> Iterator[Advice]:
    service = config.service
    if service.command is not None and config.soak.repeat is not None:
        yield Advice(("service", "command"), "is not used: soak.repeat runs its own command; keep one of the two")
    if service.stop.signal in {int(SIGKILL), int(SIGSTOP)}:
        yield Advice(("service", "stop", "signal"), "a service cannot act on this signal; use SIGTERM or SIGINT")
    secrets = {secret.name for secret in service.secrets}
    for name, value in service.env.items():
        if value.strip().lower() in _NO_SECRET:
            continue
        if name in secrets:
            yield Advice(("service", "env", name), "the value of a secret stands in the file; take it out of env")
        elif _SECRET_NAME.search(name) and not name.upper().endswith(("_FILE", "_PATH")):
            yield Advice(("service", "env", name), "looks like a secret in the file; list its name in service.secrets")


def _patterns(config: Config) -> Iterator[Advice]:
    for path, pattern in _all_patterns(config):
        if "\b" in pattern:
            yield Advice(path, r"holds a backspace: in double quotes \b is one; put patterns in single quotes")
        elif re.compile(pattern).search("") is not None:
            yield Advice(path, "matches every line, even an empty one; say more of what the line reads")


def _all_patterns(config: Config) -> Iterator[tuple[KeyPath, str]]:
    liveness, ready = config.service.liveness, config.service.ready
    if ready is not None and ready.log is not None:
        yield ("service", "ready", "log"), ready.log
    if liveness is not None and liveness.pattern is not None:
        yield ("service", "liveness", "pattern"), liveness.pattern
    for place, pattern in enumerate(config.service.stop.must_log):
        yield ("service", "stop", "must_log", place), pattern
    for place, checkpoint in enumerate(config.smoke.checkpoints):
        yield ("smoke", "checkpoints", place, "pattern"), checkpoint.pattern
    for place, failure in enumerate(config.smoke.failures):
        yield ("smoke", "failures", place, "pattern"), failure.pattern
    for place, kpi in enumerate(config.kpis):
        if isinstance(kpi.source, LogSource):
            yield ("kpis", place, "source", "log"), kpi.source.log


def _smoke(config: Config) -> Iterator[Advice]:
    checkpoints = config.smoke.checkpoints
    for place, checkpoint in enumerate(checkpoints):
        if checkpoint.liveness and not checkpoint.required:
            path = ("smoke", "checkpoints", place, "required")
            yield Advice(path, "the liveness checkpoint must come in any case; take required: false out")
    if checkpoints and not any(checkpoint.liveness for checkpoint in checkpoints):
        text = "none proves life; give the one that shows real work liveness: true"
        yield Advice(("smoke", "checkpoints"), text)


def _soak(config: Config) -> Iterator[Advice]:
    soak, given = config.soak, config.soak.model_fields_set
    for key, unused in (("faults", soak.faults), ("load", soak.load), ("reconnect", soak.reconnect)):
        if unused:
            yield Advice(("soak", key), _NO_EFFECT)
    if soak.duration is not None and "hours" in given:
        yield Advice(("soak", "hours"), f"is not used: duration ({soak.duration}) comes first; keep one of the two")
    try:
        plan = Plan.of(soak)
    except ConfigError as error:
        yield Advice(tuple(error.where.split(".")), f"{error.message}; {error.hint}")
        soak = soak.model_copy(update={"sample_every": None})
        plan = Plan.of(soak)  # what else is wrong is said at once
    yield from _spans(config, soak, plan)


def _spans(config: Config, soak: Soak, plan: Plan) -> Iterator[Advice]:
    liveness = config.service.liveness
    if soak.repeat is None and soak.iteration is not None and soak.iteration > plan.duration_s:
        yield Advice(("soak", "iteration"), f"is longer than the run of {show_seconds(plan.duration_s)}; shorten it")
    if soak.sample_every is not None and soak.sample_every > plan.iteration_s:
        text = f"is longer than an iteration of {show_seconds(plan.iteration_s)}, so some hold no sample; shorten it"
        yield Advice(("soak", "sample_every"), text)
    if plan.iteration_s < 1:
        yield Advice(("soak", "iterations"), "an iteration would last under a second; ask for fewer or a longer run")
    if "deadline" in config.smoke.model_fields_set and config.smoke.deadline > plan.duration_s:
        yield Advice(("smoke", "deadline"), f"is longer than the whole soak of {show_seconds(plan.duration_s)}")
    if liveness is not None and liveness.silence is not None:
        path = ("service", "liveness", "silence")
        if liveness.silence >= plan.duration_s:
            yield Advice(path, f"can never pass in a run of {show_seconds(plan.duration_s)}; shorten it")


def _kpis(config: Config) -> Iterator[Advice]:
    try:
        plan = Plan.of(config.soak)
    except ConfigError:
        return  # said once, under soak
    for place, kpi in enumerate(config.kpis):
        yield from _limits(kpi, ("kpis", place))
        yield from _timing(kpi, plan, ("kpis", place))
        yield from _never_read(kpi, config, ("kpis", place, "source"))


def _limits(kpi: Kpi, path: KeyPath) -> Iterator[Advice]:
    real, warn = kpi.fail_bounds(mock=False), kpi.warn
    if kpi.name in _TAKEN:
        text = "is the name of a figure that soakctl itself gives to each iteration; choose another"
        yield Advice((*path, "name"), text)
    if real.empty and (warn is None or warn.empty):
        if not kpi.dry_run:
            where = "outside mock " if kpi.mock is not None and not kpi.mock.empty else ""
            yield Advice(path, f"has no limit {where}and is only shown; add min or max, or dry_run: true")
        return
    if warn is not None and real.max is not None and warn.max is not None and warn.max >= real.max:
        yield Advice((*path, "warn", "max"), "is not below the limit that fails, so it never warns; lower it")
    if warn is not None and real.min is not None and warn.min is not None and warn.min <= real.min:
        yield Advice((*path, "warn", "min"), "is not above the limit that fails, so it never warns; raise it")
    limits = [limit for limit in (real.min, real.max) if limit is not None]
    if any(not kpi.valid.holds(limit) for limit in limits):
        yield Advice((*path, "valid"), "leaves out the limit itself: values near it would count as missing; widen it")


def _timing(kpi: Kpi, plan: Plan, path: KeyPath) -> Iterator[Advice]:
    source, comes_by_itself = kpi.source, isinstance(kpi.source, (LogSource, ResourceSource))
    if kpi.every is not None and comes_by_itself:
        yield Advice((*path, "every"), "has no effect: log lines and samples are read as they come; take it out")
    elif kpi.every is not None and kpi.every > plan.iteration_s:
        text = f"is longer than an iteration of {show_seconds(plan.iteration_s)}, at whose end it is read anyway"
        yield Advice((*path, "every"), f"{text}; shorten it")
    if source.reduce == "rate" and not comes_by_itself and kpi.every is None and not kpi.abort:
        text = "needs two readings in an iteration and there is one, at its end; give the KPI `every`"
        yield Advice((*path, "source", "reduce"), text)
    if kpi.delay is not None and kpi.delay >= plan.duration_s:
        yield Advice((*path, "delay"), f"can never pass in a run of {show_seconds(plan.duration_s)}; shorten it")
    if isinstance(source, (CommandSource, PrometheusSource)) and source.timeout > plan.iteration_s:
        yield Advice((*path, "source", "timeout"), "is longer than an iteration; shorten it")


def _never_read(kpi: Kpi, config: Config, path: KeyPath) -> Iterator[Advice]:
    if not isinstance(kpi.source, ResourceSource):
        return
    if kpi.source.resource in _BY_THE_AGENT:
        yield Advice((*path, "resource"), "is not measured in this version, so the KPI has no value; take it out")
    if kpi.source.resource == "data_bytes" and not config.service.data:
        yield Advice((*path, "resource"), "has nothing to measure; name the directories in service.data")


def _gate(config: Config) -> Iterator[Advice]:
    if "deltas" in config.gate.model_fields_set and not config.tuning.rules:
        yield Advice(("gate", "deltas"), "has no effect without rules of tuning; take it out")
