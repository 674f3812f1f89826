"""soakctl's end of the line to one keeper: the order, the requests, and its reports turned into signals."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.adapters.leftovers import MARK, end_adopted, stop_leftovers
from soakctl.adapters.start_failure import start_failure
from soakctl.domain.signal import Exited, Gone, Started, StartFailed, StopRung
from soakctl.errors import UnavailableError
from soakctl.keeper import main as keeper_program
from soakctl.keeper.system import LINUX
from soakctl.keeper.wire import NO_FD, LineReader, Order, pack

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soakctl.adapters.launch import Launch
    from soakctl.domain.signal import Signal

_log = logging.getLogger(__name__)

_PIPE_BYTES = 1 << 20
_FIRST_FREE_FD = 3
# The keeper ends by itself right after its last report.
_JOIN_S = 5.0
# All the keeper's own Python may need; the service's environment goes another way, and secrets with it.
_KEEPER_ENV = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")


class KeeperLink:
    """One keeper, and what has been heard from it."""

    def __init__(self, launch: Launch, emit: Callable[[Signal], None]) -> None:
        """Nothing is started yet."""
        self._launch = launch
        self._mark = f"{launch.run_id}:{launch.life}"
        self._emit = emit
        self._lock = threading.Lock()
        self._keeper: subprocess.Popen[bytes] | None = None
        self._control = self._reports = NO_FD
        self._listener = threading.Thread(target=self._listen, name="keeper", daemon=True)
        self._service_pid: int | None = None
        self._exited = False
        self._asked = False
        self._left: int | None = None  # known once the life is over

    @property
    def keeper_pid(self) -> int | None:
        """None once it was waited for."""
        keeper = self._keeper
        return keeper.pid if keeper is not None and keeper.returncode is None else None

    def open(self) -> tuple[int, int]:
        """Start the keeper and say what to do; the read ends of the service's stdout and stderr.

        Raises OSError when there are no descriptors or processes left, ValueError for what exec cannot pass on.
        """
        opened: list[int] = []
        try:
            (out_r, out_w), (err_r, err_w) = _pipe(opened, enlarge=True), _pipe(opened, enlarge=True)
            (control_r, control_w), (reports_r, reports_w) = _pipe(opened, enlarge=True), _pipe(opened)
            order = self._order((out_w, err_w), (out_r, err_r))
            packed = pack(order)
            self._keeper = _spawn(self._mark, control_r, reports_w, order.descriptors())
        except BaseException:
            for fd in opened:
                os.close(fd)
            raise
        for fd in (out_w, err_w, control_r, reports_w):
            os.close(fd)
        self._control, self._reports = control_w, reports_r
        self._listener.start()
        self._say(packed)
        return out_r, err_r

    def stop(self, grace_s: float) -> None:
        """Ask for the end of the tree within this many seconds."""
        with self._lock:
            over_unasked = self._left if not self._asked else None
            self._asked = True
        if over_unasked is not None:  # every request is answered after it was made
            self._emit(Gone(over_unasked))
        self._say(f"stop {max(0.0, grace_s)!r}\n".encode())

    def close(self) -> None:
        """Hang up; once the life is over, wait for the keeper's end as well."""
        with self._lock:
            control, self._control = self._control, NO_FD
        if control != NO_FD:
            os.close(control)
        if self._left == 0:
            self._listener.join(_JOIN_S)

    def _order(self, writers: tuple[int, int], readers: tuple[int, int]) -> Order:
        launch = self._launch
        env = {**launch.env, MARK: self._mark}
        return Order(
            argv=[os.fsencode(word) for word in launch.argv],
            cwd=os.fsencode(Path(launch.cwd).absolute()),
            env={os.fsencode(name): os.fsencode(value) for name, value in env.items()},
            stop_signal=int(launch.stop_signal),
            grace_s=float(launch.grace_s),
            writers=writers,
            readers=readers,
            lock=NO_FD if launch.lock_fd is None else launch.lock_fd,
        )

    def _say(self, data: bytes) -> None:
        with self._lock:
            rest = memoryview(data)
            try:
                while rest and self._control != NO_FD:
                    rest = rest[os.write(self._control, rest) :]
            except BrokenPipeError:
                return  # the keeper has ended, which the listener sees

    def _listen(self) -> None:
        assert self._keeper is not None
        reader = LineReader(self._reports)
        while (lines := reader.read()) is not None:
            for line in lines:
                self._heard(line.decode(errors="replace"))
        os.close(self._reports)
        code = self._keeper.wait()
        if self._left is None:
            self._take_over(code)

    def _heard(self, line: str) -> None:
        kind, *words = line.split(" ")
        if kind == "started":
            self._service_pid = int(words[0])
            self._emit(Started(self._service_pid, float(words[1])))
        elif kind == "failed":
            launch = self._launch
            command = launch.argv[0]
            self._over(start_failure(words[0], int(words[1]), command=command, cwd=launch.cwd, env=launch.env), left=0)
        elif kind == "exited":
            self._exited = True
            self._emit(Exited(int(words[0])))
        elif kind == "rung":
            self._emit(StopRung(words[0], _signal_name(int(words[1])), int(words[2])))
        elif kind == "gone":
            left = int(words[0])
            if not LINUX:  # there, what daemonised away from the group is not the keeper's to see
                left += self._stop_leftovers()
            self._over(left=left)
        elif kind == "fault":
            _log.error("the keeper failed at %s", " ".join(words))

    def _over(self, first: Signal | None = None, *, left: int) -> None:
        """The life is over. A life that never began is Gone only for those who asked for it."""
        with self._lock:
            self._left = left
            asked = self._asked
        if first is not None:
            self._emit(first)
        if first is None or asked:
            self._emit(Gone(left))

    def _take_over(self, code: int) -> None:
        """The keeper died: the service's main process with it, and the rest of the tree came to this process."""
        _log.error("the keeper ended with code %d; what is left of the service is killed", code)
        if self._service_pid is None:
            end_adopted(self._mark, ())
            self._over(StartFailed("other", f"its keeper ended with code {code} before it was started"), left=0)
            return
        if not self._exited:
            self._emit(Exited(None, cause=_how_it_ended(code)))
        killed, left = end_adopted(self._mark, {self._service_pid})
        if killed:
            self._emit(StopRung("killed", _signal_name(signal.SIGKILL), killed))
        self._over(left=left or self._stop_leftovers())

    def _stop_leftovers(self) -> int:
        """Kill what is nobody's child any more; how many could not be ended."""
        launch = self._launch
        sessions = () if self._service_pid is None else (self._service_pid,)
        try:
            stop_leftovers(launch.run_id, launch.stop_signal, 0.0, life=launch.life, sessions=sessions)
        except UnavailableError as error:
            _log.error("%s", error)
            return 1
        return 0


