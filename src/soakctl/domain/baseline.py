"""What a run is compared with, and whether the two can be compared at all."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from soakctl.domain.run import Mode
from soakctl.domain.wording import show_bytes, show_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.iteration import Iteration
    from soakctl.domain.record import Record
    from soakctl.domain.run import Manifest

UNNAMED = "service"  # what a service without a name is called
_CLOSE = 0.01
_MEMORY_CLOSE = 0.05  # the kernel keeps a different part of the same memory for itself
_LONGEST = 60
# Another machine, or another class of machine: its figures are no measure for this one.
_MACHINE = {
    "os": "operating system",
    "architecture": "architecture",
    "cpu_model": "CPU",
    "cpu_count": "CPU count",
    "cpu_usable": "usable CPUs",
}
_SAID = {"host": "host", "kernel": "kernel", "python": "Python of soakctl"}
# The work that is put on the service; under another one its figures are others.
_LOAD = ("load", "faults", "repeat")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a run is compared with: a run, the summaries of an older one, or the figures of a snapshot.

    Attributes:
        name: for people; the id of a run, or a file.
        verdict: its own; None where it has none.
        record: of a run of soakctl's own.
        iterations: of an older tool's run.
        figures: each KPI of a snapshot; its median, else its mean.
        problems: what could not be read of it.
        missing: why there is nothing to compare with, or "".
    """

    name: str
    verdict: str | None = None
    record: Record | None = None
    iterations: tuple[Iteration, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Unlike:
    """How two runs differ, for people: in what forbids a comparison, and in what a reader should know."""

    blocking: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


def differences(manifest: Manifest, baseline: Manifest) -> Unlike:
    """How a run differs from its baseline in machine, plan, work and software."""
    blocking = [*_plans(manifest, baseline), *_machines(manifest, baseline)]
    return Unlike(tuple(blocking), tuple(_software(manifest, baseline)))


def _difference(what: str, mine: Any, theirs: Any) -> str:
    return f"{what} {_short(mine)}, baseline {_short(theirs)}"


def _span(seconds: float | None) -> str | None:
    return None if seconds is None else show_seconds(seconds)


def _short(value: Any) -> str:
    text = "unknown" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _plans(mine: Manifest, theirs: Manifest) -> Iterator[str]:
    if mine.mode is not theirs.mode:
        yield _difference("mode", mine.mode.value, theirs.mode.value)
    if _service(mine) != _service(theirs):
        yield _difference("service", _service(mine), _service(theirs))
    for name, what in (("iteration_s", "iterations of"), ("sample_every_s", "samples every")):
        here, there = mine.plan.get(name), theirs.plan.get(name)
        if not _near(here, there, _CLOSE):
            yield _difference(what, _span(here), _span(there))
    for name in _LOAD:
        if mine.config.get("soak", {}).get(name) != theirs.config.get("soak", {}).get(name):
            yield f"soak.{name} is another one"


def _service(manifest: Manifest) -> str:
    """Its name; one that has none is known by its command."""
    name = str(manifest.config.get("service", {}).get("name", UNNAMED))
    return " ".join(manifest.command) if name == UNNAMED and manifest.command else name


def _machines(mine: Manifest, theirs: Manifest) -> Iterator[str]:
    here, there = mine.fingerprint, theirs.fingerprint
    if mine.mode is theirs.mode is Mode.MOCK or not (here or there):
        return  # a simulation is the same everywhere
    if not (here and there):
        yield _difference("machine", "recorded" if here else None, "recorded" if there else None)
        return
    for name, what in _MACHINE.items():
        if here.get(name) != there.get(name):
            yield _difference(what, here.get(name), there.get(name))
    memory = here.get("memory_bytes"), there.get("memory_bytes")
    if not _near(*memory, _MEMORY_CLOSE):
        yield _difference("memory", *(None if size is None else show_bytes(size) for size in memory))
    if _series(here.get("kernel")) != _series(there.get("kernel")):
        yield _difference("kernel", here.get("kernel"), there.get("kernel"))


def _series(kernel: Any) -> str | None:
    """6.8 of 6.8.0-45-generic: within a series what differs is corrections."""
    found = re.match(r"\d+\.\d+", str(kernel))
    return found[0] if found else (None if kernel is None else str(kernel))


def _near(one: Any, other: Any, tolerance: float) -> bool:
    numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
    return math.isclose(one, other, rel_tol=tolerance) if numbers else one == other


def _software(mine: Manifest, theirs: Manifest) -> Iterator[str]:
    here, there = mine.fingerprint, theirs.fingerprint
    if mine.mode is Mode.REAL and not (here or there):
        yield "neither run says what machine it was made on"
    for name, what in _SAID.items():
        same_series = name != "kernel" or _series(here.get(name)) == _series(there.get(name))
        if here and there and here.get(name) != there.get(name) and same_series:
            yield _difference(what, here.get(name), there.get(name))
    if here and there and here.get("dependencies") != there.get("dependencies"):
        yield "soakctl's dependencies differ"
    if mine.soakctl_version != theirs.soakctl_version:
        yield _difference("soakctl", mine.soakctl_version, theirs.soakctl_version)
    if not _near(mine.planned_s, theirs.planned_s, _CLOSE):
        yield _difference("planned", _span(mine.planned_s), _span(theirs.planned_s))
    changed = _changed(mine.config, theirs.config)
    if changed:
        yield f"configuration differs in {', '.join(changed)}"


def _changed(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """The keys of the configuration that differ, two levels deep."""
    found = []
    for section in sorted({*mine, *theirs}):
        here, there = mine.get(section), theirs.get(section)
        if here == there:
            continue
        if isinstance(here, dict) and isinstance(there, dict):
            keys = (key for key in sorted({*here, *there}) if here.get(key) != there.get(key))
            found += [f"{section}.{key}" for key in keys]
        else:
            found.append(section)
    return found
