"""The entry point: answers --version before anything heavy is imported."""

from __future__ import annotations

import gc
import sys

from soakctl import __version__

# Python looks for garbage at every 700 objects more; importing makes many, and none of them is garbage.
OBJECTS_BETWEEN_COLLECTIONS = 20_000


def main() -> None:
    """Run soakctl with the arguments of the process and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        sys.stdout.write(f"soakctl {__version__}\n")
        return
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    from soakctl.cli.streams import code_after, take_streams

    stdout = take_streams()
    from soakctl.cli.app import run

    code = code_after(run(sys.argv[1:]), stdout)
    gc.freeze()  # the end of the process needs no search for garbage
    sys.exit(code)


if __name__ == "__main__":
    main()
