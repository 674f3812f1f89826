"""The entry point: answers --version before anything heavy is imported."""

from __future__ import annotations

import sys

from soakctl import __version__


def main() -> None:
    """Run soakctl with the arguments of the process and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        sys.stdout.write(f"soakctl {__version__}\n")
        return
    from soakctl.cli.light import look_no_more, start_lightly
    from soakctl.cli.streams import code_after, take_streams

    start_lightly()
    stdout = take_streams()
    from soakctl.cli.app import run

    code = code_after(run(sys.argv[1:]), stdout)
    look_no_more()
    sys.exit(code)


if __name__ == "__main__":
    main()
