"""`soakctl validate`: the sections that a project declares, in one verdict."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soakctl.cli.machines import tell_machines
from soakctl.cli.options import GLOBALS
from soakctl.cli.output import document, line, note, show, shown_path, warn
from soakctl.cli.wiring.reports import replace_text
from soakctl.cli.wiring.setup import Setup, set_up
from soakctl.cli.wiring.validate import Shop, Threads, interrupts, project_version
from soakctl.domain.config.validate import BUILT_IN
from soakctl.domain.units import Duration
from soakctl.domain.validation import Policy
from soakctl.domain.wording import counted, show_bytes
from soakctl.errors import ExitCode, UsageError
from soakctl.report.subject import Subject
from soakctl.report.validate import closing_report, section_report, table
from soakctl.services.validate.choose import choose
from soakctl.services.validate.document import (
    NOTHING,
    full_document,
    is_green,
    marker,
    nothing_ran,
    stack_summary,
)
from soakctl.services.validate.registry import Wishes, work_of
from soakctl.services.validate.run import run_section, run_sections
from soakctl.services.validate.verdict import validation_verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.config.validate import Section
    from soakctl.domain.environment import Comparison
    from soakctl.domain.validation import SectionResult
    from soakctl.ports import Snapshots

RECORD = "FULL_STACK_VALIDATION.json"
SUMMARY = Path("reports", "stack_summary.json")
_MOST_CHANGES = 8
_LINES_AT_ONCE = 1000
_HOUSEKEEPING = ("on", "off", "dry-run", "only")


@dataclass(frozen=True, slots=True)
class ValidateFlags:
    """What was given on the command line."""

    section: str | None = None
    fast: bool = False
    timeout: str | None = None
    allow_missing_secrets: bool = False
    allow_missing_sections: bool = False
    emit_stack_summary: bool = False
    output: str | None = None
    history: bool = False
    update_baseline: bool = False
    listing: bool = False
    housekeeping: str = "on"


def validate(flags: ValidateFlags) -> int:
    """Run the sections, tell each, write the record; the last line is the marker."""
    if flags.housekeeping not in _HOUSEKEEPING:
        message = f"--housekeeping is {', '.join(_HOUSEKEEPING)}; not {flags.housekeeping!r}"
        raise UsageError(message)
    setup = set_up()
    asked = setup.config.validation
    if flags.listing:
        return _list(setup)
    echo = line if flags.section is not None else None
    shop = Shop(setup, _timeout(flags.timeout), echo)
    if flags.housekeeping != "off":
        tidied = _tidy(shop, dry_run=flags.housekeeping == "dry-run")
        if flags.housekeeping in {"only", "dry-run"}:
            if GLOBALS.json:
                document(shop.setup.redactor.value(tidied))
            return int(ExitCode.SUCCESS)
    sections = choose(asked, only=flags.section, summary=flags.emit_stack_summary)
    _check_wishes(sections, flags)
    snapshots = _snapshots(shop) if sections else None
    if snapshots is not None:
        snapshots.take("before")
    results = _run(sections, shop, flags)
    if snapshots is not None:
        snapshots.take("after")
    return _conclude(results, shop, flags, snapshots)


def _check_wishes(sections: Sequence[Section], flags: ValidateFlags) -> None:
    """What only the scan for secrets does is asked of nobody where it does not run."""
    wishes = (("--history", flags.history), ("--update-baseline", flags.update_baseline))
    asked = [flag for flag, given in wishes if given]
    if asked and not any(section.name == "secrets" and section.command is None for section in sections):
        message = f"{' and '.join(asked)}: the section secrets, which does that, is not run"
        raise UsageError(message, hint=f"soakctl validate --section secrets {' '.join(asked)}")


def _snapshots(shop: Shop) -> Snapshots | None:
    """Nobody takes any where the record is to be reproduced, or where they are not wanted."""
    if shop.setup.environment.fake_utc is not None or not shop.setup.config.validation.snapshots:
        return None
    from soakctl.cli.wiring.validate_snapshots import EnvironmentSnapshots

    return EnvironmentSnapshots(shop.setup, shop.artifacts / "validate")


def _tell_changes(found: Comparison | None, directory: Path) -> None:
    """What the sections, or something else meanwhile, have changed in the environment."""
    if found is None or found.same or GLOBALS.quiet:
        return
    line(f"The environment is not as it was before the sections: {counted(len(found.differences), 'difference')}")
    for each in found.differences[:_MOST_CHANGES]:
        line(f"  {each.section}: {each.what}: {each.before} -> {each.after}")
    names = " ".join(shown_path(directory / f"environment_{moment}.json") for moment in ("before", "after"))
    line(f"All of it: soakctl snapshot --diff {names}")


def _timeout(given: str | None) -> float | None:
    if given is None:
        return None
    try:
        found = float(Duration.parse(given))
    except ValueError as error:
        message = f"--timeout {given}: {error}"
        raise UsageError(message) from None
    if found <= 0:
        message = "--timeout must be above 0"
        raise UsageError(message)
    return found


def _list(setup: Setup) -> int:
    declared = {section.name: section for section in setup.config.validation.sections}
    rows = [
        (section.name, "built-in" if section.command is None else "own", _about(section))
        for section in declared.values()
    ]
    rows += [(name, "built-in", "not declared") for name in BUILT_IN if name not in declared]
    if GLOBALS.json:
        listed = [{"name": name, "kind": kind, "declared": name in declared} for name, kind, _ in rows]
        document({"schema": "soakctl.validate-list/1", "sections": listed})
    else:
        show(table(rows))
    return int(ExitCode.SUCCESS)


def _about(section: Section) -> str:
    words = ["fast" if section.is_fast else "slow", *(["needs secrets"] if section.wants_secrets else [])]
    words += ["optional"] if section.optional else []
    words += [f"after {', '.join(section.needs)}"] if section.needs else []
    return ", ".join(words)


def _policy(setup: Setup, flags: ValidateFlags) -> Policy:
    environment = setup.environment
    return Policy(
        fast=flags.fast or environment.fast,
        allow_missing_secrets=flags.allow_missing_secrets or environment.allow_missing_secrets,
        allow_missing_sections=flags.allow_missing_sections,
        ci=environment.ci,
        missing_secrets=setup.secrets.missing,
        secrets_configured=bool(setup.config.service.secrets),
    )


class _Teller:
    """Tells of each section as it begins and ends."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._environment = shop.setup.environment
        self._alone = shop.echo is not None

    def began(self, section: Section) -> None:
        """A line on the way."""
        note(f"run   {section.name}")

    def ended(self, result: SectionResult) -> None:
        """The section's line, and all of its log where somebody wants to read it here."""
        whole = not self._alone and (GLOBALS.verbose > 0 or self._environment.ci)
        if whole:
            self._log(result)
        if GLOBALS.quiet and result.ok:
            return
        tail = not whole and not self._alone
        reproducible = self._environment.fake_utc is not None
        show(section_report(self._shop.shown_log(result), reproducible=reproducible, tail=tail))

    def _log(self, result: SectionResult) -> None:
        lines = self._shop.log_lines(result)
        if not lines:
            return
        grouped = self._environment.github_actions
        line(f"::group::{result.name}" if grouped else f"--- {result.name}: {self._shop.shown_log(result).log}")
        for at in range(0, len(lines), _LINES_AT_ONCE):
            line("\n".join(f"  {text}" for text in lines[at : at + _LINES_AT_ONCE]))
        line("::endgroup::" if grouped else f"--- end of {result.name}")


