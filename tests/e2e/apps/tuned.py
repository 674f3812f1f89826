"""A service that reads its limit from an overrides file and tells its speed, which follows from it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

log = sys.stdout
log.write("up\n")
log.flush()
while True:
    try:
        limit = json.loads(Path("overrides.json").read_text(encoding="utf-8"))["engine"]["limit"]
    except FileNotFoundError:
        limit = 10
    Path("speed.new").write_text(json.dumps({"speed": 30 + 10 * limit}), encoding="utf-8")
    Path("speed.new").replace("speed.json")
    log.write("tick\n")
    log.flush()
    time.sleep(0.1)
