"""What two snapshots differ in, for people: what explains most first, in the groups it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.ansi import without_escapes
from soakctl.domain.environment import Weight
from soakctl.report.layout import Columns, Paragraph, Report

if TYPE_CHECKING:
    from soakctl.domain.environment import Comparison, Difference
    from soakctl.report.layout import Piece

_TITLES = {
    Weight.LIKELY: ("These probably matter", "bold red"),
    Weight.POSSIBLE: ("These may matter", "bold yellow"),
    Weight.UNLIKELY: ("These seldom matter", "bold"),
}
_VERBS = {Weight.LIKELY: "probably matters", Weight.POSSIBLE: "may matter", Weight.UNLIKELY: "seldom matters"}
# What need not be said twice in a line.
_SAID_BY_SECTION = {"variables": "variable ", "credentials": "credential ", "network": "host ", "files": "file "}


def difference_report(first: str, second: str, comparison: Comparison) -> Report:
    """The page of a comparison."""
    parts: list[Paragraph | Columns] = [_plain(f"first   {first}"), _plain(f"second  {second}")]
    for weight, title in _TITLES.items():
        found = [each for each in comparison.differences if each.weight is weight]
        if found:
            parts += [_plain(), Paragraph((title,)), _table(found)]
    if comparison.notes:
        parts += [_plain(), Paragraph((("Not compared", "bold"),))]
        parts += [Paragraph(((without_escapes(note), ""),), indent=2) for note in comparison.notes]
    return Report((*parts, _plain(), _plain(_sentence(comparison))))


def _sentence(comparison: Comparison) -> str:
    if comparison.same:
        return "Same: no difference in what was compared."
    if len(comparison.differences) == 1:
        return f"1 difference, which {_VERBS[comparison.differences[0].weight]}."
    likely = sum(each.weight is Weight.LIKELY for each in comparison.differences)
    matter = "none of them probably matters" if not likely else f"{likely} of them probably matter{'s' * (likely == 1)}"
    return f"{len(comparison.differences)} differences, {matter}."


def _table(found: list[Difference]) -> Columns:
    """Grouped by section, the section with the most telling difference first."""
    groups = list(dict.fromkeys(each.section for each in found))
    rows: list[tuple[Piece, ...]] = []
    for section in groups:
        mine = [each for each in found if each.section == section]
        for place, each in enumerate(mine):
            what = each.what.removeprefix(_SAID_BY_SECTION.get(section, ""))
            cells = (f"  {section}" if not place else "", what, each.before, each.after, each.why)
            rows.append(tuple((without_escapes(cell), "") for cell in cells))
    titles = ("  section", "what", "first", "second", "why")
    count = len(titles) if any(each.why for each in found) else len(titles) - 1
    return Columns(titles[:count], tuple(row[:count] for row in rows))


def _plain(text: str = "") -> Paragraph:
    return Paragraph(((without_escapes(text), ""),))
