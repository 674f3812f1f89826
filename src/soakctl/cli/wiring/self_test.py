"""The known cases of the self-test, each ready to be run into a record of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl import __version__
from soakctl.adapters.run_store import DirectoryStore
from soakctl.domain.plan import Plan
from soakctl.domain.run import Manifest, Mode
from soakctl.domain.state import RunState
from soakctl.mock.cases import CASES
from soakctl.mock.sim_world import SimWorld
from soakctl.services.self_test import Known
from soakctl.services.soak.run import Soak, run_soak

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soakctl.domain.record import Record
    from soakctl.mock.cases import Case

_START_UNIX = 1_700_000_000.0


def known_cases() -> Sequence[tuple[Known, Callable[[], Record]]]:
    """Every bundled case: what it must come to, and what runs it."""
    return [(Known(case.name, case.outcome, case.check), lambda case=case: _run(case)) for case in CASES]  # type: ignore[misc]


def _run(case: Case) -> Record:
    config = case.config()
    plan = Plan.of(config.soak)
    manifest = Manifest(
        run_id="20231114T221320Z-00000001",
        soakctl_version=__version__,
        mode=Mode.REAL,
        config=config.recorded(),
        config_hash="",
        plan=plan.to_json(),
        planned_s=plan.duration_s,
        started_unix=_START_UNIX,
        started_utc="2023-11-14T22:13:20Z",
    )
    with tempfile.TemporaryDirectory(prefix="soakctl-self-test-") as directory:
        store = DirectoryStore(Path(directory), redact=lambda value: value, durable=False)
        world = SimWorld(case.service(), start_unix=_START_UNIX)
        job = Soak(config, manifest, RunState(plan=plan), mock=False, resumed=False)
        run_soak(job, world, store, redact=lambda value: value)
        record = store.load()
        store.close()
        return record
