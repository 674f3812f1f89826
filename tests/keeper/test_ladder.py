"""The stop ladder, without processes: what is due when."""

from __future__ import annotations

import pytest

from soakctl.keeper.ladder import GIVE_UP_S, KILL_EVERY_S, RETRY_S, SETTLE_S, Ladder

TERM, KILL = 15, 9


class FakeTree:
    """Counts what it is asked; `rest` processes live beside the main one."""

    def __init__(self, rest: int = 0) -> None:
        """`rest` can be changed as they end."""
        self.rest = rest
        self.calls: list[str] = []

    def ask_main(self, signum: int) -> None:
        """Note it."""
        self.calls.append(f"main {signum}")

    def ask(self, signum: int) -> int:
        """Note it."""
        self.calls.append(f"rest {signum}")
        return self.rest

    def kill(self) -> int:
        """Note it."""
        self.calls.append("kill")
        return self.rest


class Stop:
    """A ladder with what it reported."""

    def __init__(self, rest: int = 0) -> None:
        """As many processes beside the main one."""
        self.tree = FakeTree(rest)
        self.rungs: list[tuple[str, int, int]] = []
        self.ladder = Ladder(self.tree, signum=TERM, report=lambda *rung: self.rungs.append(rung))


def test_nothing_happens_before_a_request() -> None:
    """Children that a dead main process leaves are left alone until soakctl asks."""
    stop = Stop(rest=3)
    assert stop.ladder.advance(100.0, main_died=1.0) is None
    assert stop.tree.calls == []


def test_the_main_process_is_asked_once() -> None:
    """The first rung is the main process alone, and then the deadline is awaited."""
    stop = Stop(rest=3)
    stop.ladder.request(10.0, 5.0)
    assert stop.ladder.advance(10.0, None) == 15.0
    assert stop.ladder.advance(12.0, None) == 15.0
    assert stop.tree.calls == ["main 15"]
    assert stop.rungs == [("asked", TERM, 1)]


def test_the_rest_is_asked_when_the_main_process_is_gone() -> None:
    """They get a moment to end with their parent, and share its deadline."""
    stop = Stop(rest=2)
    stop.ladder.request(10.0, 5.0)
    stop.ladder.advance(10.0, None)
    assert stop.ladder.advance(11.0, main_died=11.0) == 11.0 + SETTLE_S
    assert stop.ladder.advance(11.0 + SETTLE_S, main_died=11.0) == 15.0
    assert stop.ladder.advance(14.0, main_died=11.0) == 15.0
    assert stop.rungs == [("asked", TERM, 1), ("asked_rest", TERM, 2)]


def test_a_main_process_that_died_before_the_stop_is_not_asked() -> None:
    """Its pid is nobody's by then; only what it left is asked, at once."""
    stop = Stop(rest=1)
    stop.ladder.request(50.0, 5.0)
    assert stop.ladder.advance(50.0, main_died=20.0) == 55.0
    assert stop.tree.calls == ["rest 15"]


def test_a_rung_without_targets_is_not_reported() -> None:
    """Nothing was asked, so nothing is said."""
    stop = Stop(rest=0)
    stop.ladder.request(50.0, 0.1)
    stop.ladder.advance(50.0, main_died=20.0)
    stop.ladder.advance(51.0, main_died=20.0)
    assert stop.rungs == []


def test_the_kill_is_repeated_and_reported_once() -> None:
    """A tree that forks while it is killed is killed again."""
    stop = Stop(rest=7)
    stop.ladder.request(0.0, 1.0)
    stop.ladder.advance(0.0, None)
    assert stop.ladder.advance(1.0, None) == 1.0 + KILL_EVERY_S
    stop.tree.rest = 3
    stop.ladder.advance(1.1, None)
    assert stop.tree.calls == ["main 15", "kill", "kill"]
    assert stop.rungs == [("asked", TERM, 1), ("killed", KILL, 7)]


@pytest.mark.parametrize(
    ("second_grace_s", "deadline"),
    [pytest.param(0.0, 12.0, id="now"), pytest.param(1.0, 13.0, id="shorter"), pytest.param(100.0, 40.0, id="longer")],
)
def test_a_second_request_can_only_shorten(second_grace_s: float, deadline: float) -> None:
    """Ctrl-C a second time kills at once; no request gives more time."""
    stop = Stop(rest=1)
    stop.ladder.request(10.0, 30.0)
    stop.ladder.advance(10.0, None)
    stop.ladder.request(12.0, second_grace_s)
    stop.ladder.advance(deadline - 0.001, None)
    assert "kill" not in stop.tree.calls
    stop.ladder.advance(deadline, None)
    assert "kill" in stop.tree.calls


def test_no_grace_at_all_kills_without_asking() -> None:
    """A grace of 0 leaves no time for an answer."""
    stop = Stop(rest=2)
    stop.ladder.request(5.0, 0.0)
    stop.ladder.advance(5.0, None)
    assert stop.rungs == [("killed", KILL, 2)]


def test_it_gives_up_on_what_cannot_be_killed_but_keeps_trying() -> None:
    """An uninterruptible process must not hold up the verdict; nor is it forgotten."""
    stop = Stop(rest=1)
    stop.ladder.request(0.0, 0.0)
    stop.ladder.advance(GIVE_UP_S - 0.1, None)
    gave_up_early = stop.ladder.gave_up
    assert stop.ladder.advance(GIVE_UP_S, None) == GIVE_UP_S + RETRY_S
    assert (gave_up_early, stop.ladder.gave_up) == (False, True)
    assert stop.tree.calls == ["kill", "kill"]
