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
    code = code_after(_run(sys.argv[1:]), stdout)
    look_no_more()
    sys.exit(code)


def _run(argv: list[str]) -> int:
    if argv[:1] == ["logs"]:
        from soakctl.cli.log_words import quick_logs

        code = quick_logs(argv[1:])
        if code is not None:
            return code
    from soakctl.cli.app import run

    return run(argv)


if __name__ == "__main__":
    main()
