"""A look reads what objects of the program are and have; it never has them run code of theirs."""

# ruff: noqa: D102, D105
from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.agent.inject.soakctl_agent import aside, chains, keepers, owners
from soakctl.agent.inject.soakctl_agent.untouched import attributes, is_a, own

if TYPE_CHECKING:
    from collections.abc import Generator

ASKED: list[str] = []


class Proxy:
    """As of a remote object: whatever is asked for is a call."""

    def __getattr__(self, name: str) -> Any:
        ASKED.append(name)
        raise RuntimeError("not connected")

    @property
    def __class__(self) -> Any:
        ASKED.append("class")
        return asyncio.CancelledError

    @__class__.setter
    def __class__(self, _kind: Any) -> None:
        pass

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        ASKED.append("dict")
        return {}

    @property
    def gen(self) -> Any:
        ASKED.append("gen")
        return None

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_error: object) -> None:
        pass

    def __await__(self) -> Generator[Any, None, None]:
        future = asyncio.get_running_loop().create_future()
        yield from future


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    """Yet."""
    ASKED.clear()


def test_a_suspended_coroutine_is_read_past_objects_that_answer_for_themselves() -> None:
    """As variables, as context managers, and as what is awaited."""
    lock = asyncio.Lock()

    async def waits(client: Proxy) -> None:
        async with client, lock:
            await client

    async def main() -> None:
        task = asyncio.create_task(waits(Proxy()))
        await asyncio.sleep(0)
        coro = task.get_coro()
        found, limited = owners.held(coro)
        assert ([one is lock for one in found], limited) == ([True], False)
        assert chains.frames(coro)[0].f_code.co_name == "waits"
        task.cancel()
        assert owners.cancelled(task, chains.links(coro)) == {"swallowed": True, "expired": False}
        await asyncio.wait([task])

    asyncio.run(main())
    assert ASKED == []


def test_attributes_are_those_of_the_object_itself() -> None:
    """In its dictionary, in slots and in C; none that is made up."""

    class Slots:
        __slots__ = ("_full", "empty")

        def __init__(self) -> None:
            self._full = 1

    class Plain:
        kind = "of the class"

        def __init__(self) -> None:
            self.mine = 2

    proxy = Proxy()
    assert [own(Slots(), name) for name in ("_full", "empty", "other")] == [1, None, None]
    assert [own(Plain(), name, "none") for name in ("mine", "kind", "other")] == [2, "none", "none"]
    assert (own(proxy, "gen"), own(proxy, "other"), attributes(proxy)) == (None, None, None)
    assert not is_a(proxy, BaseException)
    assert ASKED == []


@pytest.mark.parametrize(("seconds", "limited"), [(60.0, True), (None, False)])
def test_a_time_limit_without_a_time_is_none(seconds: float | None, limited: bool) -> None:
    """`asyncio.timeout(None)` waits for ever."""

    async def waits() -> None:
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()

    async def main() -> bool:
        task = asyncio.create_task(waits())
        await asyncio.sleep(0)
        found = owners.held(task.get_coro())[1]
        task.cancel()
        await asyncio.wait([task])
        return found

    assert asyncio.run(main()) is limited


class Keeps:
    """A service that has forgotten a coroutine of its own."""

    def __init__(self) -> None:
        """Make it."""
        self.reader: Any = self.reads()

    async def reads(self) -> None:
        """Never begun."""


def test_an_explanation_leaves_nothing_of_itself_behind() -> None:
    """The second is as the first: no frame has stayed that knows the coroutine, though nothing was collected."""
    service = Keeps()
    reference = weakref.ref(service.reader)
    gc.disable()
    try:
        first, second = keepers.keeper(reference), keepers.keeper(reference)
    finally:
        gc.enable()
        service.reader.close()
    assert first["kept"] == "the attribute reader of Keeps"
    assert second == first
    assert threading.get_ident() not in aside.frames_of_others()
