"""The live board, drawn at 60, 80 and 160 columns from states of a run in which nearly everything happens."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from soakctl.domain.state import Phase
from soakctl.domain.verdict import Outcome
from soakctl.report.board import Board, render
from soakctl.report.progress import told
from tests.support.eventful import CONFIG, PLAN, Snapshots, eventful_run
from tests.support.scripted import manifest_of
from tests.support.shown import shown

if TYPE_CHECKING:
    from soakctl.domain.state import RunState

MANIFEST = manifest_of(CONFIG, PLAN)
NEWS = ["  20m44s  heard again", "  20m50s  " + "a long story " * 6]


@cache
def states() -> list[RunState]:
    """The state after every few records of the run."""
    live = Snapshots(every=4)
    eventful_run(live)
    return [state for _, _, state in live.kept]


def running() -> RunState:
    """After a crash, a restart and four iterations."""
    return next(state for state in states() if len(state.iterations) == 4 and state.phase is Phase.RUNNING)


AT_60 = """\
soak 20260101T000000Z-00000001  running, 20m00s of 40m00s,
20m00s left, 1 crash, 1 CRITICAL line  so far FAIL
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
                now  first     peak
memory      50.1 MB  50 MB  50.1 MB
open files       15     10       16
threads           3      3        3
KPIs        quality 0.9, memory 50,051,500, events 20, even…
iterations  ##x? 2 of 4 passed (# passed, x failed, ? no
value)
  20m44s  heard again
  20m50s  a long story a long story a long story a long sto…
Ctrl-C stops the service cleanly and keeps the run
"""
AT_80 = """\
soak 20260101T000000Z-00000001  running, 20m00s of 40m00s, 20m00s left, 1 crash,
1 CRITICAL line  so far FAIL
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
                now  first     peak
memory      50.1 MB  50 MB  50.1 MB  ▁▁▁▂▂▂▂▂▃▃▃▃▃▄▄▅▅▅▅▅▅▆▆▆▆▆▇▇▇▇▇███
open files       15     10       16  ▃▇▂▆▁▅█▃▇▂▆▁▅▆▆▁▅█▃▇▂▆▁▅█▃▇▂▆▁▅█▃▇
threads           3      3        3  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
KPIs        quality 0.9, memory 50,051,500, events 20, events_per_second 0.06667
iterations  ##x? 2 of 4 passed (# passed, x failed, ? no value)
  20m44s  heard again
  20m50s  a long story a long story a long story a long story a long story a lo…
Ctrl-C stops the service cleanly and keeps the run
"""
AT_160 = """\
soak 20260101T000000Z-00000001  running, 20m00s of 40m00s, 20m00s left, 1 crash, 1 CRITICAL line  so far FAIL
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
                now  first     peak
memory      50.1 MB  50 MB  50.1 MB  ▂▂▂▂▂▂▂▃▃▃▃▃▃▃▃▃▃▄▄▄▄▄▄▄▄▄▄▅▅▅▅▅▅▅▅▅▅▆▆▆▆▆▆▆▆▆▆▇▇▇▇▇▇▇▇▇▇█████▁\
▁▁▁▁▂▂▂▂▂▂▂▃▃▃▃▃▃▃▃▃▃▄▄▄▄▄▄▄▅▅▅▅▅▅▅▅▅▅▆▆▆▆▆▆▆▆▆
open files       15     10       16  ▇▂▆▁▅█▃▇▂▆▁▅█▃▇▂▆▁▅█▃▇▂▆▁▅█▃▇▂▆▁▅█▃▇▂▆▁▅█▃▇▂▆▁▅█▃▇▂▆▁▅█▃▇▂▆▁▅█▃\
▇▂▆▁▅█▃▇▂▆▁▅█▃▇▂▆▁▅█▃▇▂▆▁▅▆▆▁▅█▃▇▂▆▁▅█▃▇▂▆▁▅█▃▇
threads           3      3        3  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁\
▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
KPIs        quality 0.9, memory 50,051,500, events 20, events_per_second 0.06667
iterations  ##x? 2 of 4 passed (# passed, x failed, ? no value)
  20m44s  heard again
  20m50s  a long story a long story a long story a long story a long story a long story
Ctrl-C stops the service cleanly and keeps the run
"""


@pytest.mark.parametrize(("width", "text"), [(60, AT_60), (80, AT_80), (160, AT_160)])
def test_the_whole_board(width: int, text: str) -> None:
    """How far, how it goes, what the resources do; sparklines where there is room."""
    assert shown(render(running(), MANIFEST, Outcome.FAIL, NEWS, width), width) == text


@pytest.mark.parametrize("width", [20, 40, 60, 69, 70, 80, 160, 400])
def test_every_moment_of_a_run_can_be_drawn(width: int) -> None:
    """Booting, running, stopping, ended: nothing wider than the screen, on a wide one at most thirteen lines."""
    for state in states():
        text = shown(render(state, MANIFEST, Outcome.PASS, NEWS, width), width)
        assert MANIFEST.run_id[-8:] in text.replace("\n", "")
        assert width < 69 or len(text.splitlines()) <= 13


def test_before_the_service_is_proven_alive_nothing_is_said_of_a_verdict() -> None:
    """There is nothing that could be judged, and no bar to fill."""
    text = shown(render(states()[0], MANIFEST, Outcome.PASS, [], 80), 80)
    assert states()[0].began_s is None
    assert "booting" in text
    assert "so far" not in text
    assert "━" not in text


def test_a_cut_iteration_is_neither_passed_nor_failed() -> None:
    """It has a mark of its own and is not counted."""
    state = next(state for state in states() if state.iterations and state.iterations[-1].partial)
    text = shown(render(state, MANIFEST, Outcome.PASS, [], 80))
    assert "iterations  ##x?- 2 of 4 passed (# passed, x failed, ? no value, - cut short)" in text


def test_the_board_follows_the_run_and_gives_the_screen_back() -> None:
    """Drawn at each record with the newest four pieces of news; at the end the cursor is shown again."""
    out = io.StringIO()
    console = Console(file=out, width=80, height=40, force_terminal=True, legacy_windows=False)
    asked: list[float] = []

    def so_far(state: RunState) -> Outcome:
        asked.append(state.elapsed_s)
        return Outcome.WARN

    board = Board(MANIFEST, console, so_far)
    live = Snapshots(every=1000)
    _, state = eventful_run(live)
    board.start()
    entries = [*live.entries[:60], *live.entries[-10:]]
    for entry in entries:
        board.seen(state, entry)
    board.sampled(state, live.samples[-1])
    board.stop()
    text = out.getvalue()
    last = text.rpartition(MANIFEST.run_id)[2]
    news = [words for entry in entries if (words := told(state, entry))]
    assert [words[:40] in last for words in news[-6:]] == [False, False, True, True, True, True]
    assert "the service was killed by SIGSEGV" in text
    assert "run ended: planned end" in text
    assert asked
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1
