"""Which parts a soak is made of, in the order in which they hear of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.config.kpi import ResourceSource
from soakctl.domain.config.service import Liveness
from soakctl.domain.tuning import Tune
from soakctl.services.engine.boot import BootPart
from soakctl.services.engine.lifecycle import Lifecycle
from soakctl.services.engine.tracing import TracePart
from soakctl.services.soak.abort import AbortPart
from soakctl.services.soak.alarm import LeakAlarmPart
from soakctl.services.soak.attribution import AttributionPart
from soakctl.services.soak.closing import Closer
from soakctl.services.soak.iterations import IterationsPart
from soakctl.services.soak.liveness import LivenessPart
from soakctl.services.soak.logs import LogPart
from soakctl.services.soak.repeat import RepeatPart
from soakctl.services.soak.sampling import SamplingPart
from soakctl.services.soak.tuning import TuningPart

if TYPE_CHECKING:
    from soakctl.domain.config.root import Config
    from soakctl.domain.plan import Plan
    from soakctl.services.engine.part import Part


def soak_parts(
    config: Config, plan: Plan, *, mock: bool, attached: bool, alarm: bool, tuning: Tune = Tune.OFF
) -> tuple[Part, ...]:
    """The parts of one soak. Order matters: the service, then what is learned of it, then what is made of that.

    `alarm`: growth is told while the run goes on; under virtual time nobody waits for it.
    """
    logs = LogPart()
    liveness = effective_liveness(config)
    closer = Closer(config.kpis, plan, logs, mock=mock, counts_events=liveness is not None)
    sampling = SamplingPart(plan.sample_every_s, logs.totals)
    abort = AbortPart(config.kpis, mock=mock)
    if config.soak.repeat is not None:
        grace_s = float(config.service.stop.grace)
        repeating = RepeatPart(config.soak.repeat, plan, closer, grace_s=grace_s)
        return (repeating, logs, sampling, abort, *_tuning(config, tuning, mock=mock))
    tracing = TracePart()
    parts: list[Part] = [
        tracing,
        Lifecycle(config.service, restarts=True, held=lambda: tracing.holds),
        BootPart(config, prove_life=False, watched=attached),
        logs,
        sampling,
        abort,
        IterationsPart(plan, closer),
        *_tuning(config, tuning, mock=mock),
    ]
    if liveness is not None:
        parts.append(LivenessPart(liveness))
    if alarm:
        parts.append(LeakAlarmPart(plan, config.gate.resources, attribute=config.soak.attribute))
        if config.soak.attribute:
            parts.append(AttributionPart(plan))
    return tuple(parts)


def _tuning(config: Config, tuning: Tune, *, mock: bool) -> tuple[Part, ...]:
    return () if tuning is Tune.OFF else (TuningPart(config, mock=mock, writes=tuning is Tune.WRITE),)


def effective_liveness(config: Config) -> Liveness | None:
    """The configured liveness, else the checkpoint that proves life, whose lines are then counted as events."""
    if config.service.liveness is not None:
        return config.service.liveness
    alive = next((point for point in config.smoke.checkpoints if point.liveness), None)
    return Liveness(pattern=alive.pattern) if alive is not None else None


def kpi_columns(config: Config) -> tuple[str, ...]:
    """The sample columns that KPIs are made of."""
    return tuple(sorted({kpi.source.resource for kpi in config.kpis if isinstance(kpi.source, ResourceSource)}))
