"""Warnings about configurations that are legal but foolish."""

from __future__ import annotations

from typing import Any

import pytest

from soakctl.domain.config.lint import lint
from soakctl.domain.config.root import Config

RSS: dict[str, Any] = {"name": "k", "source": {"resource": "rss_bytes"}, "max": 3}
POINT: dict[str, Any] = {"name": "a", "pattern": "x", "liveness": True}
ENV = "service.env."


def _kpi(**keys: Any) -> dict[str, Any]:
    return {"kpis": [{**RSS, **keys}]}


FOOLISH: list[tuple[dict[str, Any], str, str]] = [
    (_kpi(max=None), "kpis.0", "has no limit and is only shown; add min or max, or dry_run: true"),
    (_kpi(max=None, mock={"max": 3}), "kpis.0", "has no limit outside mock and is only shown"),
    (_kpi(warn={"max": 4}), "kpis.0.warn.max", "is not below the limit that fails"),
    (_kpi(min=1, warn={"min": 0}), "kpis.0.warn.min", "is not above the limit that fails"),
    (_kpi(warn={"max": 3}), "kpis.0.warn.max", "it never warns; lower it"),
    (_kpi(min=1, warn={"min": 1}), "kpis.0.warn.min", "it never warns; raise it"),
    (_kpi(name="events"), "kpis.0.name", "is the name of a figure that soakctl itself gives to each iteration"),
    (_kpi(name="samples"), "kpis.0.name", "is the name of a figure that soakctl itself gives to each iteration"),
    (_kpi(valid={"lt": 3}), "kpis.0.valid", "leaves out the limit itself"),
    (_kpi(every="5m"), "kpis.0.every", "has no effect: log lines and samples are read as they come"),
    (_kpi(source={"json": "x"}, every="2h"), "kpis.0.every", "is longer than an iteration of 1h00m"),
    (_kpi(source={"json": "x", "reduce": "rate"}), "kpis.0.source.reduce", "needs two readings in an iteration"),
    (_kpi(abort=True, delay="25h"), "kpis.0.delay", "can never pass in a run of 24h00m"),
    (_kpi(source={"command": "x", "timeout": "2h"}), "kpis.0.source.timeout", "is longer than an iteration"),
    (_kpi(source={"resource": "num_tasks"}), "kpis.0.source.resource", "is not measured in this version"),
    (_kpi(source={"resource": "data_bytes"}), "kpis.0.source.resource", "name the directories in service.data"),
    ({"soak": {"iteration": "25h"}}, "soak.iteration", "is longer than the run of 24h00m"),
    ({"soak": {"sample_every": "2h"}}, "soak.sample_every", "is longer than an iteration of 1h00m"),
    ({"soak": {"iterations": 999999}}, "soak.iterations", "an iteration would last under a second"),
    ({"soak": {"hours": 2, "duration": "1h"}}, "soak.hours", "is not used: duration (1h) comes first"),
    (
        {"soak": {"duration": "5s", "sample_every": "6s"}, "smoke": {"deadline": "1s"}},
        "soak.sample_every",
        "cannot happen",
    ),
    (
        {"smoke": {"deadline": "8s"}, "soak": {"duration": "5s"}},
        "smoke.deadline",
        "is longer than the whole soak of 5.0s",
    ),
    ({"soak": {"faults": [{"kind": "kill"}]}}, "soak.faults", "is read but has no effect in this version"),
    ({"soak": {"load": {"command": "x"}}}, "soak.load", "is read but has no effect in this version"),
    ({"soak": {"reconnect": {"attempt": "a", "success": "b"}}}, "soak.reconnect", "has no effect in this version"),
    ({"gate": {"deltas": {"signature_stuck": 1}}}, "gate.deltas", "has no effect without rules of tuning"),
    (
        {"service": {"liveness": {"pattern": "x", "silence": "24h"}}},
        "service.liveness.silence",
        "can never pass in a run of 24h00m",
    ),
    ({"service": {"command": "a"}, "soak": {"repeat": {"command": "b"}}}, "service.command", "is not used"),
    ({"service": {"stop": {"signal": "KILL"}}}, "service.stop.signal", "a service cannot act on this signal"),
    ({"service": {"env": {"DB_PASSWORD": "hunter2"}}}, f"{ENV}DB_PASSWORD", "looks like a secret in the file"),
    ({"service": {"env": {"K": "hunter2"}, "secrets": ["K"]}}, f"{ENV}K", "the value of a secret stands in the file"),
    ({"smoke": {"checkpoints": [{**POINT, "liveness": False}]}}, "smoke.checkpoints", "none proves life"),
    ({"smoke": {"checkpoints": [{**POINT, "required": False}]}}, "smoke.checkpoints.0.required", "must come in any"),
    ({"smoke": {"failures": [{"pattern": "x*"}]}}, "smoke.failures.0.pattern", "matches every line"),
    ({"smoke": {"failures": [{"pattern": "\bx"}]}}, "smoke.failures.0.pattern", "holds a backspace"),
    ({"service": {"ready": {"log": ".*"}}}, "service.ready.log", "matches every line"),
]


@pytest.mark.parametrize(("data", "where", "said"), FOOLISH)
def test_warns_about_what_is_foolish(data: dict[str, Any], where: str, said: str) -> None:
    """One warning, at the right key, with a way out."""
    (advice,) = lint(Config.model_validate(data))
    assert ".".join(str(step) for step in advice.path) == where
    assert said in advice.text


SOUND: list[dict[str, Any]] = [
    {},
    _kpi(),
    _kpi(max=None, dry_run=True),
    _kpi(max=None, warn={"max": 3}),
    _kpi(source={"json": "x", "reduce": "rate"}, every="5m"),
    _kpi(source={"resource": "data_bytes"}) | {"service": {"data": ["data"]}},
    {"service": {"env": {"DB_PASSWORD_FILE": "/run/x", "API_KEY": "dummy"}}},
    {"smoke": {"checkpoints": [POINT]}},
    {"soak": {"iterations": 3, "duration": "10m"}},
    {"soak": {"repeat": {"command": "b"}}},
]


@pytest.mark.parametrize("data", SOUND)
def test_says_nothing_about_what_is_sound(data: dict[str, Any]) -> None:
    """A warning that comes always would be read by nobody."""
    assert lint(Config.model_validate(data)) == ()


def test_everything_that_is_wrong_with_the_times_is_said_at_once() -> None:
    """A sample that never comes does not hide an iteration that never ends."""
    told = lint(Config.model_validate({"soak": {"hours": 1, "iteration": "5h", "sample_every": "10h"}}))
    assert [advice.path for advice in told] == [("soak", "sample_every"), ("soak", "iteration")]
