"""The documents of a validation: the full record, and the compact stack summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.validation import Status
from soakctl.errors import ExitCode, strongest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.validation import SectionResult

NOTHING = "no section is configured: list some under validate.sections in soakctl.yaml"


def is_green(results: Sequence[SectionResult]) -> bool:
    """Whether there are sections, and all are well."""
    return bool(results) and all(result.ok for result in results)


def exit_of(results: Sequence[SectionResult]) -> ExitCode:
    """The strongest code of the sections; without any section nothing was shown."""
    if not results:
        return ExitCode.EXCEPTION
    return strongest(result.exit_code for result in results if not result.ok)


def full_document(results: Sequence[SectionResult], *, utc: str, version: str, reproducible: bool) -> dict[str, Any]:
    """FULL_STACK_VALIDATION.json; `reproducible` leaves out what the real clock measured."""
    code = exit_of(results)
    return {
        "schema": "soakctl.validation/1",
        "result": "OK" if is_green(results) else "FAIL",
        "exit_code": int(code),
        "exit_name": code.label,
        "runtime": {"utc": utc, "version": version},
        "reason": "" if results else NOTHING,
        "sections": [_section(result, reproducible=reproducible) for result in results],
    }


def _section(result: SectionResult, *, reproducible: bool) -> dict[str, Any]:
    return {
        "name": result.name,
        "ok": result.ok,
        "status": str(result.status),
        "details": result.details,
        "reason": result.reason,
        "problems": list(result.problems),
        "notes": list(result.notes),
        "causes": list(result.causes),
        "commands": list(result.commands),
        "cwd": result.cwd,
        "timeout_s": result.timeout_s,
        "duration_s": None if reproducible else round(result.took_s, 3),
        "return_code": result.return_code,
        "attempts": result.attempts,
        "exit_code": int(result.exit_code),
        "log": result.log,
    }


def stack_summary(results: Sequence[SectionResult], *, utc: str, version: str) -> dict[str, Any]:
    """stack_summary.json, also printed on one line."""
    return {
        "schema": "soakctl.stack-summary/1",
        "ok": is_green(results),
        "runtime": {"utc": utc, "version": version},
        "sections": [{"name": result.name, "ok": result.ok, "details": result.details} for result in results],
    }


def marker(results: Sequence[SectionResult]) -> str:
    """The last line, for programs that look for it."""
    return "| full_stack | OK | STACK=GREEN |" if is_green(results) else "| full_stack | FAIL | STACK=RED |"


def nothing_ran(results: Sequence[SectionResult]) -> bool:
    """Whether every section was left out, which proves little however green it is."""
    return bool(results) and all(result.status is Status.SKIP and result.ok for result in results)
