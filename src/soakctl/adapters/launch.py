"""What starting a service takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Launch:
    """One life of a service.

    Attributes:
        argv, cwd: what to execute, and where.
        env: its whole environment; SOAKCTL_RUN is added.
        stop_signal: number of the signal that asks it to end.
        run_id, life: what SOAKCTL_RUN says, as `<run id>:<life>`.
        grace_s: seconds between signal and kill, for the stop that the keeper does by itself when soakctl is gone.
        lock_fd: held by the keeper, not by the service, until nothing of the tree is left.
    """

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    stop_signal: int
    run_id: str
    life: int
    grace_s: float
    lock_fd: int | None = None
