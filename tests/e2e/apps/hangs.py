"""Programs that hang in a known way, and some that do not: `hangs.py NAME [uvloop]`.

A line that a finding has to name ends with a comment `@` and the word for it.
"""

# ruff: noqa: D103, RUF006, ASYNC251, ASYNC110
from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

FOREVER = 3600.0
TASKS: list[Any] = []
KEPT: list[Any] = []


async def heartbeat() -> None:
    while True:
        await asyncio.sleep(0.2)


# --- Hangs --------------------------------------------------------------------------------------------------------


async def deadlock() -> None:
    """Two tasks take two locks in different orders."""
    a, b = asyncio.Lock(), asyncio.Lock()

    async def first() -> None:
        async with a:  # @ first takes
            await asyncio.sleep(0.05)
            async with b:  # @ first waits
                pass

    async def second() -> None:
        await b.acquire()  # @ second takes
        await asyncio.sleep(0.05)
        await a.acquire()  # @ second waits

    beat = asyncio.create_task(heartbeat())
    await asyncio.gather(first(), second())
    beat.cancel()


@asynccontextmanager
async def holding(lock: asyncio.Lock) -> AsyncIterator[None]:
    async with lock:  # @ helper takes
        yield


async def deadlock_through_helpers() -> None:
    """The same, with context managers of their own, an exit stack, and a third task in the circle."""
    a, b, c = asyncio.Lock(), asyncio.Lock(), asyncio.Lock()

    async def first() -> None:
        async with holding(a):
            await asyncio.sleep(0.05)
            async with b:  # @ first waits
                pass

    async def second() -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(b)
            await asyncio.sleep(0.05)
            await asyncio.shield(asyncio.create_task(third()))

    async def third() -> None:
        async with c, a:  # @ third waits
            pass

    async with asyncio.TaskGroup() as group:
        group.create_task(first())
        group.create_task(second())


async def deadlock_with_itself() -> None:
    """A lock taken twice by one task."""
    lock = asyncio.Lock()

    async def inner() -> None:
        async with lock:  # @ waits
            pass

    async with lock:  # @ takes
        await inner()


async def deadlock_of_tasks() -> None:
    """Two tasks await each other."""

    async def waits_for(number: int) -> None:
        await asyncio.sleep(0.05)
        await TASKS[number]  # @ waits

    TASKS.extend(asyncio.create_task(waits_for(1 - number)) for number in range(2))
    await asyncio.wait(TASKS)


async def blocked() -> None:
    """A call that blocks the loop."""
    asyncio.create_task(heartbeat())
    await asyncio.sleep(0.1)
    time.sleep(FOREVER)  # @ blocks


async def blocked_by_work() -> None:
    """Work that does not give way."""
    asyncio.create_task(heartbeat())
    number = 0
    while True:
        number += 1  # @ blocks


async def thread_and_loop() -> None:
    """The loop waits for a thread that waits for the loop."""
    loop = asyncio.get_running_loop()

    async def answer() -> int:
        return 1

    def work() -> None:
        asyncio.run_coroutine_threadsafe(answer(), loop).result()  # @ thread waits

    thread = threading.Thread(target=work, name="worker", daemon=True)
    thread.start()
    thread.join()  # @ loop waits


async def loop_and_itself() -> None:
    """The loop waits for a result that only it can give."""

    async def answer() -> int:
        return 1

    asyncio.run_coroutine_threadsafe(answer(), asyncio.get_running_loop()).result()  # @ loop waits


async def lock_across_threads() -> None:
    """A threading lock is held by a thread that waits for the loop, which waits for the lock."""
    loop, lock = asyncio.get_running_loop(), threading.Lock()

    async def answer() -> int:
        return 1

    def work() -> None:
        with lock:
            time.sleep(0.2)
            asyncio.run_coroutine_threadsafe(answer(), loop).result()  # @ thread waits

    threading.Thread(target=work, name="worker", daemon=True).start()
    await asyncio.sleep(0.1)
    with lock:  # @ loop waits
        pass


async def abandoned() -> None:
    """A task dies with a lock."""
    lock = asyncio.Lock()

    async def dies() -> None:
        await lock.acquire()  # @ takes
        message = "on purpose"
        raise RuntimeError(message)

    async def waits() -> None:
        async with lock:  # @ waits
            pass

    beat = asyncio.create_task(heartbeat())
    with suppress(RuntimeError):
        await dies_in_a_task(dies())
    await asyncio.gather(*(waits() for _ in range(3)))
    beat.cancel()


