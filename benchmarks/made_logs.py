"""Makes logs of several formats for `logs.py`, always the same ones."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SEED_BYTES = 40_000_000
NAMES = ("app.http", "app.db", "risk.engine", "app.worker", "feed.ws")
PATHS = ("/api/orders", "/api/quotes", "/health", "/api/positions/7")
TRACE = """Traceback (most recent call last):
  File "/srv/app/worker.py", line {n}, in handle
    result = await self.fetch(order)
  File "/srv/app/db.py", line 88, in fetch
    raise TimeoutError("timed out after 5s")
TimeoutError: timed out after 5s"""
BOOT = ("Risk Manager starting...", "Config loaded: 12 rules", "SDK connected: demo", "Event loop running")
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "python-httpx/0.27.0",
    "Prometheus/2.53.1",
)


def message(numbers: random.Random) -> tuple[str, str]:
    """What a line says, and its level; `unhandled exception` is followed by a traceback."""
    chance, n = numbers.random(), numbers.randrange(400)
    if chance < 0.60:
        path, ident = numbers.choice(PATHS), f"{numbers.getrandbits(64):016x}"
        return "INFO", f"GET {path} status=200 duration_ms={n} request_id={ident} client=10.0.{n % 256}.7"
    if chance < 0.95:
        return "DEBUG", f"cache lookup key=order:{numbers.randrange(10**6)} hit=true retries=0 errors=0"
    if chance < 0.985:
        return "WARNING", f"slow query took {n + 500} ms: table=fills row={n}"
    if chance < 0.998:
        return "ERROR", f"request failed: connection refused to db-{n}:5432 attempt={n % 5}"
    if chance < 0.9995:
        return "ERROR", "unhandled exception"
    return "CRITICAL", f"circuit breaker open for venue-{n % 9}"


def app(numbers: random.Random, at: int) -> str:
    clock = f"2026-11-21 {at // 36_000 % 24:02d}:{at // 600 % 60:02d}:{at // 10 % 60:02d},{at % 1000:03d}"
    if at < len(BOOT):
        return f"{clock} INFO app: {BOOT[at]}"
    level, text = message(numbers)
    trace = "\n" + TRACE.format(n=numbers.randrange(400)) if text == "unhandled exception" else ""
    return f"{clock} {level} {numbers.choice(NAMES)}: {text}{trace}"


def json_lines(numbers: random.Random, at: int) -> str:
    clock = f"2026-11-21T{at // 36_000 % 24:02d}:{at // 600 % 60:02d}:{at // 10 % 60:02d}.{at % 1000:03d}Z"
    level, text = message(numbers)
    row = {"timestamp": clock, "logger": numbers.choice(NAMES), "level": level.lower(), "event": text}
    if text == "unhandled exception":
        row["exception"] = TRACE.format(n=numbers.randrange(400))
    return json.dumps(row)


def status(numbers: random.Random) -> int:
    chance = numbers.random()
    return 200 if chance < 0.9 else 304 if chance < 0.95 else 404 if chance < 0.99 else 502


def client(numbers: random.Random) -> str:
    """Most are of the public internet."""
    if numbers.random() < 0.1:
        return f"10.0.{numbers.randrange(4)}.{numbers.randrange(256)}"
    return ".".join(str(numbers.randrange(20, 99)) for _ in range(4))


def nginx(numbers: random.Random, at: int) -> str:
    clock = f"21/Nov/2026:{at // 36_000 % 24:02d}:{at // 600 % 60:02d}:{at // 10 % 60:02d} +0000"
    request = f'"GET {numbers.choice(PATHS)}?page={numbers.randrange(50)} HTTP/1.1" {status(numbers)}'
    agent = numbers.choice(AGENTS)
    return f'{client(numbers)} - - [{clock}] {request} {numbers.randrange(90_000)} "https://shop.example/" "{agent}"'


def uvicorn(numbers: random.Random, _at: int) -> str:
    code = status(numbers)
    words = {200: "OK", 304: "Not Modified", 404: "Not Found", 502: "Bad Gateway"}[code]
    request = f"GET {numbers.choice(PATHS)}?page={numbers.randrange(50)} HTTP/1.1"
    return f'INFO:     {client(numbers)}:{numbers.randrange(1024, 65_536)} - "{request}" {code} {words}'


FORMATS: dict[str, Callable[[random.Random, int], str]] = {
    "app": app,
    "json": json_lines,
    "nginx": nginx,
    "uvicorn": uvicorn,
}


def make(path: Path, size: int, format_name: str) -> None:
    """Write a log of about so many bytes."""
    numbers, line = random.Random(7), FORMATS[format_name]
    rows: list[str] = []
    done = 0
    while done < min(size, SEED_BYTES):
        rows.append(line(numbers, len(rows)))
        done += len(rows[-1]) + 1
    data = ("\n".join(rows) + "\n").encode()
    with path.open("wb") as file:
        for _ in range(max(1, round(size / len(data)))):
            file.write(data)
