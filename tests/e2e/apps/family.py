"""A service with a child, and a grandchild that has become a daemon; it says its pids, and stops in good order.

`family.py [--stubborn]`: with it the daemon ignores SIGTERM.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

DAEMON = """
import os, signal, sys, time
os.setsid()
if os.fork():
    os._exit(0)
if sys.argv[1] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, b"daemon %d\\n" % os.getpid())
while True:
    time.sleep(0.5)
"""

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
kind = "stubborn" if "--stubborn" in sys.argv else "obedient"
subprocess.run([sys.executable, "-c", DAEMON, kind], check=True)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
sys.stdout.write(f"main {os.getpid()}\nchild {child.pid}\n")
count = 0
while not stop.wait(0.2):
    count += 1
    sys.stdout.write(f"tick {count}\n")
child.terminate()
child.wait()
sys.stdout.write("closed the books\n")