async def dies_in_a_task(coro: Coroutine[Any, Any, None]) -> None:
    await asyncio.create_task(coro)


async def permits_lost() -> None:
    """A semaphore whose permits were never given back."""
    limit = asyncio.Semaphore(2)

    async def dies() -> None:
        await limit.acquire()  # @ takes
        raise RuntimeError

    async def waits() -> None:
        async with limit:  # @ waits
            pass

    await asyncio.gather(dies(), dies(), return_exceptions=True)
    await asyncio.gather(*(waits() for _ in range(4)))


async def permits_nested() -> None:
    """Tasks that hold a permit ask for another one."""
    limit = asyncio.BoundedSemaphore(3)

    async def nested() -> None:
        async with limit:  # @ takes
            await asyncio.sleep(0.05)
            async with limit:  # @ waits
                pass

    await asyncio.gather(*(nested() for _ in range(5)))


async def pool_nested() -> None:
    """Work in an executor waits for work in the same executor."""
    pool = concurrent.futures.ThreadPoolExecutor(2)

    def outer() -> None:
        time.sleep(0.1)
        pool.submit(int).result()  # @ waits

    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(pool, outer) for _ in range(2)))


async def starved() -> None:
    """The producer dies, and the consumer waits on."""
    queue: asyncio.Queue[int] = asyncio.Queue(5)

    async def producer() -> None:
        for number in range(3):
            await queue.put(number)  # @ puts
            await asyncio.sleep(0.02)
        message = "on purpose"
        raise ConnectionError(message)  # @ dies

    async def consumer() -> None:
        while True:
            await queue.get()  # @ waits

    asyncio.create_task(heartbeat())
    await asyncio.gather(producer(), consumer(), return_exceptions=True)


async def starved_at_the_end() -> None:
    """The producer finishes without saying so."""
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def producer() -> None:
        for number in range(3):
            await queue.put(number)  # @ puts
            await asyncio.sleep(0.02)

    async def consumer() -> None:
        while True:
            await queue.get()  # @ waits

    await asyncio.gather(producer(), consumer())


async def never_set() -> None:
    """Nobody is left who would set the event."""
    ready = asyncio.Event()

    async def waits() -> None:
        await ready.wait()  # @ waits

    await asyncio.gather(waits(), waits())


async def leak() -> None:
    """Tasks that nobody awaits wait for what does not come."""
    never = asyncio.Event()

    async def forgotten() -> None:
        await never.wait()  # @ waits

    while True:
        TASKS.append(asyncio.create_task(forgotten()))  # @ creates
        await asyncio.sleep(0.02)


async def not_awaited() -> None:
    """A coroutine is called like a function."""

    async def save() -> None:
        await asyncio.sleep(0)

    while True:
        save()  # type: ignore[unused-coroutine]  # @ drops
        await asyncio.sleep(0.1)


async def forgotten() -> None:
    """Coroutines are made and kept, and nothing takes them out again."""

    async def save() -> None:
        await asyncio.sleep(0)

    KEPT.extend([save(), save()])  # @ makes
    await asyncio.sleep(FOREVER)


async def threads_crossed() -> None:
    """Two threads take two locks in different orders; the loop goes on."""
    one, two = threading.Lock(), threading.Lock()
    both = threading.Barrier(2)

    def work(first: Any, second: Any) -> None:
        with first:  # @ takes
            both.wait()
            with second:  # @ waits
                pass

    await asyncio.gather(asyncio.to_thread(work, one, two), asyncio.to_thread(work, two, one), heartbeat())


async def never_done() -> None:
    """Workers take items and forget to say that they are done; the loop goes on."""
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def worker() -> None:
        while True:
            await queue.get()  # @ next

    beat = asyncio.create_task(heartbeat())
    workers = [asyncio.create_task(worker()) for _ in range(2)]
    for number in range(5):
        queue.put_nowait(number)
    await queue.join()  # @ waits
    del beat, workers


async def lent() -> None:
    """Requests that die keep what they took from a pool; the loop goes on."""
    pool: asyncio.Queue[int] = asyncio.Queue()
    pool.put_nowait(1)

    async def request() -> None:
        connection = await pool.get()  # @ waits
        if connection:
            raise ValueError
        pool.put_nowait(connection)

    beat = asyncio.create_task(heartbeat())
    await asyncio.gather(*(request() for _ in range(3)), return_exceptions=True)
    del beat


