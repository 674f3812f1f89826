"""Counting what a tree uses, over processes that come and go."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.tally import Tally

ROOT, CHILD, OTHER = (1, 0.0), (2, 0.0), (3, 0.0)


@dataclass
class Process:
    """A process of a simulated tree; `parent` waits for it."""

    parent: int
    own: int = 0
    reaped: int = 0


class Tree:
    """Processes that burn time, fork and end, and the truth about the time they burnt."""

    def __init__(self) -> None:
        """The root alone."""
        self.processes = {0: Process(0)}
        self.burnt = 0
        self._next = 1

    def act(self, kind: str, pick: int, amount: int) -> None:
        """Let one of the processes do something."""
        pids = sorted(self.processes)
        pid = pids[pick % len(pids)]
        if kind == "burn":
            self.processes[pid].own += amount
            self.burnt += amount
        elif kind == "fork":
            self.processes[self._next] = Process(pid)
            self._next += 1
        elif pid != 0:
            self._end(pid, waited=kind == "end")

    def _end(self, pid: int, *, waited: bool) -> None:
        ended = self.processes.pop(pid)
        if waited:
            self.processes[ended.parent].reaped += ended.own + ended.reaped
        for process in self.processes.values():
            if process.parent == pid:
                process.parent = 0

    def look(self, *, split: bool) -> dict[tuple[int, float], tuple[float, float] | None]:
        """What a look finds; not `split` as I/O is counted, where own and children's are one number."""
        return {
            (pid, 0.0): (process.own, process.reaped) if split else (0, process.own + process.reaped)
            for pid, process in self.processes.items()
        }


def _worlds(*kinds: str) -> st.SearchStrategy[list[list[tuple[str, int, int]]]]:
    action = st.tuples(st.sampled_from(kinds), st.integers(0, 50), st.integers(0, 1000))
    return st.lists(st.lists(action, max_size=12), max_size=12)


@given(_worlds("burn", "fork", "end"), st.booleans())
def test_every_second_counts_once(looks: list[list[tuple[str, int, int]]], split: bool) -> None:
    """Where every ended process is waited for, the total is what was burnt, whenever one looks."""
    tree, tally = Tree(), Tally()
    for actions in looks:
        for action in actions:
            tree.act(*action)
        assert tally.add(tree.look(split=split)) == tree.burnt


@given(_worlds("burn", "fork", "end", "lose"))
def test_lost_children(looks: list[list[tuple[str, int, int]]]) -> None:
    """Where some processes are never waited for, the total neither runs backwards nor beyond what was burnt."""
    tree, tally, last = Tree(), Tally(), 0.0
    for actions in looks:
        for action in actions:
            tree.act(*action)
        total = tally.add(tree.look(split=True))
        assert last <= total <= tree.burnt
        last = total


def test_a_child_that_ends_within_a_look() -> None:
    """A child that ends after its parent was read, so that the parent's gain comes one look later, counts once."""
    tally = Tally()
    totals = [
        tally.add({ROOT: (1.0, 0.0), CHILD: (100.0, 0.0)}),
        tally.add({ROOT: (1.0, 0.0)}),
        tally.add({ROOT: (1.0, 102.0)}),
        tally.add({ROOT: (2.0, 102.0)}),
    ]
    assert totals == [101.0, 101.0, 103.0, 104.0]


def test_a_parent_that_never_gains() -> None:
    """The time of a child that nobody waited for is not held against its siblings for ever."""
    tally = Tally()
    tally.add({ROOT: (0.0, 0.0), CHILD: (100.0, 0.0)})
    tally.add({ROOT: (0.0, 0.0)})
    tally.add({ROOT: (5.0, 0.0)})
    assert tally.add({ROOT: (5.0, 30.0)}) == 135.0


def test_a_counter_that_cannot_be_read_any_more() -> None:
    """An ended process whose counter went away keeps its last until it is waited for."""
    tally = Tally()
    totals = [
        tally.add({ROOT: (0.0, 0.0), CHILD: (0.0, 10.0)}),
        tally.add({ROOT: (0.0, 0.0), CHILD: None, OTHER: None}),
        tally.add({ROOT: (0.0, 12.0)}),
    ]
    assert totals == [10.0, 10.0, 12.0]


def test_leaving_out() -> None:
    """Of a process that is left out only what it gains later counts."""
    tally = Tally()
    tally.leave_out(ROOT, (0.0, 50.0))
    assert tally.add({ROOT: (0.0, 51.0), CHILD: (2.0, 0.0)}) == pytest.approx(3.0)
