"""Telling an error: what happened, where, what to do next; and a paste-ready report for a fault of our own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from soakctl import __version__
from soakctl.cli.given import GLOBALS
from soakctl.cli.output import document, line
from soakctl.errors import ExitCode, SoakctlError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soakctl.redact import Redactor


def guarded(action: Callable[[], object], argv: Sequence[str]) -> int:
    """Do it and give the exit code. Every error ends here."""
    try:
        result = action()
        code = int(result) if isinstance(result, int) else 0
    except SoakctlError as error:
        code = tell(error, argv)
    except KeyboardInterrupt:
        code = int(ExitCode.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the one boundary for faults of our own
        code = tell_fault(error, argv)
    return code


def tell(error: SoakctlError, argv: Sequence[str]) -> int:
    """Tell an expected error, and give its exit code."""
    hide = _redactor().text
    message, hint, where = hide(error.message), hide(error.hint), hide(error.where)
    code = error.exit_code
    ours = argv[: argv.index("--")] if "--" in argv else argv  # what follows two dashes is the service's
    if GLOBALS.json or "--json" in ours:
        told = {"code": int(code), "name": code.label, "message": message, "hint": hint, "where": where}
        document({"schema": "soakctl.error/1", "error": told})
    place = f"{where}: " if where and where not in message else ""
    line(f"soakctl: {place}{message}", stream=sys.stderr)
    if hint:
        line(f"  hint: {hint}", stream=sys.stderr)
    line(f"  exit {int(code)} ({code.label})", stream=sys.stderr)
    return int(code)


def tell_fault(error: Exception, argv: Sequence[str]) -> int:
    """Leave a report of a fault in soakctl itself where it can be pasted from, redacted, and say where that is."""
    import platform
    import tempfile
    import traceback

    trace = "".join(traceback.format_exception(error))
    command = " ".join(("soakctl", *argv))
    text = f"soakctl {__version__}\nPython {sys.version}\n{platform.platform()}\n\n$ {command}\n\n{trace}"
    stream = _redactor().stream()
    report = "\n".join(stream.line(item) for item in text.splitlines()) + "\n"
    with tempfile.NamedTemporaryFile(
        "w", prefix="soakctl-fault-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
    ) as out:
        out.write(report)
    fault = InternalFaultError(
        f"{type(error).__name__}: {error}", hint="Please report it with that file.", where=out.name
    )
    return tell(fault, argv)


def _redactor() -> Redactor:
    """What the command hides; before it knew that, whatever variables whose names promise a secret hold."""
    if GLOBALS.redactor is not None:
        return GLOBALS.redactor
    from soakctl.cli.light import inherited
    from soakctl.redact import Redactor
    from soakctl.redact.variables import promised_secrets

    return Redactor(promised_secrets(inherited()))


class InternalFaultError(SoakctlError):
    """A fault in soakctl itself, never to be mixed up with the service's failure."""

    exit_code = ExitCode.INTERNAL
