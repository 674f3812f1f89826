"""The real clock: monotonic elapsed time that continues over a resume, and wall time for people."""

from __future__ import annotations

import time

from soakctl.domain.signal import Moment


class Clock:
    """Elapsed seconds of a run and wall time.

    With `fake_unix` (from CI_FAKE_UTC) wall time starts there and advances with the monotonic clock.
    """

    def __init__(self, *, elapsed_s: float = 0.0, fake_unix: float | None = None) -> None:
        """`elapsed_s` is where a resumed run goes on."""
        self._base = time.monotonic() - elapsed_s
        self._fake_base = None if fake_unix is None else fake_unix - time.monotonic()

    def elapsed_s(self) -> float:
        """Elapsed seconds of the run."""
        return time.monotonic() - self._base

    def unix(self) -> float:
        """Wall time in seconds since 1970."""
        return time.time() if self._fake_base is None else self._fake_base + time.monotonic()

    def now(self) -> Moment:
        """Both."""
        return Moment(self.elapsed_s(), self.unix())


def pause(seconds: float) -> bool:
    """Let time pass, and go on."""
    time.sleep(seconds)
    return True
