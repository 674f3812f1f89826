"""Executing the service: its own session, nothing inherited by accident, and the reason when it fails."""

from __future__ import annotations

import errno
import os

from soakctl.keeper.system import die_with_parent, signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from soakctl.keeper.wire import Order


class LaunchError(Exception):
    """The service could not be executed. `stage` is cwd or exec."""

    def __init__(self, stage: str, number: int) -> None:
        """Hold what failed and the errno."""
        super().__init__(stage, number)
        self.stage = stage
        self.number = number


def launch(order: Order) -> int:
    """Execute the service; its pid once exec has succeeded. Raises LaunchError, or OSError when it cannot fork."""
    failure, report = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become_service(order, report)
    os.close(report)
    # Closed by a successful exec: the end of the file is the good news.
    with open(failure, "rb") as file:
        words = file.read().split()
    if words:
        os.waitpid(pid, 0)
        raise LaunchError(words[0].decode(), int(words[1]))
    return pid


def _become_service(order: Order, report: int) -> NoReturn:
    """In the child: never returns, and leaves the keeper's code only by exec or exit."""
    stage = "exec"
    try:
        keeper = os.getppid()
        # A session of its own: `kill 0` in a trap must not reach the keeper, nor a terminal's Ctrl-C the service.
        os.setsid()
        _redirect(order.writers)
        _reset_signals()
        die_with_parent(signal.SIGKILL)
        if os.getppid() == keeper:  # else it died before the line above
            stage = "cwd"
            os.chdir(order.cwd)
            stage = "exec"
            os.execvpe(order.argv[0], order.argv, order.env)  # noqa: S606
    except BaseException as error:  # noqa: BLE001 - whatever it is, silence would read as success
        os.write(report, f"{stage} {getattr(error, 'errno', None) or errno.EINVAL}".encode())
    finally:
        os._exit(127)


def _redirect(writers: tuple[int, int]) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(writers[0], 1)
    os.dup2(writers[1], 2)


def _reset_signals() -> None:
    """A background job of a shell ignores SIGINT and SIGQUIT, Python ignores SIGPIPE: none of it is the service's."""
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
