"""Supervising a service from soakctl's side: one keeper for each life of the service."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from soakctl.adapters.keeper_link import KeeperLink
from soakctl.domain.signal import Gone, StartFailed
from soakctl.errors import UnavailableError
from soakctl.keeper.system import become_subreaper
from soakctl.keeper.wire import NO_FD

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.adapters.launch import Launch
    from soakctl.domain.signal import Signal


class ServiceHost:
    """Runs one life of a service at a time. Signals come from a thread of its own.

    `out_fd` and `err_fd` are the read ends of the service's stdout and stderr, there from `start` to `close`; they end
    when the last process that holds the other end is gone, which can be long after the service's own death.
    """

    def __init__(self, emit: Callable[[Signal], None]) -> None:
        """`emit` is called from any thread and must not block."""
        self._emit = emit
        self._link: KeeperLink | None = None
        self.out_fd = self.err_fd = NO_FD

    @property
    def root_pid(self) -> int | None:
        """The keeper's pid: the service's tree is what lives below it. None when there is no keeper."""
        return None if self._link is None else self._link.keeper_pid

    def start(self, launch: Launch) -> None:
        """Start a life; does not wait for it. Answered by Started or StartFailed.

        Raises UnavailableError on systems where nothing can be supervised.
        """
        if sys.platform == "win32":
            raise UnavailableError("supervising a service needs Linux or macOS", hint="on Windows use WSL")
        self.close()
        become_subreaper()  # for when the keeper is killed: what is left of the tree then comes here
        link = KeeperLink(launch, self._emit)
        try:
            self.out_fd, self.err_fd = link.open()
        except (OSError, ValueError) as error:
            self._emit(StartFailed("other", f"{launch.argv[0]} could not be started: {error}"))
            return
        self._link = link

    def stop(self, grace_s: float) -> None:
        """Ask for the end of the tree; answered by StopRung, Exited and Gone. Asked again, the shorter grace holds."""
        if self._link is None:
            self._emit(Gone(0))
        else:
            self._link.stop(grace_s)

    def close(self) -> None:
        """Wait for the keeper, which ends by itself after Gone, and close `out_fd` and `err_fd`.

        Before Gone it lets go: the keeper stops the service as if soakctl had died.
        """
        if self._link is not None:
            self._link.close()
            self._link = None
        for fd in (self.out_fd, self.err_fd):
            if fd != NO_FD:
                os.close(fd)
        self.out_fd = self.err_fd = NO_FD
