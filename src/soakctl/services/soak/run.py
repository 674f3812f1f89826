"""The soak as a use case: run or resume the engine, and leave a record that says how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from soakctl.domain.journal import Event, EventKind
from soakctl.domain.run import RunPhase
from soakctl.domain.state import Phase
from soakctl.domain.tuning import Tune
from soakctl.services.engine.engine import Engine
from soakctl.services.soak.overrides_look import look_at_end, look_at_start
from soakctl.services.soak.parts import soak_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.config.root import Config
    from soakctl.domain.run import Manifest
    from soakctl.domain.state import RunState
    from soakctl.ports import Observer, Overrides, RunStore, World


@dataclass(frozen=True, slots=True)
class Soak:
    """What a soak needs beside a world: the configuration, the manifest, and the state to begin from."""

    config: Config
    manifest: Manifest
    state: RunState
    mock: bool
    resumed: bool
    alarm: bool = False
    tuning: Tune = Tune.OFF


def run_soak(
    soak: Soak,
    world: World,
    store: RunStore,
    *,
    redact: Callable[[Any], Any],
    observer: Observer | None = None,
    overrides: Overrides | None = None,
) -> Manifest:
    """Run until the end and write the manifest. Raises what the store raises when it cannot record.

    `overrides`: the file that a tuned run has, looked at before its service starts and after it has ended.
    """
    state = soak.state
    parts = soak_parts(
        soak.config, state.plan, mock=soak.mock, attached=state.attached, alarm=soak.alarm, tuning=soak.tuning
    )
    engine = Engine(world, store, parts, state, redact=redact, observer=observer)
    store.write("run.json", soak.manifest.to_json())
    if soak.resumed:
        for event in _resumption(state, world.now().unix):
            engine.record(event)
    else:
        engine.record(Event(EventKind.RUN_STARTED, {"run_id": soak.manifest.run_id, "plan": state.plan.to_json()}))
    overrides = None if soak.tuning is Tune.OFF else overrides
    if overrides is not None and state.tuning.at_start is None and not state.tuning.seen:
        engine.record(look_at_start(overrides, soak.config))
    engine.run()
    if overrides is not None:
        engine.record(look_at_end(overrides, soak.config, state))
    manifest = _ended(soak.manifest, state, world.now().unix)
    store.write("run.json", manifest.to_json())
    return manifest


def _resumption(state: RunState, unix: float) -> tuple[Event, Event]:
    """What a resume begins with. Time that no sample covers any more is lost, not observed; so is that of a stop."""
    away = max(0.0, unix - state.unix)
    last_s = state.latest.elapsed_s if state.latest is not None and state.began_s is not None else state.elapsed_s
    observed_s = min(last_s + state.plan.sample_every_s, state.observed_until_s)
    data = {
        "from_s": last_s,
        "to_s": state.elapsed_s,
        "lost_s": round(max(0.0, state.elapsed_s - observed_s), 6),
        "away_s": round(away, 3),
        "reason": "soakctl was not running",
    }
    return Event(EventKind.RUN_RESUMED, {"away_s": round(away, 3)}), Event(EventKind.GAP, data)


def _ended(manifest: Manifest, state: RunState, unix: float) -> Manifest:
    interrupted = state.phase is Phase.ENDED and state.ended is not None and state.ended["reason"] == "interrupted"
    return manifest.model_copy(
        update={
            "state": RunPhase.INTERRUPTED if interrupted else RunPhase.FINISHED,
            "ended_unix": round(unix, 6),
            "ended_utc": datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
