"""How quickly logs are redacted on one core, against what is promised: `python benchmarks/redaction.py`.

The logs are those of redact.py. Exit code 1 where a figure is missed; on a busy machine take the best of several runs.
"""

from __future__ import annotations

import re
import sys
import time

from redact import blocks, log

from soakctl.redact import Redactor
from soakctl.redact.scan import sightings

REPEATS = 7
# What `re` itself takes to look through the same text once, for a pattern that begins with one of three rare signs:
# how quick this machine is just now.
PEER = re.compile(rb"[#~^]Q")
# Share of lines with a gate literal, and the least MB a CPU second.
PROMISED = ((0.04, 60.0), (0.33, 10.0))


def _plain(pieces: list[bytes]) -> float:
    begun = time.process_time()
    for piece in pieces:
        PEER.search(piece)
    return time.process_time() - begun


def main() -> int:
    missed = 0
    redactor = Redactor()
    for share, least in PROMISED:
        text = log(share, 1)
        pieces = blocks(text)
        looked = sum(bool(sightings(line.encode(), ())) for line in text.splitlines()) / text.count("\n")
        spent = []
        for _ in range(REPEATS):
            begun = time.process_time()
            for piece in pieces:
                redactor.block(piece)
            spent.append(time.process_time() - begun)
        rate = len(text) / min(spent) / 1e6
        missed += rate < least
        peer = len(text) / min(map(_plain, [pieces] * REPEATS)) / 1e6
        told = (
            f"{rate:6.1f} MB/s of CPU, promised {least:.0f}; plain `re` {peer:.0f} MB/s, {peer / rate:.1f} times that"
        )
        print(f"{looked:4.0%} of lines looked at: {told}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
