"""The bench of each attempt of a section, its log, the workers, and the housekeeping of what they leave behind."""

from __future__ import annotations

import os
import shlex
import signal
import threading
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from soakctl.adapters.bench import DirectoryBench
from soakctl.adapters.clock import Clock
from soakctl.adapters.housekeeping import Cleaned, clean_up
from soakctl.adapters.project_files import ProjectPaths
from soakctl.adapters.section_log import SectionLog
from soakctl.adapters.workers import Threads
from soakctl.cli.light import inherited
from soakctl.cli.output import shown_path
from soakctl.domain.validation import Outcome, SectionResult
from soakctl.errors import ExitCode, SoakctlError
from soakctl.redact.literals import literals
from soakctl.services.validate.run import Traces

__all__ = ["Cleaned", "Shop", "StoppedError", "Threads", "interrupts", "project_version"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.validate import Section
    from soakctl.ports import Bench
    from soakctl.services.validate.leaks import Forms

_LEAST_FREE_BYTES = 50_000_000
_LONGEST = 1000  # characters of a problem; a program's last line can be endless


class StoppedError(SoakctlError):
    """A signal asked for the end."""


@dataclass(slots=True)
class Shop:
    """Where sections are worked on.

    Attributes:
        setup: the configuration, the environment, the secrets.
        timeout_flag_s: how long each attempt may take by the command line, or None.
        echo: is told each line of a log as it is written, or None.
    """

    setup: Setup
    timeout_flag_s: float | None = None
    echo: Callable[[str], None] | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def artifacts(self) -> Path:
        """Where everything is written."""
        return self.setup.environment.artifacts_dir

    @property
    def logs(self) -> Path:
        """Where the logs of the sections are."""
        return self.artifacts / "validate" / "logs"

    @property
    def utc(self) -> str:
        """The time of the record: where CI_FAKE_UTC sets it, else now."""
        return self._stamp("%Y-%m-%dT%H:%M:%SZ")

    def _stamp(self, form: str) -> str:
        fake = self.setup.environment.fake_utc
        return datetime.fromtimestamp(fake if fake is not None else Clock().unix(), UTC).strftime(form)

    def timeout_s(self, section: Section) -> float:
        """The flag, else the section's own, else FSV_TIMEOUT_SEC."""
        if self.timeout_flag_s is not None:
            return self.timeout_flag_s
        return float(section.timeout) if section.timeout is not None else self.setup.environment.step_timeout_s

    def attempt(self, section: Section, work: Callable[[Bench], Outcome]) -> tuple[Outcome, Traces]:
        """See `services.validate.run.Attempts`."""
        clock = Clock()
        with SectionLog(self._log_path(section.name), self.setup.redactor, echo=self.echo) as log:
            bench = DirectoryBench(
                self.setup.loaded.root,
                artifacts=self.artifacts,
                env=self._environment(section),
                log=log,
                timeout_s=self.timeout_s(section),
                cancel=self.cancel,
                hide=self.setup.redactor.value,
            )
            free = bench.facts()["free_bytes"]
            outcome = (
                work(bench)
                if free >= _LEAST_FREE_BYTES
                else Outcome((f"disk full: only {free // 1_000_000} MB are free",))
            )
            for problem in outcome.problems:
                log.line(f"problem: {problem}")
            log.line(f"outcome: {outcome.details or ('PASS' if outcome.ok else 'FAIL')}")
        commands = tuple(shlex.join(argv) for argv in bench.commands)
        name = log.path.relative_to(self.artifacts).as_posix()
        return outcome, Traces(commands, name, tuple(log.tail), clock.elapsed_s())

    def _log_path(self, name: str) -> Path:
        stamp = self._stamp("%Y%m%dT%H%M%SZ")
        path = self.logs / f"{name}.{stamp}.log"
        if self.setup.environment.fake_utc is not None:
            return path
        with self._lock:
            number = 2
            while path.exists():
                path = self.logs / f"{name}.{stamp}-{number}.log"
                number += 1
        return path

    def _environment(self, section: Section) -> dict[str, str]:
        root = self.setup.loaded.root
        paths = ProjectPaths.find(root, os.environ)
        places = {
            "ARTIFACTS_DIR": str(self.artifacts.absolute()),
            "FIXTURES_DIR": str(paths.fixtures_dir),
            "GOLDEN_DIR": str(paths.golden_dir),
        }
        secrets = self.setup.secrets.values if section.wants_secrets else {}
        return {**inherited(), **places, **secrets}

    def clean(self, result: SectionResult) -> SectionResult:
        """The result with its texts redacted, then cut; under CI_FAKE_UTC without the paths of this machine."""
        root, artifacts = str(self.setup.loaded.root), str(self.artifacts.absolute())
        inside = artifacts.removeprefix(f"{root}/") if artifacts.startswith(f"{root}/") else ""

        def hide(text: str) -> str:
            if self.setup.environment.fake_utc is not None:
                text = text.replace(artifacts, "artifacts").replace(f"{root}/", "").replace(root, ".")
                text = text.replace(f"{inside}/", "artifacts/") if inside else text
            shown = self.setup.redactor.text(text)
            return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}... ({len(shown)} characters; see the log)"

        def each(texts: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(map(hide, texts))

        return replace(
            result,
            reason=hide(result.reason),
            details=hide(result.details),
            problems=each(result.problems),
            notes=each(result.notes),
            causes=each(result.causes),
            commands=each(result.commands),
        )

    def shown_log(self, result: SectionResult) -> SectionResult:
        """The result with the path of its log as it is opened from here."""
        return replace(result, log=shown_path(self.artifacts / result.log)) if result.log else result

    def log_lines(self, result: SectionResult) -> list[str]:
        """The whole log of a section; its lines are redacted."""
        if not result.log:
            return []
        return (self.artifacts / result.log).read_text(encoding="utf-8", errors="replace").splitlines()

    def forms(self) -> Forms:
        """Every form of the configured secrets, for the scan."""
        found = literals(self.setup.secrets.values)
        return tuple((form.text.encode("utf-8", "surrogatepass"), form.name) for form in found)

    def house_keeping(self, *, dry_run: bool) -> Cleaned:
        """Remove superfluous logs."""
        asked = self.setup.config.validation.housekeeping
        return clean_up(
            self.artifacts, self.logs, keep=asked.keep_logs, limit_bytes=float(asked.limit), dry_run=dry_run
        )


def project_version(setup: Setup) -> str:
    """MM_VERSION, else what pyproject.toml says, else unknown."""
    if setup.environment.version:
        return setup.environment.version
    try:
        found = tomllib.loads((setup.loaded.root / "pyproject.toml").read_text(encoding="utf-8"))
        return str(found["project"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown"


@contextmanager
def interrupts(shop: Shop) -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP end the run: the trees of all sections are killed, and StoppedError is raised."""

    def stop(signum: int, _frame: object) -> None:
        shop.cancel.set()
        error = StoppedError(f"ended by {signal.Signals(signum).name}; the sections that were running were killed")
        error.exit_code = ExitCode(128 + signum)
        raise error

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # A background job of a shell has SIGINT ignored: whoever did that meant it.
    numbers = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        shop.cancel.set()
        for number, handler in before.items():
            signal.signal(number, handler)
