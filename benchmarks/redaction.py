"""How quickly logs are redacted on one core, against what is promised: `python benchmarks/redaction.py`.

The logs are those of redact.py. Exit code 1 where a figure is missed; on a busy machine take the best of several runs.
"""

from __future__ import annotations

import sys
import time

from redact import blocks, log

from soakctl.redact import Redactor
from soakctl.redact.scan import sightings

REPEATS = 7
# Share of lines with a gate literal, and the least MB a CPU second.
PROMISED = ((0.04, 60.0), (0.33, 10.0))


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
        print(f"{looked:4.0%} of lines looked at: {rate:6.1f} MB/s of CPU, promised {least:.0f}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