def _spawn(mark: str, control: int, reports: int, pass_fds: Sequence[int]) -> subprocess.Popen[bytes]:
    """Start a keeper, with all signals blocked until it can handle them."""
    argv = [sys.executable, "-I", "-S", str(Path(keeper_program.__file__).absolute()), mark]
    env = {name: os.environ[name] for name in _KEEPER_ENV if name in os.environ}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        return subprocess.Popen(  # noqa: S603 - an argument vector of our own
            argv,
            stdin=control,
            stdout=reports,
            stderr=subprocess.DEVNULL,
            pass_fds=pass_fds,
            env=env,
            start_new_session=True,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _pipe(opened: list[int], *, enlarge: bool = False) -> tuple[int, int]:
    """A pipe whose ends are not 0, 1 or 2 even if soakctl was started with those closed; also added to `opened`."""
    ends = []
    for fd in os.pipe():
        end = fd if fd >= _FIRST_FREE_FD else fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE_FD)
        if end != fd:
            os.close(fd)
        ends.append(end)
        opened.append(end)
    if enlarge and hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:  # the user's share of pipe memory is used up: the ordinary 64 KB must do
            _log.debug("a pipe keeps its ordinary size")
    return ends[0], ends[1]


def _how_it_ended(code: int) -> str:
    """What became of a keeper that ended before its service."""
    if code < 0:
        return f"soakctl's keeper was ended from outside, by {_signal_name(-code)}"
    return f"soakctl's keeper failed (exit code {code})"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals have no name of their own
        return f"signal {number}"
