"""What the agent costs, beside the same program without it: `python benchmarks/agent.py [python] [rounds]`.

CPU time, best of the rounds. A program that starts asyncio; a task created and run; an uncontended lock taken and
given back; a queued item; a callback; and how long a look at 10,000 tasks takes and holds the loop up. Exits with 1
where a target is missed.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from typing import NamedTuple

from soakctl.adapters.agent_client import ask
from soakctl.adapters.agent_home import AgentHome

ROUNDS = 7
WORK = """
import asyncio, time
N = 100_000
async def nothing(): pass
async def tasks():
    for _ in range(N): await asyncio.create_task(nothing())
async def locks():
    lock = asyncio.Lock()
    for _ in range(N):
        async with lock: pass
async def puts():
    queue = asyncio.Queue()
    for _ in range(N): queue.put_nowait(1); queue.get_nowait()
async def callbacks():
    loop = asyncio.get_running_loop(); done = loop.create_future()
    def step(left):
        if left: loop.call_soon(step, left - 1)
        else: done.set_result(None)
    step(N); await done
async def main():
    for each in (tasks, locks, puts, callbacks):
        best = 1e9
        for _ in range(ROUNDS):
            began = time.process_time(); await each(); best = min(best, time.process_time() - began)
        print(best / N * 1e6)
asyncio.run(main())
"""
MANY = """
import asyncio
async def one(): await asyncio.Event().wait()
async def main(): await asyncio.gather(*(one() for _ in range(10_000)))
asyncio.run(main())
"""
START = "import asyncio; asyncio.run(asyncio.sleep(0))"


class Row(NamedTuple):
    """One figure, without the agent and with it."""

    what: str
    unit: str
    without: float
    with_: float
    target: float


def environments(home: AgentHome) -> tuple[dict[str, str], dict[str, str]]:
    plain = {"PATH": os.environ["PATH"]}
    return plain, home.environment(plain)


def work(python: str, env: dict[str, str], rounds: int) -> list[float]:
    code = f"ROUNDS = {rounds}\n{WORK}"
    done = subprocess.run([python, "-c", code], env=env, capture_output=True, text=True, check=True)
    return [float(line) for line in done.stdout.split()]


def start_ms(python: str, env: dict[str, str], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([python, "-c", START], env=env, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best * 1000


def looks(python: str, env: dict[str, str], home: AgentHome, rounds: int) -> list[tuple[float, float, float]]:
    """Seconds until the answer is here, and what the agent says: milliseconds it took, the longest pause."""
    process = subprocess.Popen([python, "-c", MANY], env=env)
    path = home.path / f"{process.pid}.sock"
    found = []
    try:
        while not path.exists():
            time.sleep(0.1)
        time.sleep(2)
        for _ in range(rounds):
            began = time.perf_counter()
            answer = ask(path, "look", timeout_s=30)
            found.append((time.perf_counter() - began, float(answer["took_ms"]), float(answer["pause_ms"])))
    finally:
        process.kill()
        process.wait()
    return found


def main() -> int:
    python = sys.argv[1] if len(sys.argv) > 1 else sys.executable
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    home = AgentHome()
    try:
        plain, loaded = environments(home)
        rows = [Row("start", "ms", start_ms(python, plain, 3 * rounds), start_ms(python, loaded, 3 * rounds), 15.0)]
        names = (("a task", 3.0), ("a lock", 0.6), ("a queued item", 0.6), ("a callback", 0.5))
        pairs = zip(work(python, plain, rounds), work(python, loaded, rounds), names, strict=True)
        rows += [Row(name, "us", without, with_, target) for without, with_, (name, target) in pairs]
        seen = looks(python, loaded, home, rounds)
    finally:
        home.close()
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{version}, best of {rounds}")
    for row in rows:
        more = row.with_ - row.without
        said = "" if more <= row.target else "  MISSED"
        figures = f"{row.without:8.2f} -> {row.with_:8.2f} {row.unit}"
        print(f"{row.what:14} {figures}  {more:+.2f} (at most +{row.target}){said}")
    arrived, took = (min(each[place] for each in seen) for place in (0, 1))
    pause = max(each[2] for each in seen)
    print(f"10,000 tasks   answer after {arrived:.2f} s, looked for {took:.0f} ms, longest pause of all {pause:.0f} ms")
    return int(any(row.with_ - row.without > row.target for row in rows) or arrived > 1.0 or pause > 20.0)


if __name__ == "__main__":
    sys.exit(main())
