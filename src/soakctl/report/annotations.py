"""Findings as annotations of GitHub Actions: a line each that the runner shows above the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.report.subject import found, plain, worth_reading

if TYPE_CHECKING:
    from soakctl.domain.verdict import Check, Verdict


def annotation_lines(verdict: Verdict) -> list[str]:
    """An error for each check that fails the job, then a warning for each other one that warns."""
    return [_line("error" if verdict.fails(check) else "warning", check) for check in worth_reading(verdict)]


def _line(level: str, check: Check) -> str:
    hint = f"\nHint: {plain(check.hint)}" if check.hint else ""
    return f"::{level} title={_property(f'soakctl: {plain(check.what)}')}::{_data(found(check) + hint)}"


def _data(text: str) -> str:
    """As the runner reads a message: nothing in it may end the line or look like an escape."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As the runner reads a property: what separates properties is escaped too."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
