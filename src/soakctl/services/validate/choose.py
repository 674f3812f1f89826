"""Which sections a run has, and which of them it leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.config.validate import BUILT_IN, Section
from soakctl.domain.validation import FAST_SKIP, NO_SECRETS, Policy, SectionResult, Status
from soakctl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.config.validate import Validate

# What a stack summary is made of where the project declares no sections.
SUMMARY_INPUTS = ("readiness", "gates", "tests_summary")
# Does without the values: it looks for shapes.
_WITHOUT_VALUES = frozenset({"secrets"})


def choose(asked: Validate, *, only: str | None, summary: bool) -> tuple[Section, ...]:
    """The sections to run; with `only` that one, without what it needs. Raises ConfigError for an unknown name."""
    if only is not None:
        found = next((section for section in asked.sections if section.name == only), None)
        if found is None and only not in BUILT_IN:
            known = ", ".join(dict.fromkeys([*(section.name for section in asked.sections), *BUILT_IN]))
            raise ConfigError(f"there is no section {only!r}", hint=f"known are {known}", where="validate.sections")
        return ((found or Section(name=only)).model_copy(update={"needs": ()}),)
    if not asked.sections and summary:
        return tuple(Section(name=name) for name in SUMMARY_INPUTS)
    return asked.sections


def left_out(section: Section, policy: Policy) -> SectionResult | None:
    """The result of a section that is not run at all, by the rules of the run; None for one that is."""
    if policy.fast and not section.is_fast:
        return SectionResult(section.name, Status.SKIP, ok=True, details=FAST_SKIP)
    if not section.wants_secrets:
        return None
    missing = ", ".join(policy.missing_secrets)
    if policy.safe:
        if section.name in _WITHOUT_VALUES:
            return None
        why = f"safe mode; no value for {missing}" if missing else "safe mode; no secrets are configured"
        return SectionResult(section.name, Status.SKIP, ok=True, details=NO_SECRETS, reason=why)
    if not missing:
        return None
    return SectionResult(
        section.name,
        Status.FAIL,
        ok=False,
        details="FAIL",
        reason=f"missing secrets: {missing}",
        problems=(f"missing secrets: {missing}",),
        causes=("Give each a value, or allow it: --allow-missing-secrets (MM_ALLOW_MISSING_SECRETS=1).",),
        exit_code=ExitCode.EXCEPTION,
    )


def unmet(section: Section, done: Sequence[SectionResult]) -> SectionResult | None:
    """The result of a section that cannot be run since one that it needs has failed."""
    failed = [result.name for result in done if result.name in section.needs and not result.ok]
    if not failed:
        return None
    why = f"not run: it needs {', '.join(failed)}, which failed"
    return SectionResult(
        section.name, Status.SKIP, ok=False, details="SKIP: needs a failed section", reason=why, problems=(why,),
        exit_code=ExitCode.EXCEPTION,
    )  # fmt: skip
