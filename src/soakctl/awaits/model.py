"""What the agent tells of a process, checked: it comes out of somebody else's program."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Line = Annotated[str, Field(max_length=4096)]
Place = tuple[Line, int, Line]  # file, line, function


class _Seen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Wait(_Seen):
    """What a task waits for.

    `kind` is task, sleep, outside, serving, executor, future, or the class of the lock, queue and so on (`thing`).
    `tasks`: those it needs, all of them or with `any` one; `others`: futures needed beside them. `fails`: one of them
    that fails ends it too. `cancels`: tasks that the code that waits knows, and says cancel(). `lock`: of a lock of
    another library, which the task holds. `replaced`: the code that waits has another one by now.
    """

    kind: str
    how: str = ""
    thing: int | None = None
    tasks: tuple[int, ...] = ()
    any: bool = False
    others: int = 0
    fails: bool = False
    cancels: tuple[int, ...] = ()
    timeout: bool = False
    lock: bool = False
    replaced: bool = False
    delay_s: float | None = None
    state: str = ""


class Task(_Seen):
    """A task that is not done. `made`, `created` and `stack` are numbers of stacks; `state` is waiting, ready, ..."""

    id: int
    name: Line
    coro: Line
    state: Literal["waiting", "ready", "running", "moved", "unreadable"]
    loop: int = 0
    made_s: float | None = None  # on the clock of `Look.at_s`
    made: int | None = None
    created: int | None = None
    stack: int | None = None
    waiter: int | None = None
    wait: Wait | None = None
    timeout: bool = False
    swallowed: bool = False  # it was cancelled at some time, and is not cleaning up
    again: bool = False  # back in its loop, where it would catch the next cancellation too
    expired: bool = False  # it is still inside of a time limit that has passed
    holds: tuple[int, ...] = ()


class Holder(_Seen):
    """Who took a lock or a permit, and where. `task` is None once it is gone.

    `inside`: it is in an `async with` that gives it back, so nobody else does. `died`: of what, owing it.
    """

    task: int | None
    ended: bool
    at: Place
    since_s: float
    inside: bool = False
    died: str = ""


class Feeder(_Seen):
    """A task that put items into a queue. `ended` is "", finished, cancelled or the name of an exception.

    `owing`: nobody has asked for that exception.
    """

    task: int | None
    name: Line
    puts: int
    ended: str
    owing: bool = False
    at: Place
    where: Place | None = None


class Failed(_Seen):
    """Tasks that died of an exception that nobody has asked for: of what, and where."""

    name: Line
    error: Line
    at: Place
    count: int = 1


class Thing(_Seen):
    """A lock, semaphore, queue, event, condition or barrier. `kind` is its class, `is_` what it is known as.

    `free`: somebody who can still go on refers to it; None where nobody has looked for that. `alone`: nor does anybody
    whose wait code in C may end. `marked`: somebody who can go on knows a queue that is `joined`, and says task_done().
    `pool`: who takes from the queue puts it back later on. `left`: of a full queue, those that took from it and died of
    what nobody has asked for, where nobody is left that takes.
    """

    kind: str
    is_: str = Field("", alias="is")
    waiters: int = 0
    locked: bool = False
    value: int | None = None
    held: int = 0
    holders: tuple[Holder, ...] = ()
    size: int = 0
    most: int = 0
    getters: int = 0
    putters: int = 0
    unfinished: int = 0
    feeders: tuple[Feeder, ...] = ()
    other_puts: int = 0
    free: bool | None = None
    alone: bool | None = None
    joined: bool = False
    marked: bool | None = None
    pool: bool = False
    left: tuple[Failed, ...] = ()


class Loop(_Seen):
    """An event loop. None: the loop keeps it to itself."""

    id: int
    kind: Line
    thread: int | None
    lag_ms: float
    answered: bool
    timers: int | None = None
    descriptors: int | None = None
    signals: int | None = None


class ThreadWait(_Seen):
    """What a thread is blocked on: result (of a future, of `loop`), join (of `thread`), lock, select, idle.

    `lock`: which lock, where that is known. Of a lock `loop` is the one whose callback would give it.
    """

    kind: str
    how: str = ""
    loop: int | None = None
    coro: str | None = None
    thread: int | None = None
    lock: int | None = None
    state: str = ""
    timeout: bool = False


class Held(_Seen):
    """A lock that a thread has taken by `with`, and where."""

    lock: int
    at: Place


class Thread(_Seen):
    """A thread, `stack` outermost first."""

    id: int
    name: Line
    daemon: bool = False
    stack: int | None = None
    loop: int | None = None
    wait: ThreadWait | None = None
    pool: int | None = None
    locks: tuple[Held, ...] = ()


class Pool(_Seen):
    """A pool of threads: how many there may be, and how much work is queued for them."""

    most: int | None = None
    backlog: int | None = None
    name: str = ""


class Dropped(_Seen):
    """A coroutine that was never awaited: where it was dropped, how often, where it is defined."""

    name: Line
    count: int
    at: Place
    of: tuple[Line, int] | None = None


class Unstarted(_Seen):
    """Coroutines of one function that are kept and have not been begun. See `rows` in the agent's `unstarted`."""

    name: Line
    of: tuple[Line, int]
    count: int
    gone: int = 0
    active: bool = False
    kept: Line = ""
    at: Place | None = None
    taken: bool = False


class Look(_Seen):
    """One look at a process."""

    pid: int
    ppid: int
    python: Line
    at_s: float
    loops: tuple[Loop, ...] = ()
    tasks: tuple[Task, ...] = ()
    threads: tuple[Thread, ...] = ()
    pools: dict[int, Pool] = Field(default_factory=dict)
    things: dict[int, Thing] = Field(default_factory=dict)
    lost: frozenset[int] = frozenset()  # tasks that nobody who can go on can wake, where their number grows
    setters: dict[int, tuple[int, ...]] = Field(
        default_factory=dict
    )  # who alone says that it gives a future its result
    failed: tuple[Failed, ...] = ()
    made: tuple[tuple[Line, int, Line, int], ...] = ()
    dropped: tuple[Dropped, ...] = ()
    unstarted: tuple[Unstarted, ...] = ()
    stacks: tuple[tuple[Place, ...], ...] = ()
    hooks: tuple[str, ...] = ()
    library: tuple[Line, ...] = ()
    pause_ms: float = 0.0
    took_ms: float = 0.0
    trouble: Line = ""  # why a part could not be looked into

    def stack(self, number: int | None) -> tuple[Place, ...]:
        """The stack with this number; empty for none."""
        return self.stacks[number] if number is not None and 0 <= number < len(self.stacks) else ()


def read_look(answer: Any) -> Look:
    """The look that an agent's answer holds. Raises ValueError for one that is none."""
    try:
        return Look.model_validate(answer)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}") from None
