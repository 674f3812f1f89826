"""The bundled demo service: a small risk manager on asyncio that boots in eight checkpoints and can be told to fail.

It is a real program, run as a process of its own: `python demo.py [--fault KIND] [--events-every SECONDS]`.
It imports nothing of soakctl.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

FAULTS = {
    "config": "the configuration cannot be parsed",
    "api": "the SDK is refused with 401",
    "dependency": "a module is not installed",
    "exception": "an exception is raised while the rules are built",
    "no-rules": "the rules are never initialised",
    "no-events": "everything comes up and no event arrives",
    "dies": "it ends a moment after the event loop runs",
    "skips": "a checkpoint is never logged",
    "order": "two checkpoints come in the wrong order",
    "unclean-stop": "it ignores the signal to stop",
}
RULES = ("MaxPosition", "DailyLoss", "OrderRate")


def say(text: str) -> None:
    """Log a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def load_config(fault: str | None) -> int:
    """Parse the configuration; the number of its rules."""
    if fault == "config":
        error = 'yaml.scanner.ScannerError: mapping values are not allowed here\n  in "rules.yaml", line 3, column 12'
        sys.stderr.write(f'Traceback (most recent call last):\n  File "demo.py", line 1, in load_config\n{error}\n')
        sys.exit(1)
    return len(RULES)


def connect(fault: str | None) -> str:
    """Log in; the account."""
    if fault == "dependency":
        __import__("broker_sdk")
    if fault == "api":
        sys.stderr.write("ERROR broker login failed: 401 Unauthorized\n")
        sys.exit(1)
    return "DEMO-1"


def initialise_rules(fault: str | None) -> None:
    """Build the rules."""
    if fault == "exception":
        limits: dict[str, int] = {}
        limits["daily_loss"]


async def serve(fault: str | None, every_s: float) -> None:
    """Take events, evaluate rules, enforce now and then, until asked to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, (lambda: None) if fault == "unclean-stop" else stop.set)
    say("✅ Event loop running")
    if fault == "dies":
        await asyncio.sleep(0.05)
        raise SystemExit(7)
    count = 0
    while not stop.is_set():
        if fault != "no-events":
            take_event(count)
            count += 1
        try:
            await asyncio.wait_for(stop.wait(), every_s)
        except TimeoutError:
            continue
    say("Risk Manager stopped")


def take_event(count: int) -> None:
    """One event through the rules."""
    rule = RULES[count % len(RULES)]
    say(f"📨 Event received: fill-{count}")
    say(f"🔍 Rule evaluated: {rule} ok")
    if count % 20 == 1:
        say("⚠️ Enforcement triggered: reduce position")


def boot(fault: str | None) -> None:
    """The first four checkpoints."""
    say("🚀 Risk Manager starting...")
    say(f"✅ Config loaded: {load_config(fault)} rules")
    account = connect(fault)
    if fault == "order":
        say(f"✅ Rules initialized: {len(RULES)} rules")
        say(f"✅ SDK connected: {account}")
        return
    if fault != "skips":
        say(f"✅ SDK connected: {account}")
    initialise_rules(fault)
    if fault == "no-rules":
        signal.pause()
    say(f"✅ Rules initialized: {len(RULES)} rules")
    return


def main() -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(description="soakctl's demo service")
    parser.add_argument("--fault", choices=sorted(FAULTS))
    parser.add_argument("--events-every", type=float, default=0.5)
    arguments = parser.parse_args()
    boot(arguments.fault)
    asyncio.run(serve(arguments.fault, arguments.events_every))


if __name__ == "__main__":
    main()
