"""Snapshots on a thread of their own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from soakctl.adapters.snapshot.background import Background
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable


def test_each_is_taken_in_order_and_written() -> None:
    """Under the name it was asked for by."""
    written: dict[str, dict[str, Any]] = {}

    def take(moment: str, pid: int | None, seen: Callable[[], None]) -> dict[str, Any]:
        seen()
        return {"moment": moment, "pid": pid}

    background = Background(take, written.__setitem__)
    background.ask("a.json", "start", 7)
    background.ask("b.json", "end", None)
    assert background.close() == []
    assert list(written.items()) == [
        ("a.json", {"moment": "start", "pid": 7}),
        ("b.json", {"moment": "end", "pid": None}),
    ]


def test_asking_waits_for_the_look_at_the_process_and_not_for_the_rest() -> None:
    """The run goes on, and stops the process, while the packages are still being listed."""
    looked, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def take(_moment: str, _pid: int | None, seen: Callable[[], None]) -> dict[str, Any]:
        order.append("looked")
        looked.set()
        seen()
        go_on.wait(20)
        order.append("done")
        return {}

    background = Background(take, lambda _name, _document: None)
    background.ask("a.json", "failure", 7)
    assert looked.is_set()
    order.append("asked")
    go_on.set()
    background.close()
    assert order == ["looked", "asked", "done"]


def test_one_that_cannot_be_written_is_told_and_the_next_is_taken() -> None:
    """A full disk ends no run because of a snapshot."""
    written: list[str] = []

    def write(name: str, _document: dict[str, Any]) -> None:
        if name == "a.json":
            message = "the disk is full"
            raise UnavailableError(message)
        written.append(name)

    background = Background(lambda _moment, _pid, _seen: {}, write)
    background.ask("a.json", "start", None)
    background.ask("b.json", "end", None)
    assert background.close() == ["a.json: the disk is full"]
    assert written == ["b.json"]


def test_a_fault_is_kept_for_the_main_thread() -> None:
    """It is not swallowed."""

    def take(moment: str, _pid: int | None, _seen: Callable[[], None]) -> dict[str, Any]:
        raise KeyError(moment)

    background = Background(take, lambda _name, _document: None)
    background.ask("a.json", "start", 7)
    background.close()
    assert isinstance(background.fault, KeyError)
