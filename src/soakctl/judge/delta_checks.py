"""The checks of a tuned run: the integrity of its record, how much was applied, and signatures that are stuck."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from soakctl.domain.config.root import Config
from soakctl.domain.deltas import DeltaJudgement
from soakctl.domain.tuning import GUARDS
from soakctl.domain.verdict import Check, Severity
from soakctl.domain.wording import counted, show_number
from soakctl.judge.delta_documents import documents_differ, file_differs
from soakctl.judge.delta_looks import looks
from soakctl.judge.deltas import verify_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.domain.config.gate import Deltas
    from soakctl.domain.config.tuning import Parameter
    from soakctl.domain.deltas import Problem, Verified
    from soakctl.domain.record import Record

_SHOWN = 20
_INTEGRITY = "deltas.integrity"


def judge_deltas(record: Record, config: Config) -> DeltaJudgement:
    """Verify the changes of a tuned run, by its journal and by each document that tells of them."""
    state, specs = record.state, recorded_parameters(record)
    begun = (state.tuning.at_start or {}).get("parameters")
    rows = verify_rows(state.tuning.rows, specs, state.tuning.before, begun=begun)
    found, missing = documents_differ(record, specs)
    found += file_differs(record, specs, missing)
    for row in rows:
        row.failed(problem for problem in found if problem.iteration == row.iteration)
    unknown = [item.index for item in state.iterations if not item.partial and item.index not in state.tuning.rows]
    if unknown and (state.ended is not None or len(unknown) > 1):
        missing.append(f"the journal tells nothing of the tuning in iteration {unknown[0]} ({len(unknown)} in all)")
    problems = list(dict.fromkeys([*(problem for row in rows for problem in row.problems), *found]))
    problems.sort(key=lambda problem: problem.iteration)
    judged = conclude_deltas(rows, state.tuning.rows, config, problems=problems, missing=missing)
    return replace(judged, checks=(*judged.checks, *looks(record, specs)))


def recorded_parameters(record: Record) -> Mapping[str, Parameter]:
    """The parameters that the run was made with, whatever configuration it is judged by."""
    return Config.model_validate(record.manifest.config).tuning.parameters


def conclude_deltas(
    rows: Sequence[Verified],
    raw: Mapping[int, Mapping[str, Any]],
    config: Config,
    *,
    problems: Sequence[Problem],
    missing: Sequence[str],
) -> DeltaJudgement:
    """The checks of verified rows; `raw` are the same as they were recorded."""
    limits = config.gate.deltas
    facts = delta_facts(rows, raw, window=config.gate.window)
    checks = [_integrity(problems, rows), _ratio(facts, limits), _stuck(facts, rows, limits)]
    checks += [Check("deltas.record", Severity.NO_DATA, "Deltas", reason=text) for text in missing[:_SHOWN]]
    foreign = [row for row in rows if "file" in row.skipped.values() or row.reason.startswith("nothing is written")]
    if foreign:
        lines = tuple(f"iteration {row.iteration}: {row.reason}" for row in foreign[:_SHOWN])
        reason = f"{counted(len(foreign), 'iteration')} could not be tuned: {foreign[0].reason}"
        hint = "Let nothing but soakctl write the file while a run tunes."
        checks.append(Check("deltas.file", Severity.WARN, "Overrides file", reason=reason, hint=hint, evidence=lines))
    return DeltaJudgement(tuple(rows), tuple(problems), tuple(checks), facts)


def _integrity(problems: Sequence[Problem], rows: Sequence[Verified]) -> Check:
    about = f"{counted(len(rows), 'iteration')}"
    if not problems:
        return Check(_INTEGRITY, Severity.OK, "Delta record", "intact", "every value", about, len(rows))
    more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
    return Check(
        _INTEGRITY,
        Severity.FAIL,
        "Delta record",
        counted(len(problems), "mismatch", "mismatches"),
        "every value",
        about,
        len(rows),
        reason=problems[0].line() + more,
        hint="The record was changed by someone else, or values were not applied; see DELTA_VERIFY_REPORT.md.",
        evidence=tuple(problem.line() for problem in problems[:_SHOWN]),
    )


def _ratio(facts: Mapping[str, Any], limits: Deltas) -> Check:
    ratio, limit = facts["full_apply_ratio"], f">= {show_number(limits.full_apply_ratio)}"
    name, what = "deltas.full_apply_ratio", "Deltas applied"
    told = f"{facts['applied']} of {facts['proposed']}, {facts['skipped']} held back"
    if ratio is None:
        reason = "nothing was proposed" if not facts["proposed"] else "each proposal was held back, with a reason"
        return Check(name, Severity.INFO, what, "", limit, told, facts["proposed"], reason)
    if ratio >= limits.full_apply_ratio:
        return Check(name, Severity.OK, what, show_number(ratio), limit, told, facts["proposed"])
    reason = f"{facts['proposed'] - facts['skipped'] - facts['applied']} proposals have no true outcome"
    return Check(name, Severity.WARN, what, show_number(ratio), limit, told, facts["proposed"], reason, strict=True)


def _stuck(facts: Mapping[str, Any], rows: Sequence[Verified], limits: Deltas) -> Check:
    count, limit = facts["signature_stuck_count"], f"<= {limits.signature_stuck}"
    stuck = [str(row.iteration) for row in rows if row.stuck]
    if count <= limits.signature_stuck:
        return Check("deltas.signature_stuck", Severity.OK, "Signature stuck", str(count), limit, "run", len(rows))
    reason = f"marked applied, and the state is as it was: iterations {', '.join(stuck[:_SHOWN])}"
    return Check(
        "deltas.signature_stuck",
        Severity.WARN,
        "Signature stuck",
        str(count),
        limit,
        "run",
        len(rows),
        reason,
        strict=True,
    )


def delta_facts(rows: Sequence[Verified], raw: Mapping[int, Mapping[str, Any]], *, window: int) -> dict[str, Any]:
    """The figures of a tuned run; `full_apply_ratio` is null where it would be 0/0."""
    proposed = sum(len(row.proposed) for row in rows)
    skipped = sum(len(row.skipped) for row in rows)
    stuck = {row.iteration for row in rows if row.stuck}
    applied = sum(len(row.applied) for row in rows if row.iteration not in stuck)
    to_apply = proposed - skipped
    lately = [row for row in rows if row.iteration in set(sorted(raw)[-window:])]
    by_guard: dict[str, int] = {}
    for row in rows:
        for guard in row.skipped.values():
            by_guard[guard] = by_guard.get(guard, 0) + 1
    return {
        "proposed": proposed,
        "applied": applied,
        "skipped": skipped,
        "skipped_by": dict(sorted(by_guard.items())),
        "reverted": sum(row.reverted for row in rows),
        "full_apply_ratio": None if not to_apply else min(1.0, max(0, applied) / to_apply) if to_apply > 0 else 0.0,
        "signature_stuck_count": len(stuck),
        "signature_loops": _loops(raw),
        "freeze_seen": any(row.get("freeze_triggered") for row in raw.values()),
        "guards_last8": {
            **{f"{guard}_count": _held(lately, guard) for guard in GUARDS if guard != "freeze"},
            "freeze_events": sum(bool(raw[row.iteration].get("freeze_triggered")) for row in lately),
        },
    }


def _held(rows: Sequence[Verified], guard: str) -> int:
    return sum(guard in row.skipped.values() for row in rows)


def _loops(raw: Mapping[int, Mapping[str, Any]]) -> int:
    """How often the parameters came back to a state that they had left."""
    seen: list[str] = []
    loops = 0
    for _, row in sorted(raw.items()):
        now = row.get("state_hash")
        if now is None or (seen and seen[-1] == now):
            continue
        loops += now in seen
        seen.append(str(now))
    return loops
