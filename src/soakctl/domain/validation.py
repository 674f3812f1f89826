"""What a validation finds: the outcome of a section, and what becomes of it under the rules of the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from soakctl.errors import ExitCode, SoakctlError

NO_SECRETS = "SKIPPED_NO_SECRETS"
FAST_SKIP = "SKIP: FAST mode"
MISSING_SKIP = "SKIP: missing file"


class MissingInputError(SoakctlError):
    """What a section judges is not there."""


class OutOfTimeError(SoakctlError):
    """A section took longer than it may."""


class Status(StrEnum):
    """What became of a section."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a section found.

    Attributes:
        problems: one line each, the place first; without any it passes.
        details: what is said of it in one word or figure; "" for PASS or FAIL.
        notes: what is worth knowing and changes nothing.
        exit_code: what a failure comes to.
        return_code: of the command that decided, or None.
        missing: what it should look at, and is not there; a flag may allow that.
    """

    problems: tuple[str, ...] = ()
    details: str = ""
    notes: tuple[str, ...] = ()
    exit_code: ExitCode = ExitCode.EXCEPTION
    return_code: int | None = None
    missing: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong, and everything was there."""
        return not self.problems and not self.missing


@dataclass(frozen=True, slots=True)
class SectionResult:
    """A section of the verdict.

    Attributes:
        name: of the section.
        status: passed, failed or skipped.
        ok: whether the stack may be GREEN with it.
        details: PASS, FAIL, a figure or why it was skipped.
        reason: why it is not ok, or what should be known; one line.
        problems: everything that is wrong.
        notes: what is worth knowing.
        causes: known causes of the failure, each with its cure.
        commands: what was run, as argument vectors in text.
        cwd: where, from the project's root.
        timeout_s: how long an attempt may take, seconds.
        took_s: how long all attempts took, seconds.
        return_code: of the command that decided, or None.
        attempts: how many there were.
        log: the file that holds all output, "" for none.
        tail: the last lines of the output.
        exit_code: what it comes to.
    """

    name: str
    status: Status
    ok: bool
    details: str
    reason: str = ""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    cwd: str = "."
    timeout_s: float = 0.0
    took_s: float = 0.0
    return_code: int | None = None
    attempts: int = 0
    log: str = ""
    tail: tuple[str, ...] = field(default=(), repr=False)
    exit_code: ExitCode = ExitCode.SUCCESS


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a run.

    Attributes:
        fast: slow sections are left out.
        allow_missing_secrets: safe mode.
        allow_missing_sections: what is not there is no failure.
        ci: this is CI, where no skip counts that nobody allowed.
        missing_secrets: names of the secrets that have no value.
        secrets_configured: whether any secret is configured.
    """

    fast: bool = False
    allow_missing_secrets: bool = False
    allow_missing_sections: bool = False
    ci: bool = False
    missing_secrets: tuple[str, ...] = ()
    secrets_configured: bool = False

    @property
    def safe(self) -> bool:
        """Whether sections that need secrets are left out: safe mode, and not all secrets are here."""
        return self.allow_missing_secrets and (bool(self.missing_secrets) or not self.secrets_configured)
