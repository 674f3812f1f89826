"""Looks at made-up processes: tasks, and what they wait for and hold."""

from __future__ import annotations

from typing import Any

from soakctl.awaits.model import Look, read_look

FILE = "/srv/app.py"


class Process:
    """A process to look at. Tasks, locks and queues are known by their names; each has a line of its own."""

    def __init__(self) -> None:
        """One loop that answers, and nothing else."""
        self.tasks: dict[str, dict[str, Any]] = {}
        self.things: dict[str, dict[str, Any]] = {}
        self.loop: dict[str, Any] = {"id": 1, "kind": "Loop", "thread": 7, "lag_ms": 0.1, "answered": True}
        self.loop |= {"timers": 1, "descriptors": 0, "signals": 0}
        self.threads: list[dict[str, Any]] = []
        self.more: dict[str, Any] = {}
        self._numbers: dict[str, int] = {}
        self._stacks: list[Any] = []

    def number(self, name: str) -> int:
        """The id of a task or a thing."""
        return self._numbers.setdefault(name, len(self._numbers) + 1)

    def place(self, name: str) -> int:
        """The number of a stack with one frame, at the line with the number of the name."""
        self._stacks.append([(FILE, self.number(name), name)])
        return len(self._stacks) - 1

    def task(self, name: str, wait: dict[str, Any] | None = None, **more: Any) -> None:
        """A task; without a wait one that can go on."""
        row = {"id": self.number(name), "name": f"Task-{name}", "coro": name, "loop": 1, "stack": self.place(name)}
        state = {"state": "ready"} if wait is None else {"state": "waiting", "waiter": 1000 + self.number(name)}
        self.tasks[name] = {**row, **state, "wait": wait, "made_s": 0.0, **more}

    def waits_for(self, name: str, *others: str, any_: bool = False, **more: Any) -> None:
        """A task that waits for tasks."""
        self.task(name, {"kind": "task", "tasks": [self.number(other) for other in others], "any": any_}, **more)

    def wants(self, name: str, thing: str, how: str = "acquire", **more: Any) -> None:
        """A task that waits for a thing."""
        kind = self.things.get(thing, {"kind": "Lock"})["kind"]
        self.task(name, {"kind": kind, "how": how, "thing": self.number(thing)}, **more)

    def lock(
        self, name: str, holder: str | None = None, *, ended: bool = False, inside: bool = True, since_s: float = 1.0
    ) -> None:
        """A lock, held by a task, which is inside of an `async with` unless told or ended."""
        held = [] if holder is None else [self._holder(holder, ended=ended, inside=inside, since_s=since_s)]
        self.things[name] = {"kind": "Lock", "is": "lock", "locked": holder is not None, "holders": held, "free": False}

    def semaphore(self, name: str, *holders: str, ended: bool = False, inside: bool = True) -> None:
        """A semaphore whose permits these tasks hold."""
        held = [self._holder(holder, ended=ended, inside=inside) for holder in holders]
        thing = {"kind": "Semaphore", "is": "semaphore", "value": 0, "holders": held, "held": len(held), "free": False}
        self.things[name] = thing

    def _holder(self, name: str, *, ended: bool, inside: bool, since_s: float = 1.0) -> dict[str, Any]:
        number = self.number(name)
        held = {"ended": ended, "at": (FILE, number, name), "since_s": since_s, "inside": inside and not ended}
        return {"task": None if ended else number, **held}

    def queue(self, name: str, *feeders: dict[str, Any], **more: Any) -> None:
        """A queue with what fed it."""
        self.things[name] = {"kind": "Queue", "is": "queue", "feeders": list(feeders), "free": False, **more}

    def feeder(self, name: str, *, puts: int = 5, ended: str = "") -> dict[str, Any]:
        """A task that fed a queue."""
        return {"task": None, "name": name, "puts": puts, "ended": ended, "at": (FILE, self.number(name), name)}

    def look(self, at_s: float = 10.0) -> Look:
        """What is seen now."""
        return read_look(
            {
                "pid": 42,
                "ppid": 1,
                "python": "3.12.1",
                "at_s": at_s,
                "loops": [self.loop],
                "tasks": list(self.tasks.values()),
                "things": {self.number(name): thing for name, thing in self.things.items()},
                "threads": self.threads,
                "stacks": self._stacks,
                **self.more,
            }
        )

    def looks(self) -> list[Look]:
        """Three looks between which nothing happened."""
        return [self.look(at_s) for at_s in (10.0, 11.5, 13.0)]
