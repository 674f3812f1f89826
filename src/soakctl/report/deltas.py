"""The parameter changes of a run: DELTA_VERIFY_REPORT.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.wording import counted, show_number

if TYPE_CHECKING:
    from soakctl.domain.deltas import DeltaJudgement, Verified

_OUTCOMES = {
    "none": "nothing proposed",
    "full": "full",
    "partial": "partial",
    "skipped": "held back",
    "failed": "**failed**",
    "stuck": "**signature stuck**",
    "unverified": "not verifiable",
}
_YES = {None: "not known", True: "yes", False: "no"}
_TITLES = ("iterations", "proposed", "applied", "guards", "signature changed", "parameters match", "outcome", "reason")


def deltas_markdown(title: str, deltas: DeltaJudgement) -> str:
    """A row for each pair of iterations, under what it comes to."""
    facts = deltas.facts
    ratio = facts["full_apply_ratio"]
    lines = [
        f"# Parameter changes of {_cell(title)}",
        "",
        f"- proposed {facts['proposed']}, applied {facts['applied']}, held back {facts['skipped']}",
        f"- taken back: {facts['reverted']}",
        f"- full apply ratio: {'nothing to apply' if ratio is None else show_number(ratio)}",
        f"- signature stuck: {facts['signature_stuck_count']}",
        f"- freeze seen: {'yes' if facts['freeze_seen'] else 'no'}",
        "",
    ]
    if deltas.problems:
        lines += [f"**{counted(len(deltas.problems), 'mismatch', 'mismatches')}**", ""]
        lines += [f"- {_cell(problem.line())}" for problem in deltas.problems]
        lines.append("")
    lines += [_line(_TITLES), _line(["---"] * len(_TITLES))]
    lines += [_line(_cells(row)) for row in deltas.rows]
    return "\n".join([*lines, ""])


def _cells(row: Verified) -> list[str]:
    pair = f"{row.before} → {row.iteration}" if row.before is not None else f"start → {row.iteration}"
    guards = ", ".join(f"{key}: {guard}" for key, guard in row.skipped.items())
    outcome = _OUTCOMES[row.outcome] + (" (taken back)" if row.reverted else "")
    cells = (", ".join(row.proposed), ", ".join(row.applied), guards, _YES[row.changed], _YES[row.match])
    return [pair, *(_cell(cell) for cell in cells), outcome, _cell(row.reason)]


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
