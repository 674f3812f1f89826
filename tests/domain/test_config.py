"""The models of soakctl.yaml: defaults, short forms, and what they refuse whoever builds them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from soakctl.domain.config.kpi import FailIf, JsonSource, Kpi, LogSource
from soakctl.domain.config.root import Config
from soakctl.domain.config.service import Backoff
from soakctl.domain.plan import Plan
from soakctl.domain.units import Duration

KPI = {"name": "p95", "source": {"json": "report.json", "pointer": "/p95"}}


def _kpi(**keys: Any) -> Kpi:
    return Config.model_validate({"kpis": [{**KPI, **keys}]}).kpis[0]


def test_defaults_hold_without_a_single_key() -> None:
    """Nothing has to be configured."""
    config = Config()
    assert (config.soak.hours, config.smoke.deadline, config.service.stop.clean_exit) == (24.0, 8.0, (0, -15))
    assert (config.gate.window, config.gate.min_pass, config.gate.warn_pass) == (8, 6, 5)


SHORT_FORMS: list[tuple[dict[str, Any], str, object]] = [
    ({"service": {"command": "python -m 'my app'"}}, "service.command", ("python", "-m", "my app")),
    ({"service": {"secrets": ["API_KEY"]}}, "service.secrets.0.name", "API_KEY"),
    (
        {"service": {"restart": {"backoff": "2s..1m"}}},
        "service.restart.backoff",
        Backoff(first=Duration(2), longest=Duration(60)),
    ),
    (
        {"service": {"restart": {"backoff": 3}}},
        "service.restart.backoff",
        Backoff(first=Duration(3), longest=Duration(3)),
    ),
    ({"service": {"stop": {"signal": "int"}}}, "service.stop.signal", 2),
    ({"service": {"stop": {"clean_exit": [0, "-SIGTERM", 143]}}}, "service.stop.clean_exit", (0, -15, 143)),
    ({"soak": {"hours": "0.5"}}, "soak.hours", 0.5),
    ({"gate": {"resources": {"rss_slope": "1MB/h"}}}, "gate.resources.rss_slope", 1e6),
    ({"gate": {"resources": {"cpu_mean": None}}}, "gate.resources.cpu_mean", None),
    ({"kpis": [{**KPI, "fail_if": "3 of 5"}]}, "kpis.0.fail_if", FailIf(count=3, of=5)),
    ({"kpis": [{**KPI, "over": 4}]}, "kpis.0.over", 4),
    ({"kpis": [{**KPI, "over": "6h"}]}, "kpis.0.over", Duration(21600)),
]


@pytest.mark.parametrize(("data", "key", "value"), SHORT_FORMS)
def test_short_forms_are_understood(data: dict[str, Any], key: str, value: object) -> None:
    """What people write briefly means the same as the long form."""
    here: Any = Config.model_validate(data)
    for step in key.split("."):
        here = here[int(step)] if step.isdigit() else getattr(here, step)
    assert here == value


@pytest.mark.parametrize("section", ["service", "smoke", "soak", "kpis", "gate", "redact"])
def test_an_empty_section_is_the_default_one(section: str) -> None:
    """`smoke:` with every key commented out reads as null and means the defaults."""
    assert Config.model_validate({section: None}) == Config()


REFUSED = [
    ({"service": {"ready": {}}}, "service.ready", "give exactly one of tcp, http or log"),
    ({"service": {"ready": {"tcp": "localhost"}}}, "service.ready.tcp", "'localhost' is not HOST:PORT"),
    ({"service": {"ready": {"tcp": "localhost:0"}}}, "service.ready.tcp", "is not HOST:PORT"),
    ({"service": {"ready": {"tcp": "localhost:65536"}}}, "service.ready.tcp", "is not HOST:PORT"),
    ({"service": {"ready": {"http": "ftp://x"}}}, "service.ready.http", "not a URL"),
    ({"service": {"ready": {"http": "http://[::1"}}}, "service.ready.http", "not a URL"),
    ({"service": {"liveness": {}}}, "service.liveness", "give exactly one of pattern or metric"),
    ({"service": {"env": {"A=B": "1"}}}, "service.env.A=B.[key]", "not the name of an environment variable"),
    ({"service": {"env": {"A": "\0"}}}, "service.env.A", "holds a NUL character"),
    ({"service": {"secrets": ["A", "A"]}}, "service.secrets.1", "duplicate secret A; each name may stand once"),
    ({"service": {"restart": {"backoff": "9s..1s"}}}, "service.restart.backoff", "1s is shorter than the first wait"),
    ({"service": {"stop": {"signal": 99}}}, "service.stop.signal", "unknown signal 99"),
    ({"service": {"stop": {"clean_exit": [256]}}}, "service.stop.clean_exit.0", "256 is no exit status"),
    ({"service": {"command": []}}, "service.command", "the command is empty"),
    ({"service": {"command": "echo 'x"}}, "service.command", "cannot be split into words: No closing quotation"),
    ({"smoke": {"failures": [{"pattern": "("}]}}, "smoke.failures.0.pattern", "not a regular expression: missing )"),
    ({"smoke": {"failures": [{"pattern": "a{9999999999}"}]}}, "smoke.failures.0.pattern", "too large or nested"),
    ({"soak": {"hours": True}}, "soak.hours", "expected a number, found true"),
    ({"soak": {"hours": "1h"}}, "soak.hours", "'1h' is not a number of hours like 24 or 0.5"),
    ({"soak": {"faults": [{"a": [float("nan")]}]}}, "soak.faults.0", "nan is neither text nor a finite number"),
    ({"gate": {"window": 4}}, "gate", "must hold warn_pass <= min_pass <= window, found 5, 6, 4"),
    ({"kpis": [{**KPI, "min": 3, "max": 2}]}, "kpis.0", "min 3 is above max 2"),
    ({"kpis": [{**KPI, "max": 3, "fail": {"max": 2}}]}, "kpis.0", "not both"),
    ({"kpis": [{**KPI, "delay": "1m"}]}, "kpis.0", "delay has a meaning only with abort: true"),
    ({"kpis": [{**KPI, "max": 3, "mock": {"min": 4}}]}, "kpis.0", "under mock, min 4 would be above max 3"),
    ({"kpis": [{**KPI, "valid": {"gt": 1, "le": 1}}]}, "kpis.0.valid", "no value can lie above 1 and below 1"),
    ({"kpis": [{**KPI, "fail_if": "6 of 5"}]}, "kpis.0.fail_if", "6 of 5 can never happen"),
    ({"kpis": [{**KPI, "over": 0}]}, "kpis.0.over", "expected a number of iterations"),
    ({"kpis": [{**KPI, "over": True}]}, "kpis.0.over", "expected a number of iterations"),
    ({"kpis": [KPI, KPI]}, "kpis.1", "duplicate KPI p95; each name may stand once"),
    ({"kpis": [{**KPI, "source": {"log": "x"}}]}, "kpis.0.source.log", "the pattern has no group"),
    ({"kpis": [{**KPI, "source": {"resource": "rss"}}]}, "kpis.0.source.resource", "did you mean rss_bytes?"),
    ({"kpis": [{**KPI, "source": {"json": "a", "pointer": "x"}}]}, "kpis.0.source.json.pointer", "JSON pointer"),
    (
        {"smoke": {"checkpoints": [{"name": n, "pattern": "x", "liveness": True} for n in "ab"]}},
        "smoke.checkpoints",
        "only one checkpoint may have liveness: true, found a, b",
    ),
]


@pytest.mark.parametrize(("data", "where", "said"), REFUSED)
def test_refuses_what_cannot_be_meant(data: dict[str, Any], where: str, said: str) -> None:
    """One complaint, at the right key, that says what is allowed."""
    with pytest.raises(ValidationError) as refused:
        Config.model_validate(data)
    (error,) = refused.value.errors()
    assert ".".join(str(step) for step in error["loc"]) == where
    assert said in error["msg"]


def test_a_duplicate_is_told_beside_other_errors_of_the_list() -> None:
    """Everything wrong with a list of names is told at once."""
    checkpoints = [{"name": "a", "pattern": "("}, {"name": "a", "pattern": "x", "nope": 1}]
    with pytest.raises(ValidationError) as refused:
        Config.model_validate({"smoke": {"checkpoints": checkpoints}})
    assert {error["loc"][2:] for error in refused.value.errors()} == {(0, "pattern"), (1, "nope"), (1,)}


def test_limits_under_mock_replace_the_real_ones_side_by_side() -> None:
    """A mock minimum leaves the real maximum as it is."""
    kpi = _kpi(min=0.8, max=1.0, mock={"min": 0.5})
    assert (kpi.fail_bounds(mock=False).min, kpi.fail_bounds(mock=True).min) == (0.8, 0.5)
    assert kpi.fail_bounds(mock=True).max == 1.0


def test_the_kind_of_a_source_is_told_by_its_key() -> None:
    """`json` is the key people write, `json_file` the attribute."""
    source = _kpi().source
    assert isinstance(source, JsonSource)
    assert source.json_file == "report.json"
    assert isinstance(_kpi(source={"log": "x", "reduce": "count"}).source, LogSource)


ROUND_TRIPS: list[dict[str, Any]] = [
    {},
    {"service": {"command": "a b", "secrets": ["A"], "restart": {"backoff": "1s..5s"}, "stop": {"signal": "INT"}}},
    {"kpis": [{**KPI, "over": "6h", "fail_if": "3 of 5", "mock": {"value": 3}}, {**KPI, "name": "b", "over": 3}]},
    {"kpis": [{**KPI, "source": {"prometheus": "http://x/metrics", "metric": "up", "labels": {"a": "b"}}}]},
    {"soak": {"duration": "90m", "faults": [{"kind": "kill", "at": [1, 2.5, None, True]}]}},
    {"gate": {"resources": {"rss_slope": "1.5kB/min", "fd_slope": "3/min", "disk": "5GiB", "cpu_mean": None}}},
]


@pytest.mark.parametrize("data", ROUND_TRIPS)
def test_what_is_written_reads_back_as_itself(data: dict[str, Any]) -> None:
    """A resolved configuration is a configuration, with the same meaning."""
    config = Config.model_validate(data)
    assert Config.model_validate(config.model_dump(mode="json", by_alias=True)) == config


@pytest.mark.parametrize("soak", [{"iterations": 3, "iteration": "1m"}, {"duration": "5m"}, {"hours": 2}, {}])
def test_the_plan_is_the_same_after_writing_and_reading(soak: dict[str, Any]) -> None:
    """A default of 24 hours does not become a demand for them."""
    config = Config.model_validate({"soak": soak})
    again = Config.model_validate(config.model_dump(mode="json", by_alias=True))
    assert Plan.of(again.soak) == Plan.of(config.soak)
