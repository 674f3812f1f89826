"""The built-in sections by name, each with what it looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from soakctl.services.validate import audit_log, commands, dashboards, linters, preflight, reports, secrets, security
from soakctl.services.validate.whitelist import run_whitelist

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.config.validate import Section, Validate
    from soakctl.domain.validation import Outcome
    from soakctl.ports import Bench
    from soakctl.services.validate.leaks import Forms


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks of single sections.

    Attributes:
        fast: without what takes long.
        history: the secrets of all commits, too.
        update_baseline: what the scan finds is written down as known.
        values: forms of configured secrets, each with its name.
    """

    fast: bool = False
    history: bool = False
    update_baseline: bool = False
    values: Forms = field(default=(), repr=False)


def work_of(section: Section, asked: Validate, wishes: Wishes) -> Callable[[Bench], Outcome]:
    """What a section does."""
    if section.command is not None:
        return partial(commands.own_command, section)
    table: dict[str, Callable[[Bench], Outcome]] = {
        "linters": partial(linters.run_linters, asked.linters),
        "tests_whitelist": partial(run_whitelist, asked.tests_whitelist),
        "dry_runs": partial(commands.run_dry_runs, asked.dry_runs),
        "reports": partial(commands.run_reports, asked.reports),
        "dashboards": partial(dashboards.run_dashboards, asked.dashboards),
        "secrets": lambda bench: secrets.run_secrets(
            asked.secrets,
            bench,
            values=wishes.values,
            history=wishes.history,
            update_baseline=wishes.update_baseline,
        ),
        "security_audit": partial(security.run_security_audit, asked.security_audit),
        "preflight": lambda bench: preflight.run_preflight(asked.preflight, bench, fast=wishes.fast),
        "readiness": partial(reports.readiness, asked.readiness),
        "gates": partial(reports.gates, asked.gates),
        "tests_summary": partial(reports.tests_summary, asked.tests_summary),
        "audit_dump": partial(audit_log.audit_dump, asked.audit),
        "audit_chain": partial(audit_log.audit_chain, asked.audit),
    }
    return table[section.name]
