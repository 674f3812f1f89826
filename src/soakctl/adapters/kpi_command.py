"""A KPI printed by a helper command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.adapters.kpi_value import NoValueError, as_number, number_in_json
from soakctl.adapters.run_command import LARGEST_OUTPUT, run_bounded
from soakctl.domain.wording import show_bytes

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping
    from pathlib import Path

    from soakctl.domain.config.kpi import CommandSource


def read_command(
    source: CommandSource, *, cwd: Path, env: Mapping[str, str], cancel: threading.Event | None = None
) -> float:
    """The number a command prints: its whole output, or the place in its JSON that `pointer` names.

    Blocks for the source's time-out at most. Raises NoValueError where it fails, runs too long or prints no number.
    """
    name = source.command[0]
    done = run_bounded(source.command, cwd=cwd, env=env, timeout_s=float(source.timeout), cancel=cancel)
    if not done.ok:
        raise NoValueError(f"{name}: {done.failure()}")
    if done.cut:
        raise NoValueError(f"{name} wrote more than {show_bytes(LARGEST_OUTPUT)}")
    what = f"the output of {name}"
    if source.pointer is not None:
        return number_in_json(done.stdout, source.pointer, what)
    if not done.stdout.strip():
        raise NoValueError(f"{what} is empty")
    return as_number(done.stdout, what)
