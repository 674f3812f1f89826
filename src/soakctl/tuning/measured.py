"""Which values of an iteration a rule may act on: those that were measured, and no value to fall back on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.config.kpi import FirstOfSource
from soakctl.domain.wording import show_number
from soakctl.tuning.rules import active

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.domain.config.kpi import Kpi
    from soakctl.domain.config.rule import Rule
    from soakctl.domain.iteration import Iteration

_MADE_UP = frozenset({"fallback", "mock_default"})


def measured(
    kpis: Sequence[Kpi], rules: Sequence[Rule], last: Iteration
) -> tuple[Mapping[str, float | None], list[str]]:
    """The values with none for those that were made up, and a line for each of these that a rule asks for."""
    constants = {
        kpi.name: {place.name for place in kpi.source.first_of if place.value is not None}
        for kpi in kpis
        if isinstance(kpi.source, FirstOfSource)
    }
    doubtful = {
        name: note for name, note in last.notes.items() if note in _MADE_UP or note in constants.get(name, frozenset())
    }
    values = {name: None if name in doubtful else value for name, value in last.values.items()}
    acting = {rule.name for rule in active(rules, values)}
    held = [rule for rule in active(rules, last.values) if rule.name not in acting]
    lines = []
    for name, note in sorted(doubtful.items()):
        value = last.values.get(name)
        if value is None or not any(name in rule.when.names() for rule in rules):
            continue
        back = ", ".join(rule.name for rule in held if name in rule.when.names())
        told = f"; held back: {back}" if back else ""
        lines.append(f"{name} {show_number(value)} is of {note} and was not measured: no rule acts on it{told}")
    return values, lines
