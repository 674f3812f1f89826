"""The keeper itself: starts the service, says when it dies, and leaves only when nothing of it is left."""

from __future__ import annotations

import os
import select
import time

from soakctl.keeper.ladder import Ladder
from soakctl.keeper.launch import LaunchError, launch
from soakctl.keeper.system import become_subreaper, signal
from soakctl.keeper.tree import AdoptedTree, GroupTree
from soakctl.keeper.wire import LineReader, receive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakctl.keeper.wire import Order

CONTROL = 0
REPORT = 1
_IGNORED = ("SIGINT", "SIGQUIT", "SIGHUP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGUSR1", "SIGUSR2", "SIGPIPE")
_DRAIN = 1 << 20
_LONGEST_WAIT_S = 3600.0
# Without a subreaper the end of the group is not announced, and has to be looked for (seconds).
_LOOK_EVERY_S = 0.05


def run() -> int:
    """Be the keeper: one order from standard input, reports to standard output. Returns the exit code."""
    wake = _listen_to_signals()
    order = receive(CONTROL)
    if order is None:  # soakctl died before it had said what to do
        return 0
    for fd in order.descriptors():
        os.set_inheritable(fd, False)  # noqa: FBT003 - its only form
    adopts = become_subreaper()
    started = time.time()
    try:
        pid = launch(order)
    except LaunchError as failure:
        report("failed", failure.stage, failure.number)
        return 0
    except OSError as error:  # no process or no memory to be had
        report("failed", "fork", error.errno or 0)
        return 0
    for fd in order.writers:  # or the streams would never end
        os.close(fd)
    report("started", pid, repr(started))
    order.env.clear()  # the service's secrets need not stay here
    tree = AdoptedTree(pid) if adopts else GroupTree(pid)
    Keeper(order, pid, tree, wake=wake).keep()
    return 0


def report(*words: object) -> None:
    """Tell soakctl; nothing happens when it is gone."""
    try:
        os.write(REPORT, " ".join(map(str, words)).encode() + b"\n")
    except BrokenPipeError:
        return


class Keeper:
    """Watches one life of a service."""

    def __init__(self, order: Order, pid: int, tree: AdoptedTree | GroupTree, *, wake: int) -> None:
        """`wake` becomes readable when a signal came."""
        self._order = order
        self._pid = pid
        self._tree = tree
        self._polls = not isinstance(tree, AdoptedTree)
        self._wake = wake
        self._control = LineReader(CONTROL)
        self._poll = select.poll()
        self._poll.register(CONTROL, select.POLLIN)
        self._poll.register(wake, select.POLLIN)
        self._main_died: float | None = None
        self._childless = False
        self._told_gone = False
        self._ladder = Ladder(tree, signum=order.stop_signal, report=lambda *rung: report("rung", *rung))

    def keep(self) -> None:
        """Until nothing of the service is left and a stop was asked for, by soakctl or by its end."""
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._stop(self._order.grace_s))
        # soakctl blocked all signals before it started the keeper, so that none came too early.
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        while True:
            self._reap()
            if self._ladder.requested and self._tree.gone(childless=self._childless):
                self._tell_gone(0)
                return
            due = self._ladder.advance(time.monotonic(), self._main_died)
            if self._ladder.gave_up:
                self._tell_gone(max(1, self._tree.count()))
            self._wait(due)

    def _tell_gone(self, left: int) -> None:
        if not self._told_gone:
            self._told_gone = True
            report("gone", left)

    def _stop(self, grace_s: float) -> None:
        self._ladder.request(time.monotonic(), grace_s)

    def _reap(self) -> None:
        """Wait for all that ended: the main process, and orphans that came back."""
        while not self._childless:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self._childless = True
                return
            if pid == 0:
                return
            if pid == self._pid and self._main_died is None:
                self._main_died = time.monotonic()
                report("exited", os.waitstatus_to_exitcode(status))

    def _wait(self, due: float | None) -> None:
        """Until something happens, or `due`."""
        wait = _LONGEST_WAIT_S if due is None else min(max(0.0, due - time.monotonic()), _LONGEST_WAIT_S)
        if self._polls and self._ladder.requested:
            wait = min(wait, _LOOK_EVERY_S)
        for fd, _events in self._poll.poll(wait * 1000 + 1):
            if fd == self._wake:
                os.read(fd, 4096)
            elif fd == CONTROL:
                self._listen()
            else:
                self._drain(fd)

    def _listen(self) -> None:
        lines = self._control.read()
        for line in lines or ():
            self._stop(float(line.removeprefix(b"stop ")))
        if lines is None:
            self._soakctl_is_gone()

    def _soakctl_is_gone(self) -> None:
        """Stop the service alone. Its output is read on, or it would die of it in the middle of a clean stop."""
        self._poll.unregister(CONTROL)
        for fd in self._order.readers:
            os.set_blocking(fd, False)
            self._poll.register(fd, select.POLLIN)
        self._stop(self._order.grace_s)

    def _drain(self, fd: int) -> None:
        try:
            ended = not os.read(fd, _DRAIN)
        except BlockingIOError:
            return
        if ended:
            self._poll.unregister(fd)


def _listen_to_signals() -> int:
    """Ignore what a terminal sends, be woken by the rest; a descriptor to wait on."""
    for name in _IGNORED:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    wake, woken = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    return wake
