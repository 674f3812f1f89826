"""A job that runs to its end: `batch.py COUNTER FAIL_AT`; run number FAIL_AT of those counted in COUNTER fails."""

from __future__ import annotations

import sys
from pathlib import Path

counter = Path(sys.argv[1])
number = int(counter.read_text(encoding="ascii")) + 1 if counter.exists() else 1
counter.write_text(str(number), encoding="ascii")
sys.stdout.write(f"batch {number} done\n")
sys.exit(3 if number == int(sys.argv[2]) else 0)
