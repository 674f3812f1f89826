"""What the keeper needs of the operating system beyond `os`, chosen for a quick start."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    # The same functions and plain integers without `enum`, which is a third of the keeper's start.
    import _signal as signal

__all__ = ["LINUX", "become_subreaper", "die_with_parent", "signal"]

LINUX: bool = sys.platform == "linux"

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> bool:
    """Have orphaned descendants come back to this process as its children. False where there is no such thing."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(signum: int) -> bool:
    """Have this signal sent to the process when its parent dies; survives exec. False where there is no such thing."""
    return _prctl(_PR_SET_PDEATHSIG, signum)


def _prctl(option: int, value: int) -> bool:
    if not LINUX:
        return False
    try:
        import ctypes  # noqa: PLC0415 - not needed elsewhere than on Linux
    except ImportError:  # a Python built without libffi
        return False
    unsigned = ctypes.c_ulong
    return bool(ctypes.CDLL(None).prctl(option, unsigned(value), unsigned(0), unsigned(0), unsigned(0)) == 0)
