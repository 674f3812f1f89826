"""Flags over the configuration: typed, refused with the flag's name, and recorded so that they can be read again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.cli.overrides import (
    count_flag,
    duration_flag,
    hours_flag,
    with_budgets,
    with_repeat,
    with_service,
    with_smoke,
    with_soak,
)
from soakctl.domain.config.root import Config
from soakctl.domain.plan import Plan
from soakctl.domain.units import Duration
from soakctl.errors import ExitCode, UsageError
from tests.support.scripted import config_of


@pytest.mark.parametrize(
    ("text", "hours"), [(None, None), ("24", 24.0), ("0.5", 0.5), ("90m", 1.5), ("1d", 24.0), ("1e1", 10.0)]
)
def test_hours_are_a_number_or_a_duration(text: str | None, hours: float | None) -> None:
    """A bare number is hours; with a unit it is what it says."""
    assert hours_flag("--hours", text) == hours


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "-inf", "", "x", "876001", "1e300", "0s", "24 hours"])
def test_hours_that_make_no_run_are_refused(text: str) -> None:
    """With the flag, what was given, and exit code 64."""
    with pytest.raises(UsageError, match=r"^--hours: ") as refused:
        hours_flag("--hours", text)
    assert refused.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("text", ["0s", "-5m", "x", "", "nan", "5 parsecs", "101y", "36501d"])
def test_a_duration_that_is_none_is_refused(text: str) -> None:
    """With the flag and examples of what it takes."""
    with pytest.raises(UsageError, match=r"^--duration: .*; write one like 8s"):
        duration_flag("--duration", text)


def test_a_duration_is_parsed() -> None:
    """And may be left out."""
    assert duration_flag("--duration", "1h30m") == Duration(5400)
    assert duration_flag("--duration", None) is None


@pytest.mark.parametrize("number", [0, -1, 1_000_001])
def test_a_count_out_of_bounds_is_refused(number: int) -> None:
    """Less than one run is none, and a million are more than anybody reads."""
    with pytest.raises(UsageError, match=r"^--iterations must be"):
        count_flag("--iterations", number)
    assert (count_flag("--iterations", 1), count_flag("--iterations", None)) == (1, None)


def plan_of(file: dict[str, Any], **flags: Any) -> tuple[float, float, float, int | None]:
    """The plan of these flags over that file."""
    given = {name: Duration.parse(value) if isinstance(value, str) else value for name, value in flags.items()}
    plan = Plan.of(with_soak(config_of(soak=file), given).soak)
    return plan.duration_s, plan.iteration_s, plan.sample_every_s, plan.iterations


@pytest.mark.parametrize(
    ("file", "flags", "plan"),
    [
        ({}, {}, (86_400, 3600, 60, 24)),
        ({"hours": 24}, {"hours": 2.0}, (7200, 900, 15, 8)),
        ({"duration": "10m"}, {"hours": 2.0}, (7200, 900, 15, 8)),  # a length replaces the file's, however written
        ({"hours": 24}, {"duration": "10m"}, (600, 75, 1.25, 8)),
        ({"iterations": 4}, {"hours": 2.0}, (7200, 900, 15, 8)),
        ({"iteration": "1h"}, {"duration": "10m"}, (600, 75, 1.25, 8)),  # a cut made for a longer run gives way
        ({"iteration": "1m"}, {"duration": "10m"}, (600, 60, 1, 10)),  # one that fits is kept
        ({"iteration": "5m"}, {"duration": "10m"}, (600, 300, 5, 2)),
        ({"iteration": "301s"}, {"duration": "10m"}, (600, 75, 1.25, 8)),
        ({"sample_every": "20s"}, {"duration": "10m"}, (600, 75, 20, 8)),
        ({"sample_every": "21s"}, {"duration": "10m"}, (600, 75, 1.25, 8)),
        ({"sample_every": "60s"}, {"duration": "10m"}, (600, 75, 1.25, 8)),
        ({"sample_every": "5s"}, {"duration": "10m"}, (600, 75, 5, 8)),
        ({"hours": 24}, {"iterations": 12}, (86_400, 7200, 60, 12)),
        ({"hours": 24, "iteration": "1h"}, {"iterations": 12}, (86_400, 7200, 60, 12)),
        ({}, {"iterations": 3, "iteration": "10m"}, (1800, 600, 10, 3)),
        ({"hours": 24}, {"iterations": 3, "iteration": "10m"}, (1800, 600, 10, 3)),
        ({"duration": "2h"}, {"iterations": 3, "iteration": "10m"}, (1800, 600, 10, 3)),
        ({}, {"duration": "1h", "iterations": 3, "iteration": "10m"}, (3600, 1200, 20, 3)),
        ({}, {"hours": 2.0, "iteration": "30m", "sample_every": "10s"}, (7200, 1800, 10, 4)),
        ({"hours": 8}, {"sample_every": "10s"}, (28_800, 3600, 10, 8)),
    ],
)
def test_a_flag_beats_the_file(
    file: dict[str, Any], flags: dict[str, Any], plan: tuple[float, float, float, int]
) -> None:
    """What was given on the command line holds; what was not follows from it or stays the file's."""
    assert plan_of(file, **flags) == pytest.approx(plan)


