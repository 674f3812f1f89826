"""Which differences between two runs forbid to compare them, and which are only said."""

from __future__ import annotations

from typing import Any

import pytest

from soakctl.domain.baseline import differences
from soakctl.domain.config.root import Config
from soakctl.domain.plan import Plan
from soakctl.domain.run import Manifest, Mode
from tests.support.scripted import manifest_of

MACHINE = {
    "host": "build-7",
    "os": "Linux",
    "kernel": "6.8.0-45-generic",
    "architecture": "x86_64",
    "cpu_model": "EPYC 7763",
    "cpu_count": 8,
    "cpu_usable": 8,
    "memory_bytes": 16_000_000_000,
    "boot_id": "a",
    "python": "3.12.1",
    "dependencies": {"numpy": "2.1.0"},
}


def _manifest(*, mode: Mode = Mode.REAL, plan: Plan | None = None, machine: Any = None, **fields: Any) -> Manifest:
    config = Config.model_validate(fields.pop("config", {}))
    made = manifest_of(config, plan or Plan(28800.0, 3600.0, 60.0, 8), mode=mode)
    fingerprint = MACHINE if machine is None else machine
    return made.model_copy(update={"fingerprint": fingerprint, "command": ("app",), **fields})


def test_the_same_again_is_alike() -> None:
    """Another boot of the same machine is the same machine."""
    found = differences(_manifest(), _manifest(machine={**MACHINE, "boot_id": "b"}))
    assert (found.blocking, found.said) == ((), ())


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (_manifest(mode=Mode.MOCK), "mode real, baseline mock"),
        (_manifest(plan=Plan(28800.0, 1800.0, 60.0, 16)), "iterations of 1h00m, baseline 30m00s"),
        (_manifest(plan=Plan(28800.0, 3600.0, 1.0, 8)), "samples every 1m00s, baseline 1.0s"),
        (_manifest(machine={**MACHINE, "cpu_model": "Xeon"}), "CPU EPYC 7763, baseline Xeon"),
        (_manifest(machine={**MACHINE, "cpu_count": 4}), "CPU count 8, baseline 4"),
        (_manifest(machine={**MACHINE, "cpu_usable": 2}), "usable CPUs 8, baseline 2"),
        (_manifest(machine={**MACHINE, "memory_bytes": 8_000_000_000}), "memory 16 GB, baseline 8 GB"),
        (_manifest(machine={**MACHINE, "architecture": "aarch64"}), "architecture x86_64, baseline aarch64"),
        (_manifest(machine={**MACHINE, "os": "Darwin"}), "operating system Linux, baseline Darwin"),
        (_manifest(machine={**MACHINE, "kernel": "5.15.0-1"}), "kernel 6.8.0-45-generic, baseline 5.15.0-1"),
        (_manifest(machine={**MACHINE, "kernel": None}), "kernel 6.8.0-45-generic, baseline unknown"),
        (_manifest(machine={}), "machine recorded, baseline unknown"),
        (_manifest(command=("other", "app")), "service app, baseline other app"),
        (_manifest(config={"service": {"name": "b"}}), "service app, baseline b"),
        (_manifest(config={"soak": {"load": {"command": "wrk"}}}), "soak.load is another one"),
    ],
)
def test_what_changes_the_figures_forbids_it(other: Manifest, named: str) -> None:
    """Another machine, another cut, another service or another load: the reader is told which."""
    found = differences(_manifest(), other)
    assert [each for each in found.blocking if named in each], found


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (_manifest(machine={**MACHINE, "host": "build-8"}), "host build-7, baseline build-8"),
        (_manifest(machine={**MACHINE, "kernel": "6.8.0-47-generic"}), "kernel 6.8.0-45-generic, baseline 6.8.0-47"),
        (_manifest(machine={**MACHINE, "python": "3.13.0"}), "Python of soakctl 3.12.1, baseline 3.13.0"),
        (_manifest(machine={**MACHINE, "dependencies": {}}), "soakctl's dependencies differ"),
        (_manifest(soakctl_version="9"), "soakctl 0, baseline 9"),
        (_manifest(plan=Plan(86400.0, 3600.0, 60.0, 24)), "planned 8h00m, baseline 24h00m"),
        (_manifest(config={"gate": {"resources": {"cpu_mean": "50%"}}}), "configuration differs in gate.resources"),
        (_manifest(config={"service": {"env": {"A": "1"}}}), "configuration differs in service.env"),
        (
            _manifest(config={"kpis": [{"name": "a", "source": {"log": "(.)"}}]}),
            "configuration differs in kpis",
        ),
    ],
)
def test_what_may_change_is_said(other: Manifest, named: str) -> None:
    """Software and settings are what people change on purpose, and compare."""
    found = differences(_manifest(), other)
    assert found.blocking == ()
    assert [each for each in found.said if named in each], found


def test_a_named_service_may_change_its_command() -> None:
    """Two versions of a service lie in two places."""
    named = {"service": {"name": "maker"}}
    one = _manifest(command=("/opt/1/maker",), config=named)
    other = _manifest(command=("/opt/2/maker",), config=named)
    assert differences(one, other).blocking == ()


def test_memory_that_the_kernel_keeps_is_no_difference() -> None:
    """The same machine has some megabytes more or less after an update."""
    other = _manifest(machine={**MACHINE, "memory_bytes": 15_900_000_000})
    assert differences(_manifest(), other).blocking == ()


def test_a_simulation_is_the_same_everywhere() -> None:
    """Mock runs have no machine."""
    one, other = _manifest(mode=Mode.MOCK, machine={}), _manifest(mode=Mode.MOCK, machine=MACHINE)
    assert differences(one, other).blocking == ()


def test_two_real_runs_without_a_machine_say_so() -> None:
    """Under a fixed clock no run records its machine."""
    found = differences(_manifest(machine={}), _manifest(machine={}))
    assert (found.blocking, found.said) == ((), ("neither run says what machine it was made on",))