async def answer_needs_lock() -> None:
    """A task holds a lock while it waits for an answer, and the one who answers needs the lock; the loop goes on."""
    lock = asyncio.Lock()
    asked: asyncio.Queue[asyncio.Future[int]] = asyncio.Queue()

    async def answers() -> None:
        future = await asked.get()
        async with lock:  # @ needs
            future.set_result(1)

    tasks = [asyncio.create_task(answers()), asyncio.create_task(heartbeat())]
    async with lock:  # @ takes
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        asked.put_nowait(answer)
        await answer  # @ waits
    del tasks


async def ends_unasked() -> None:
    """A task whose time is up goes on; the loop goes on."""

    async def stubborn() -> None:
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(FOREVER)  # @ waits

    await asyncio.gather(asyncio.wait_for(stubborn(), 0.05), heartbeat())


# --- Healthy -------------------------------------------------------------------------------------------------------


async def busy() -> None:
    """Much goes on: queues, locks, permits, threads, time limits, bursts of tasks, lists of coroutines."""
    queue: asyncio.Queue[int] = asyncio.Queue(10)
    lock, limit, changed = asyncio.Lock(), asyncio.Semaphore(3), asyncio.Condition()

    async def producer() -> None:
        while True:
            await queue.put(1)
            await asyncio.sleep(0.01)

    async def consumer() -> None:
        while True:
            await queue.get()
            async with lock, limit:
                await asyncio.sleep(0.005)
            queue.task_done()
            async with changed:
                changed.notify_all()

    async def watcher() -> None:
        while True:
            async with changed:
                await changed.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.05)
            await asyncio.to_thread(time.sleep, 0.01)

    async def burst() -> None:
        while True:
            await asyncio.gather(*(asyncio.sleep(0.05) for _ in range(50)))

    async with asyncio.TaskGroup() as group:
        for coro in (producer(), producer(), *(consumer() for _ in range(4)), watcher(), watcher(), burst()):
            group.create_task(coro)


async def idle() -> None:
    """A server without clients, a consumer whose items come from callbacks, a parked main task."""
    queue: asyncio.Queue[int] = asyncio.Queue()
    asyncio.get_running_loop().call_later(0.1, queue.put_nowait, 1)

    async def consumer() -> None:
        while True:
            await queue.get()

    async def request(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    asyncio.create_task(consumer())
    server = await asyncio.start_server(request, "127.0.0.1", 0)
    async with server:
        await server.serve_forever()


async def parked() -> None:
    """A main task that waits for ever for a signal, and a worker that has nothing to do."""
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def worker() -> None:
        await queue.get()

    asyncio.create_task(worker())
    await asyncio.Event().wait()


async def slow_permits() -> None:
    """Permits that are handed to works which give them back later, and slow ones."""
    limit = asyncio.Semaphore(2)

    async def work() -> None:
        await asyncio.sleep(600)

    async def submit() -> None:
        await limit.acquire()
        task = asyncio.create_task(work())
        task.add_done_callback(lambda _task: limit.release())

    await asyncio.gather(*(submit() for _ in range(4)))


async def ramp() -> None:
    """Clients that come and stay: many tasks that wait for a peer."""

    async def request(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    server = await asyncio.start_server(request, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    while len(TASKS) < 200:  # two descriptors each
        TASKS.append(await asyncio.open_connection(*address))
        await asyncio.sleep(0.05)
    await asyncio.Event().wait()


async def many() -> None:
    """Ten thousand tasks at one place."""
    never = asyncio.Event()

    async def waits() -> None:
        await never.wait()

    asyncio.create_task(heartbeat())
    await asyncio.gather(*(waits() for _ in range(10_000)))


async def client() -> None:
    """A peer that never answers."""
    held: list[Any] = []
    listening = await asyncio.to_thread(_silent_peer, held)
    reader, _writer = await asyncio.open_connection(*listening)
    await reader.readline()  # @ waits


def _silent_peer(held: list[Any]) -> tuple[str, int]:
    import socket  # noqa: PLC0415 - of one program

    listening = socket.create_server(("127.0.0.1", 0))
    held.append(listening)
    TASKS.append(listening)
    address: tuple[str, int] = listening.getsockname()
    return address


def main() -> None:
    """Run the program with this name."""
    coro = globals()[sys.argv[1]]()
    if sys.argv[2:] == ["uvloop"]:
        import uvloop  # type: ignore[import-not-found]  # noqa: PLC0415 - only where it is asked for

        uvloop.run(coro)
    else:
        asyncio.run(coro)


if __name__ == "__main__":
    main()
