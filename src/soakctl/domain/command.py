"""What the engine asks of the world. None of it blocks; each is answered by a signal, or by none where it says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class StartService:
    """Start the service (or look up the process to watch). Answered by Started or StartFailed."""

    life: int


@dataclass(frozen=True, slots=True)
class StopService:
    """Stop the tree: signal, shared deadline, kill. Answered by StopRung for each rung and Gone; Exited comes too."""

    grace_s: float


@dataclass(frozen=True, slots=True)
class TakeSample:
    """Look at the tree once. Answered by Sampled or SampleFailed."""


@dataclass(frozen=True, slots=True)
class ReadKpi:
    """Ask a KPI's source. Answered by KpiRead with the same token, within the source's timeout."""

    name: str
    token: int


@dataclass(frozen=True, slots=True)
class Probe:
    """Ask whether the service is ready (or, with no `ready` configured, listens). Answered by Probed."""


@dataclass(frozen=True, slots=True)
class Verify:
    """Run the command that verifies a clean stop. Answered by Verified."""


@dataclass(frozen=True, slots=True)
class ReadOverrides:
    """Read the file of the parameters. Answered by OverridesRead with the same token."""

    token: int


@dataclass(frozen=True, slots=True)
class WriteOverrides:
    """Set values by path in the file of the parameters, if it is still the one of this digest. Answered likewise.

    Every other key is kept; the answer shows the file as it was read again behind the write.
    """

    token: int
    values: Mapping[str, int | float]
    digest: str


@dataclass(frozen=True, slots=True)
class TakeTrace:
    """See what the service waits for. Answered by Traced, after some seconds."""


@dataclass(frozen=True, slots=True)
class TakeInventory:
    """Remember what the service has now, to tell later what has grown. Not answered."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Find the lines, kinds or commands that a resource grows by. Answered by Attributed.

    Attributes:
        resource: rss, fds, threads, tasks or processes.
        slope_per_hour: how fast it grows, in its unit.
        window_s: for memory, the length of each of the windows in which allocations are noted.
    """

    resource: str
    slope_per_hour: float
    window_s: float


Command = (
    StartService
    | StopService
    | TakeSample
    | ReadKpi
    | Probe
    | Verify
    | TakeTrace
    | ReadOverrides
    | WriteOverrides
    | TakeInventory
    | Attribute
)
