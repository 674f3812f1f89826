"""How long a soak runs and how it is cut."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.config.soak import Soak
from soakctl.domain.plan import Plan
from soakctl.errors import ConfigError, ExitCode

JOB = {"command": ["job"], "timeout": "60s", "heartbeat": "5s"}


def plan_of(**soak: Any) -> Plan:
    """The plan of these settings."""
    return Plan.of(Soak.model_validate(soak))


@pytest.mark.parametrize(
    ("soak", "duration", "iteration", "sample", "count"),
    [
        ({}, 86_400, 3600, 60, 24),
        ({"hours": 8}, 28_800, 3600, 60, 8),
        ({"hours": 0.5}, 1800, 225, 3.75, 8),
        ({"duration": "2m"}, 120, 15, 1, 8),
        ({"duration": "40s"}, 40, 10, 1, 4),
        ({"duration": "45s"}, 45, 10, 1, 5),  # the last one is cut
        ({"duration": "5s"}, 5, 5, 1, 1),
        ({"duration": "7d"}, 604_800, 3600, 60, 168),
        ({"duration": "90m", "hours": 24}, 5400, 675, 11.25, 8),  # duration beats hours
        ({"hours": 24, "iterations": 12}, 86_400, 7200, 60, 12),
        ({"duration": "10m", "iterations": 3}, 600, 200, 200 / 60, 3),
        ({"iterations": 3, "iteration": "10m"}, 1800, 600, 10, 3),
        ({"hours": 1, "iterations": 3, "iteration": "10m"}, 3600, 1200, 20, 3),  # N with a duration: duration / N
        ({"iterations": 48}, 86_400, 1800, 30, 48),
        ({"hours": 2, "iteration": "1h"}, 7200, 3600, 60, 2),
        ({"hours": 2.5, "iteration": "1h"}, 9000, 3600, 60, 3),
        ({"duration": "10m", "iteration": "1h"}, 600, 600, 10, 1),  # no iteration outlasts the run
        ({"hours": 24, "sample_every": "5s"}, 86_400, 3600, 5, 24),
        ({"hours": 1, "iteration": "1s"}, 3600, 1, 1, 3600),
        ({"duration": "0.3s", "iteration": "0.1s", "sample_every": "0.1s"}, 0.3, 0.1, 0.1, 3),  # not 4 by rounding
    ],
)
def test_the_plan_follows_from_what_was_given(
    soak: dict[str, Any], duration: float, iteration: float, sample: float, count: int
) -> None:
    """Unless set an iteration is an eighth within 10 s to 1 h, and a sample a sixtieth of it within 1 s to 60 s."""
    plan = plan_of(**soak)
    assert (plan.duration_s, plan.iteration_s, plan.sample_every_s) == pytest.approx((duration, iteration, sample))
    assert (plan.iterations, plan.repeated) == (count, False)


@pytest.mark.parametrize(
    ("soak", "duration", "count"),
    [
        ({"iterations": 4}, 4 * 65, 4),
        ({"iterations": 4, "hours": 1}, 3600, 4),
        ({"iterations": 4, "duration": "10m"}, 600, 4),
        ({"duration": "10m"}, 600, None),
        ({}, 86_400, None),
    ],
)
def test_a_repeated_command_is_planned_by_count_or_by_time(
    soak: dict[str, Any], duration: float, count: int | None
) -> None:
    """N runs take at most N times time-out and pause; without a number only time ends it."""
    plan = plan_of(repeat=JOB, **soak)
    assert (plan.duration_s, plan.iterations, plan.iteration_s, plan.repeated) == (duration, count, 65, True)
    assert plan.sample_every_s == pytest.approx(65 / 60)


def test_sampling_that_cannot_happen_is_refused() -> None:
    """The error names the key and the way out."""
    with pytest.raises(ConfigError, match="every 60s cannot happen in a run of 30s") as refused:
        plan_of(duration="30s", sample_every="60s")
    assert (refused.value.where, refused.value.exit_code) == ("soak.sample_every", ExitCode.CONFIG_ERROR)
    assert refused.value.hint


@given(
    st.fixed_dictionaries(
        {"duration": st.floats(1.0, 1e7)},
        optional={
            "iterations": st.integers(1, 1000),
            "iteration": st.floats(0.5, 1e6),
            "sample_every": st.floats(0.001, 1.0),
            "repeat": st.just(JOB),
        },
    )
)
def test_any_plan_is_whole_and_comes_back_from_json(soak: dict[str, Any]) -> None:
    """Iterations cover the run and none begins after its end; what was recorded is the plan again."""
    plan = plan_of(**soak)
    assert plan.sample_every_s > 0
    assert plan.duration_s == soak["duration"]
    if plan.repeated:
        assert plan.iterations == soak.get("iterations")
    else:
        assert plan.iterations is not None
        assert 0 < plan.iteration_s <= plan.duration_s
        assert plan.iterations * plan.iteration_s >= plan.duration_s * (1 - 1e-9)
        assert (plan.iterations - 1) * plan.iteration_s < plan.duration_s
        assert math.isfinite(plan.iteration_s)
    assert Plan.from_json(plan.to_json()) == plan


def test_a_plan_of_a_newer_version_is_read_as_far_as_it_is_known() -> None:
    """What this version does not know is left out."""
    plan = plan_of(hours=8)
    assert Plan.from_json({**plan.to_json(), "added_later": 1}) == plan
