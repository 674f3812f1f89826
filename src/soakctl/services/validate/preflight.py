"""The preflight section: what must be in place before a long run."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from soakctl.domain.units import Size
from soakctl.domain.validation import Outcome
from soakctl.domain.wording import counted
from soakctl.errors import ExitCode, SoakctlError
from soakctl.services.validate.preflight_files import compose_problems, must_equal, syntax_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.config.validate import Preflight
    from soakctl.ports import Bench

# A clock before the newest of our own releases, or far ahead, is not set.
_CLOCK_FROM = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
_CLOCK_TO = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_IMPORT = """
import importlib, sys
sys.path.insert(0, "")
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        print(f"{name}: {type(error).__name__}: {error}")
"""


def run_preflight(asked: Preflight, bench: Bench, *, fast: bool) -> Outcome:
    """Everything that is asked for; under --fast without the dry soak."""
    problems = list(_machine(asked, bench))
    missing = [name for name in asked.commands if bench.which(name) is None]
    problems += [f"the command {name} is not installed" for name in missing]
    files = bench.find(asked.syntax, exclude=asked.exclude)
    problems += syntax_problems(files, asked.python, bench)
    problems += _imports(asked, bench)
    for one in asked.config:
        problems += must_equal(one, bench)
    for path in bench.find(asked.compose, exclude=asked.exclude):
        problems += compose_problems(path, bench)
    notes = [f"syntax of {counted(len(files), 'file')}"]
    if asked.soak is not None and fast:
        notes.append("the dry soak is left out: FAST mode")
    elif asked.soak is not None and not problems:
        done = bench.run(asked.soak, env={"SOAK_HOURS": "0.083"})
        problems += [] if done.ok else [f"dry soak: {shlex.join(asked.soak)}: {done.failure()}"]
    code = ExitCode.DEPENDENCY_ERROR if missing and len(missing) == len(problems) else ExitCode.EXCEPTION
    return Outcome(tuple(problems), notes=tuple(notes), exit_code=code)


def _machine(asked: Preflight, bench: Bench) -> Iterator[str]:
    facts = bench.facts()
    if facts["free_bytes"] < asked.free_disk:
        yield f"disk: {Size(facts['free_bytes'])} free, {asked.free_disk} needed"
    now = facts["unix"]
    if not _CLOCK_FROM < now < _CLOCK_TO:
        yield f"the clock says {datetime.fromtimestamp(now, UTC):%Y-%m-%d}: it is not set"
    elif now < facts["boot_unix"]:
        yield "the clock stands before the time this machine was started"
    for address in asked.ports:
        if not bench.port_is_free(address):
            yield f"port is in use, or no address of this machine: {address}"
    for name in asked.docker_secrets:
        try:
            empty = not bench.text(f"/run/secrets/{name.lower()}").strip()
        except SoakctlError:
            yield f"the Docker secret {name.lower()} is not in /run/secrets"
        else:
            if empty:
                yield f"the Docker secret {name.lower()} is empty"


def _imports(asked: Preflight, bench: Bench) -> list[str]:
    if not asked.imports:
        return []
    strange = [name for name in asked.imports if _MODULE.fullmatch(name) is None]
    if strange:
        return [f"{name}: is no name of a module" for name in strange]
    done = bench.run([asked.python or bench.python(), "-B", "-c", _IMPORT, *asked.imports])
    if not done.ok:
        return [f"imports: {done.failure()}"]
    return [f"import {line}" for line in done.stdout.splitlines() if line.split(":")[0] in asked.imports]
