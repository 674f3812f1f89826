"""Runs the sections: in order where one needs another, beside one another where not, each with its retries."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from soakctl.domain.validation import (
    MISSING_SKIP,
    NO_SECRETS,
    MissingInputError,
    Outcome,
    OutOfTimeError,
    Policy,
    SectionResult,
    Status,
)
from soakctl.errors import DependencyError, ExitCode, SoakctlError
from soakctl.services.validate.causes import known_causes
from soakctl.services.validate.choose import left_out, unmet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soakctl.domain.config.validate import Section
    from soakctl.ports import Bench, Workers


@dataclass(frozen=True, slots=True)
class Traces:
    """What an attempt leaves behind.

    Attributes:
        commands: what was run, as text.
        log: the log file, as people find it.
        tail: the last lines of the output.
        took_s: seconds.
    """

    commands: tuple[str, ...] = ()
    log: str = ""
    tail: tuple[str, ...] = field(default=(), repr=False)
    took_s: float = 0.0


class Observer(Protocol):
    """Someone who watches the sections as they go."""

    def began(self, section: Section) -> None:
        """A section begins."""
        ...

    def ended(self, result: SectionResult) -> None:
        """A section has ended, or is left out."""
        ...


class Attempts(Protocol):
    """Gives each attempt its bench and its log, and tells what was left behind."""

    def attempt(self, section: Section, work: Callable[[Bench], Outcome]) -> tuple[Outcome, Traces]:
        """Work on a fresh bench. What the work raises as SoakctlError is turned into an outcome by `guarded`."""
        ...

    def timeout_s(self, section: Section) -> float:
        """How long an attempt may take."""
        ...


def run_sections(
    sections: Sequence[Section],
    one: Callable[[Section], SectionResult],
    workers: Workers,
    observer: Observer,
    *,
    policy: Policy,
    parallel: int,
) -> list[SectionResult]:
    """Run them all; the results in the order of the sections."""
    waiting, running = list(sections), set[str]()
    done: list[SectionResult] = []

    def end(result: SectionResult) -> None:
        done.append(result)
        observer.ended(result)

    while waiting or running:
        for section in list(waiting):
            if not {result.name for result in done}.issuperset(section.needs):
                continue
            skipped = left_out(section, policy) or unmet(section, done)
            if skipped is not None:
                waiting.remove(section)
                end(skipped)
            elif len(running) < parallel:
                waiting.remove(section)
                running.add(section.name)
                observer.began(section)
                workers.start(section.name, lambda section=section: one(section))  # type: ignore[misc]
        if running:
            name, result = workers.next_done()
            running.discard(name)
            end(result)
    place = {section.name: at for at, section in enumerate(sections)}
    return sorted(done, key=lambda result: place[result.name])


def run_section(
    section: Section, work: Callable[[Bench], Outcome], attempts: Attempts, policy: Policy
) -> SectionResult:
    """A section with its retries; the last attempt counts."""
    took_s, number, commands = 0.0, 0, list[str]()
    while True:
        number += 1
        outcome, traces = attempts.attempt(section, lambda bench: guarded(bench, work))
        took_s += traces.took_s
        commands += traces.commands
        if outcome.ok or number > section.retries:
            break
    result = _result(section, outcome, traces, policy)
    if number > 1:
        result = replace(result, notes=(*result.notes, f"attempt {number} of {section.retries + 1}"))
    return replace(
        result,
        took_s=took_s,
        commands=tuple(dict.fromkeys(commands)),
        attempts=number,
        timeout_s=attempts.timeout_s(section),
    )


def guarded(bench: Bench, work: Callable[[Bench], Outcome]) -> Outcome:
    """The outcome, also where an error ended the work: an error of a section is the section's failure."""
    try:
        return work(bench)
    except MissingInputError as error:
        return Outcome(missing=(_told(error),), details=MISSING_SKIP)
    except OutOfTimeError as error:
        return Outcome((error.message,), details="FAIL: timeout")
    except DependencyError as error:
        return Outcome((_told(error),), exit_code=ExitCode.DEPENDENCY_ERROR)
    except SoakctlError as error:
        code = ExitCode.EXCEPTION if error.exit_code is ExitCode.UNAVAILABLE else error.exit_code
        return Outcome((_told(error),), exit_code=code)


def _told(error: SoakctlError) -> str:
    where = f"{error.where}: " if error.where else ""
    hint = f" ({error.hint})" if error.hint else ""
    return f"{where}{error.message}{hint}"


def _result(section: Section, outcome: Outcome, traces: Traces, policy: Policy) -> SectionResult:
    plain = SectionResult(
        section.name,
        Status.PASS if outcome.ok else Status.FAIL,
        outcome.ok,
        outcome.details or ("PASS" if outcome.ok else "FAIL"),
        problems=(*outcome.problems, *outcome.missing),
        notes=outcome.notes,
        reason=_reason((*outcome.problems, *outcome.missing)),
        cwd=section.cwd,
        log=traces.log,
        tail=traces.tail,
        return_code=outcome.return_code,
    )
    if outcome.missing and not outcome.problems:
        return _missing(section, plain, policy, whole=outcome.details == MISSING_SKIP)
    if outcome.ok:
        in_safe_mode = policy.safe and section.wants_secrets
        return replace(plain, status=Status.SKIP, details=NO_SECRETS) if in_safe_mode else plain
    causes = known_causes((*outcome.problems, *traces.tail), return_code=outcome.return_code)
    return replace(plain, causes=causes, exit_code=outcome.exit_code)


def _missing(section: Section, plain: SectionResult, policy: Policy, *, whole: bool) -> SectionResult:
    """What is not there may be allowed by a flag; in CI the mere word `optional` allows nothing.

    With `whole` nothing of the section could run, and it is skipped; else the rest of it has passed.
    """
    if policy.allow_missing_sections or (section.optional and not policy.ci):
        if whole:
            return replace(plain, status=Status.SKIP, ok=True)
        notes = (*plain.notes, *(f"left out: {text}" for text in plain.problems))
        return replace(plain, status=Status.PASS, ok=True, details="PASS", problems=(), reason="", notes=notes)
    if section.optional:
        cure = "CI=true takes no skip that nobody allowed: make the file, or give --allow-missing-sections."
    else:
        cure = "Make the file, mark the section `optional: true`, or give --allow-missing-sections."
    return replace(plain, details="FAIL", causes=(cure,), exit_code=ExitCode.EXCEPTION)


def _reason(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problems[0]}{more}"
