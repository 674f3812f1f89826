"""When the keeper itself misbehaves."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soakctl.domain.signal import Exited, Gone, Started, StartFailed, StopRung
from soakctl.keeper import main as keeper_program
from soakctl.keeper.system import LINUX
from tests.support.polling import eventually
from tests.support.services import Supervised, end, keepers, marked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(not LINUX, reason="looks into /proc")

_SOURCE = Path(__file__).parents[2] / "src"
_STUBBORN = ("sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.01; done")


@pytest.fixture
def supervised() -> Iterator[Supervised]:
    """A host; whatever a failed test leaves of its run is killed."""
    one = Supervised()
    yield one
    end(*keepers(one.run_id), *marked(one.run_id))
    one.close()


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Start another keeper than the real one: the real one after these lines were executed."""

    def change(lines: str) -> None:
        program = tmp_path / "keeper.py"
        program.write_text(
            f"import sys\nsys.path.append({str(_SOURCE)!r})\nfrom soakctl.keeper import ladder, loop, main, tree\n"
            f"{lines}\nsys.exit(main.main())\n"
        )
        monkeypatch.setattr(keeper_program, "__file__", str(program))

    return change


def test_what_cannot_be_killed_is_counted_and_watched(supervised: Supervised, keeper: Callable[[str], None]) -> None:
    """An uninterruptible process does not hold up the run; its keeper stays until it has ended."""
    keeper("ladder.GIVE_UP_S = 0.1\nladder.RETRY_S = 0.05\ntree.AdoptedTree.kill = lambda self: 1")
    supervised.start(*_STUBBORN)
    pid = supervised.until(Started).pid
    supervised.says("up")
    supervised.host.stop(0.0)
    gone = supervised.until(Gone)
    assert gone.left >= 1
    assert keepers(supervised.run_id)
    assert StopRung("killed", "SIGKILL", 1) in supervised.signals
    os.kill(pid, signal.SIGKILL)
    eventually(supervised.nothing_left)


def test_a_fault_of_the_keeper_is_told_and_takes_the_service_with_it(
    supervised: Supervised, keeper: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody keeps the service any more, so it is ended, and the log names the place."""
    keeper("loop.Keeper._stop = lambda self, grace_s: 1 / 0")
    supervised.start(*_STUBBORN)
    supervised.says("up")
    assert supervised.stop(10.0) == Gone(0)
    (exited,) = (each for each in supervised.signals if isinstance(each, Exited))
    assert exited.code is None
    assert exited.cause.startswith("soakctl's keeper failed (exit code ")
    assert "ZeroDivisionError: division by zero" in caplog.text
    assert supervised.nothing_left()


def test_a_keeper_that_never_gets_there_is_a_failed_start(
    supervised: Supervised, keeper: Callable[[str], None]
) -> None:
    """The engine is told as for any other service that could not be started."""
    keeper("sys.exit(3)")
    supervised.start("true")
    failed = supervised.until(StartFailed)
    assert failed == StartFailed("other", "its keeper ended with code 3 before it was started")
    assert supervised.stop(1.0) == Gone(0)
