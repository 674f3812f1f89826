"""The one stop ladder: ask the main process, ask the rest, kill everything, all within one shared deadline."""

from __future__ import annotations

from soakctl.keeper.system import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Tree(Protocol):
        """The processes to be stopped."""

        def ask_main(self, signum: int) -> None:
            """Ask the main process, which must not have been waited for."""

        def ask(self, signum: int) -> int:
            """Ask all that live; how many there were."""
            ...

        def kill(self) -> int:
            """Kill all that live; how many there were."""
            ...


# Children that end because their parent did need no request of their own; they get this long (seconds).
SETTLE_S = 0.1
# Kills are repeated: a process can fork while it is being killed.
KILL_EVERY_S = 0.02
# A process in an uninterruptible wait, or one that is not ours to kill, cannot be ended; then the count is reported.
GIVE_UP_S = 10.0
# After that the keeper stays for as long as they do, and tries this often.
RETRY_S = 1.0


class Ladder:
    """Decides what is due; times are monotonic seconds. Nothing happens before the first request."""

    def __init__(self, tree: Tree, *, signum: int, report: Callable[[str, int, int], None]) -> None:
        """`report` is told each rung: its name, the signal's number and how many processes it was for."""
        self._tree = tree
        self._signum = signum
        self._report = report
        self._deadline: float | None = None
        self._asked = self._asked_rest = self._killed = False
        self.gave_up = False

    @property
    def requested(self) -> bool:
        """Whether a stop is under way."""
        return self._deadline is not None

    def request(self, now: float, grace_s: float) -> None:
        """Begin to stop; a later request can only shorten the deadline."""
        deadline = now + max(0.0, grace_s)
        if self._deadline is None or deadline < self._deadline:
            self._deadline = deadline

    def advance(self, now: float, main_died: float | None) -> float | None:
        """Take the rung that is due, if any; when to come back at the latest, None for no need to.

        `main_died` is when the main process was found dead, None while it lives (it is then not yet waited for, so
        that its pid is its own).
        """
        if self._deadline is None:
            return None
        if now >= self._deadline:
            return self._kill(now, self._deadline)
        if main_died is None:
            self._ask_main()
            return self._deadline
        settled = main_died + SETTLE_S
        if now < settled:
            return min(settled, self._deadline)
        self._ask_rest()
        return self._deadline

    def _ask_main(self) -> None:
        if self._asked:
            return
        self._asked = True
        self._tree.ask_main(self._signum)
        self._report("asked", self._signum, 1)

    def _ask_rest(self) -> None:
        if self._asked_rest:
            return
        self._asked_rest = True
        count = self._tree.ask(self._signum)
        if count:
            self._report("asked_rest", self._signum, count)

    def _kill(self, now: float, deadline: float) -> float:
        count = self._tree.kill()
        if count and not self._killed:
            self._killed = True
            self._report("killed", signal.SIGKILL, count)
        self.gave_up = now >= deadline + GIVE_UP_S
        return now + (RETRY_S if self.gave_up else KILL_EVERY_S)
