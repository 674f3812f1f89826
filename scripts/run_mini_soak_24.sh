#!/bin/sh
# A simulated soak of 24 iterations with auto-tuning, then its strict gate. Exits with the code of what failed first.
#   scripts/run_mini_soak_24.sh            SOAKCTL=/path/to/soakctl for another one
set -eu
cd "$(dirname "$0")/.."
if [ -z "${SOAKCTL:-}" ]; then
    if [ -x .venv/bin/soakctl ]; then SOAKCTL=.venv/bin/soakctl; else SOAKCTL=soakctl; fi
fi
"$SOAKCTL" soak --iterations 24 --auto-tune --mock
"$SOAKCTL" gate --prometheus --strict --mock
