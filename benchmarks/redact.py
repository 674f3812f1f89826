"""How quickly logs are redacted, in MB per second of CPU: `python benchmarks/redact.py`."""

from __future__ import annotations

import random
import string
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from soakctl.redact import Redactor
from soakctl.redact.scan import sightings

if TYPE_CHECKING:
    from collections.abc import Callable

LINES = 20_000
BLOCK = 64 * 1024
REPEATS = 3

ORDINARY = (
    "INFO  engine   Event received: fill symbol=BTCUSDT price={price} qty={qty} side=Buy latency_ms={n}",
    "DEBUG book     snapshot depth=50 bid={price} ask={price} spread_bps={qty} seq={n}",
    "INFO  risk     Rule evaluated: max_position ok exposure={qty} limit=1.00",
    "INFO  quoter   replace side=Sell price={price} qty={qty} queue={n} fill_ratio=0.74",
    "WARNING loop   slow callback ran {n} ms in worker-{n} ({qty})",
    "INFO  engine   heartbeat rss={n} MB fds={n} tasks={n} lag={qty} ms",
)
# Lines worth a closer look; about half of them have something to hide.
GATED = (
    "INFO  orders   Order placed order_id={uuid} side=Buy price={price}",
    "DEBUG http     GET https://api.example.com/v5/order?api_key={word}&symbol=BTCUSDT&n={n}",
    "INFO  llm      usage prompt_tokens={n} completion_tokens={n} total_tokens={n}",
    "WARNING auth   token expired, refreshing in {n} ms",
    "INFO  http     127.0.0.1:{n} GET /metrics 200 request {uuid}",
    "INFO  http     93.184.216.{n} GET /health 200 request {uuid}",
)


def log(gated_share: float, seed: int) -> str:
    numbers = random.Random(seed)
    lines = []
    for at in range(LINES):
        form = numbers.choice(GATED if numbers.random() < gated_share else ORDINARY)
        fields = {
            "price": f"{numbers.uniform(9e4, 9.2e4):.2f}",
            "qty": f"{numbers.random():.4f}",
            "n": numbers.randrange(256),
            "uuid": f"{numbers.getrandbits(128):032x}",
            "word": "".join(numbers.choices(string.ascii_letters + string.digits, k=18)),
        }
        lines.append(f"2025-11-21 02:{at // 1000 % 60:02d}:{at // 17 % 60:02d},{at % 1000:03d} {form.format(**fields)}")
    return "\n".join(lines) + "\n"


def access_log(seed: int) -> str:
    numbers = random.Random(seed)
    form = '93.{}.216.{} - - [21/Nov/2025:02:03:04 +0000] "GET /v1/item/{} HTTP/1.1" 200 {} "-" "Chrome/120.0.0.0"'
    return "".join(form.format(*(numbers.randrange(256) for _ in range(4))) + "\n" for _ in range(LINES // 4))


def blocks(text: str) -> list[bytes]:
    data, found, at = text.encode(), [], 0
    while at < len(data):
        end = data.find(b"\n", min(at + BLOCK, len(data) - 1)) + 1
        found.append(data[at:end])
        at = end
    return found


def best(run: Callable[[], object], size: int) -> str:
    spent = []
    for _ in range(REPEATS):
        begun = time.process_time()
        run()
        spent.append(time.process_time() - begun)
    return f"{size / min(spent) / 1e6:8.1f} MB/s"


def measure(title: str, text: str, redactor: Redactor) -> None:
    pieces, lines = blocks(text), text.splitlines()
    looked = sum(bool(sightings(line.encode(), ())) for line in lines) / len(lines)
    changed = sum(old != redactor.text(old) for old in lines) / len(lines)
    by_block = best(lambda: [redactor.block(piece) for piece in pieces], len(text))
    by_line = best(lambda: [redactor.text(line) for line in lines], len(text))
    print(f"{title:32} {by_block} in blocks {by_line} by line   {looked:4.0%} looked at, {changed:4.0%} changed")


def main() -> None:
    numbers = random.Random(7)
    keys = {f"KEY_{n}": "".join(numbers.choices(string.ascii_letters + string.digits, k=32)) for n in range(10)}
    measure("few lines with a gate literal", log(0.04, 1), Redactor())
    measure("a third with a gate literal", log(0.33, 2), Redactor())
    measure("a public address in each", access_log(3), Redactor())
    measure("few, 10 configured secrets", log(0.04, 1), Redactor(keys))
    redactor = Redactor(keys)
    hard = (
        "a",
        "1.",
        "=",
        "@",
        " ",
        "key",
        "a@b.",
        "password=",
        "1:",
        "eyJ.",
        "-eyJ",
        "token: ",
        '"token":"',
        "://a@",
        "é key=1 ",
        "[***]key=1 ",
    )
    for piece in hard:
        line = (piece * 100_000)[:100_000]
        begun = time.process_time()
        redactor.text(line)
        print(f"100 KB of {piece!r:12} {(time.process_time() - begun) * 1e3:7.1f} ms")


if __name__ == "__main__":
    main()
