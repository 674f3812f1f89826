"""The snapshots that a run takes by itself. What looks is imported by the thread that looks: a start is not held up."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from soakctl.adapters.snapshot.background import Background
from soakctl.cli.output import warn
from soakctl.services.soak.snapshots import SnapshotMoments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soakctl.adapters.snapshot.python import Answered
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config
    from soakctl.ports import Documents, Observer


@contextmanager
def snapshots_of_run(
    setup: Setup, config: Config, store: Documents, *, resumed: bool, attached: bool
) -> Iterator[Observer | None]:
    """Watches a run and takes snapshots on the way; nobody where the record is to be reproduced.

    `attached`: the service was started by somebody else, and has an environment of its own.
    A fault in it is raised when this is left, for which the run has then been judged.
    """
    if setup.environment.fake_utc is not None:
        yield None
        return

    before: list[Answered] = []

    def take(moment: str, pid: int | None, seen: Callable[[], None]) -> dict[str, Any]:
        from soakctl.adapters.snapshot.python import Answered
        from soakctl.cli.wiring.snapshot import Surroundings, snapshot_of

        if not before:
            before.append(Answered())

        around = Surroundings.of(setup, config, pid=None, key_file=None)
        if pid is not None:
            around = around.at_process(pid) if attached else replace(around, pid=pid)
        return snapshot_of(around, moment, seen=seen, answered=before[0])

    background = Background(take, store.write)
    try:
        yield SnapshotMoments(background.ask, resumed=resumed)
    finally:
        for problem in background.close():
            warn(f"a snapshot of the environment is missing: {problem}")
    if background.fault is not None:
        message = "looking at the environment failed"
        raise RuntimeError(message) from background.fault
