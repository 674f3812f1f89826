"""A service that cannot keep a secret: it logs the value of SERVICE_PASSWORD in every form it knows."""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
import urllib.parse

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
secret = os.environ.get("SERVICE_PASSWORD", "")
# Proof that it came through, which is not the secret itself.
sys.stdout.write(f"password has {len(secret)} characters\n")
forms = (
    secret,
    urllib.parse.quote(secret, safe=""),
    json.dumps(secret)[1:-1],
    base64.b64encode(secret.encode()).decode(),
    base64.b64encode(f"user:{secret}".encode()).decode(),
)
for form in forms:
    sys.stdout.write(f"the word is {form} and no other\n")
    sys.stderr.write(f"2025-11-21 10:00:00 CRITICAL told {form} to everybody\n")
# Where a long line may be cut, in the middle of the secret.
sys.stderr.write(f"2025-11-21 10:00:00 CRITICAL {'x ' * 228}{secret} {'y ' * 300}\n")
count = 0
while not stop.wait(0.2):
    count += 1
    sys.stdout.write(f"Event received: {count} with {forms[count % len(forms)]}\n")
