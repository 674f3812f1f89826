"""How often Python looks for garbage: hardly ever while a command starts, as usual through a long run."""

from __future__ import annotations

import gc

_USUAL = gc.get_threshold()
# A start makes some 200,000 objects and hardly any garbage; looking at every 700 more takes a tenth of its time.
_AT_A_START = 100_000


def look_rarely() -> None:
    """For a command that is over soon."""
    gc.set_threshold(_AT_A_START)


def look_as_usual() -> None:
    """For one that goes on for hours: what was imported stays, and what comes is looked through."""
    gc.freeze()
    gc.set_threshold(*_USUAL)


def look_no_more() -> None:
    """At the end of the process, which would look through everything once more."""
    gc.freeze()
