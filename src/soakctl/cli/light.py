"""What libraries would do at a start and soakctl has no use for: a large part of the time of a short command."""

from __future__ import annotations

import gc
import os

_SETTINGS = {
    # A thread a core, which costs more than all of judging.
    "OPENBLAS_NUM_THREADS": "1",
    # A search through everything that is installed, for plugins that would then take part in reading a configuration.
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}
_USUAL = gc.get_threshold()
# A start makes some 200,000 objects and hardly any garbage; looking at every 700 more takes a tenth of its time.
_AT_A_START = 100_000
_ours: set[str] = set()


def start_lightly() -> None:
    """For a command that is over soon; what people have set stays."""
    gc.set_threshold(_AT_A_START)
    _ours.update(name for name in _SETTINGS if name not in os.environ)
    os.environ.update({name: _SETTINGS[name] for name in _ours})


def look_as_usual() -> None:
    """Garbage, in a command that goes on for hours: what was imported stays, and what comes is looked through."""
    gc.freeze()
    gc.set_threshold(*_USUAL)


def look_no_more() -> None:
    """At the end of the process, which would look through everything once more."""
    gc.freeze()


def inherited() -> dict[str, str]:
    """The environment as soakctl was started in: that of a service, and of every other command."""
    return {name: value for name, value in os.environ.items() if name not in _ours}