def _run(sections: Sequence[Section], shop: Shop, flags: ValidateFlags) -> list[SectionResult]:
    policy, asked = _policy(shop.setup, flags), shop.setup.config.validation
    wishes = Wishes(policy.fast, flags.history, flags.update_baseline, shop.forms())

    def one(section: Section) -> SectionResult:
        return shop.clean(run_section(section, work_of(section, asked, wishes), shop, policy))

    workers = Threads()
    try:
        with interrupts(shop):
            return run_sections(sections, one, workers, _Teller(shop), policy=policy, parallel=asked.parallel)
    finally:
        workers.join()


def _conclude(results: list[SectionResult], shop: Shop, flags: ValidateFlags, snapshots: Snapshots | None) -> int:
    setup, version = shop.setup, project_version(shop.setup)
    reproducible = setup.environment.fake_utc is not None
    told = setup.redactor.value
    full = told(full_document(results, utc=shop.utc, version=version, reproducible=reproducible))
    full["environment"] = snapshots.to_json() if snapshots is not None else None
    summary = told(stack_summary(results, utc=shop.utc, version=version))
    path = shop.artifacts / (RECORD if flags.section is None else f"validate/section_{flags.section}.json")
    replace_text(path, json.dumps(full, indent=2, sort_keys=True) + "\n")
    compact = json.dumps(summary, sort_keys=True, separators=(",", ":"))
    if flags.emit_stack_summary or flags.output is not None:
        target = Path(flags.output) if flags.output is not None else shop.artifacts / SUMMARY
        replace_text(target, compact + "\n")
    if GLOBALS.json:
        document(full)
    if not results:
        line(f"FAIL  {NOTHING}")
    elif not GLOBALS.quiet:
        show(closing_report(results))
    _tell_changes(snapshots.compared() if snapshots is not None else None, shop.artifacts / "validate")
    if nothing_ran(results):
        warn("every section was left out: GREEN says only that nothing failed")
    code = tell_machines(
        Subject("Validation", setup.config.service.name), validation_verdict(results), setup, junit=None
    )
    if not GLOBALS.quiet:
        line(f"Record: {shown_path(path)}")
    line(f"RESULT={'OK' if is_green(results) else 'FAIL'}")
    if flags.emit_stack_summary:
        line(compact)
    line(marker(results))
    return code


def _tidy(shop: Shop, *, dry_run: bool) -> dict[str, Any]:
    """Remove superfluous logs, or say which would be; what was done, as a document."""
    done = shop.house_keeping(dry_run=dry_run)
    for problem in done.problems:
        warn(f"housekeeping: {problem}")
    verb = "would remove" if dry_run else "removed"
    if done.aggressive:
        limit = shop.setup.config.validation.housekeeping.limit
        size = show_bytes(done.artifacts_bytes)
        warn(f"the artifacts hold {size}, over {limit}: only the newest log of a section stays")
    if done.removed or dry_run:
        note(f"housekeeping: {verb} {counted(len(done.removed), 'log')}, {show_bytes(done.freed_bytes)}")
    if GLOBALS.verbose or dry_run:
        for name in done.removed:
            note(f"  {name}")
    record = {
        "schema": "soakctl.housekeeping/1",
        "removed": list(done.removed),
        "freed_bytes": done.freed_bytes,
        "aggressive": done.aggressive,
        "dry_run": dry_run,
    }
    if done.removed and not dry_run:
        text = json.dumps(record, indent=2, sort_keys=True)
        replace_text(shop.artifacts / "validate" / "housekeeping.json", text + "\n")
    return record