def test_together_they_may_not_be_longer_than_a_run_can_be() -> None:
    """A million iterations of ten years."""
    with pytest.raises(UsageError, match="--iterations"):
        plan_of({}, iterations=1_000_000, iteration="3650d")


SPANS = st.sampled_from(["1s", "10s", "1m", "90m", "1d"])
FILES = st.fixed_dictionaries(
    {},
    optional={
        "hours": st.sampled_from([0.1, 1, 24]),
        "duration": SPANS,
        "iterations": st.integers(1, 50),
        "iteration": SPANS,
        "sample_every": SPANS,
    },
)
FLAGS = st.fixed_dictionaries(
    {},
    optional={
        "hours": st.sampled_from([0.1, 1.0, 24.0, 876_000.0]),
        "iterations": st.integers(1, 50),
        "iteration": SPANS.map(Duration.parse),
        "sample_every": SPANS.map(Duration.parse),
    },
)


@given(FILES, FLAGS)
def test_what_the_flags_made_can_be_recorded_and_read_again(file: dict[str, Any], flags: dict[str, Any]) -> None:
    """A run is judged and resumed by the configuration in its record: it must be the one that was run."""
    made = with_soak(config_of(soak=file), flags)
    again = Config.model_validate(made.model_dump(mode="json", by_alias=True))
    assert again.model_dump(mode="json", by_alias=True) == made.model_dump(mode="json", by_alias=True)
    try:
        plan = Plan.of(made.soak)
    except Exception as error:  # noqa: BLE001 - the same refusal, whatever it is
        with pytest.raises(type(error)):
            Plan.of(again.soak)
    else:
        assert Plan.of(again.soak) == plan


def test_nothing_given_changes_nothing() -> None:
    """Not even the object."""
    config = config_of()
    assert with_soak(config, {"hours": None}) is config
    assert with_service(config, None) is config
    assert with_service(config, []) is config
    assert with_smoke(config, None) is config
    assert with_repeat(config, None, None) is config
    assert with_budgets(config, []) is config


def test_command_and_deadline_replace_those_of_the_file() -> None:
    """And nothing else."""
    config = config_of(service={"name": "app"}, smoke={"deadline": "8s"})
    changed = with_smoke(with_service(config, ["other", "--flag"]), Duration(3))
    assert (changed.service.command, changed.service.name) == (("other", "--flag"), "app")
    assert changed.smoke.deadline == 3.0


def test_a_repeated_command_takes_its_flags() -> None:
    """Without one they are refused."""
    config = config_of(soak={"repeat": {"command": ["job"]}})
    repeat = with_repeat(config, Duration(60), None).soak.repeat
    assert repeat is not None
    assert (repeat.timeout, repeat.heartbeat) == (60.0, 5.0)
    with pytest.raises(UsageError, match="need a repeated command"):
        with_repeat(config_of(), None, Duration(1))


def test_budgets_replace_those_of_the_file() -> None:
    """Each by its name, typed as in the file; the last one of a name holds."""
    config = config_of(gate={"resources": {"rss_slope": "1MB/h", "fd_slope": "2/h"}})
    given_budgets = ["rss_slope=5MB/h", "cpu_mean=50%", "disk=1GB", "zombies=2", "rss_slope=6MB/h"]
    found = with_budgets(config, given_budgets).gate.resources
    assert (found.rss_slope, found.fd_slope, found.cpu_mean, found.disk, found.zombies) == (6e6, 2.0, 50.0, 1e9, 2)


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        ("rss_slope", "write NAME=VALUE"),
        ("nope=1", "there is no budget named 'nope'"),
        ("=1", "write NAME=VALUE"),
        ("", "write NAME=VALUE"),
        ("rss_slope=", "rss_slope: "),
        ("rss_slope=1/h", "rss_slope: "),
        ("rss_slope=-1MB/h", "rss_slope: "),
        ("fd_slope=1MB/h", "fd_slope: "),
        ("cpu_mean=x", "cpu_mean: "),
        ("zombies=1.5", "zombies: "),
        ("zombies=-1", "zombies: "),
        ("disk=1e30GB", "disk: "),
    ],
)
def test_a_budget_that_is_none_is_refused(budget: str, message: str) -> None:
    """With what is wrong, or with the names that there are."""
    with pytest.raises(UsageError, match=r"^--budget ") as refused:
        with_budgets(config_of(), [budget])
    assert message in refused.value.message
    assert not any(word in refused.value.message for word in ("Value error", "Input should", "parse"))
    assert ("rss_slope" in refused.value.hint) == (message in {"write NAME=VALUE", "there is no budget named 'nope'"})
