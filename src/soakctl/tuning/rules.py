"""Which changes the rules want after an iteration: the first zone that holds, then the additive ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from soakctl.domain.delta import difference, exact, moved
from soakctl.domain.wording import show_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from soakctl.domain.config.rule import Change, Condition, Rule, When
    from soakctl.domain.config.tuning import Parameter

Number = int | float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that is wanted.

    Attributes:
        key: the parameter.
        path: where it stands.
        before: its value now.
        delta: the change, already such that `meant` lies within all bounds.
        meant: what the value is to be.
        rules: who wants it.
        rationale: why, in a line.
    """

    key: str
    path: str
    before: Number
    delta: Number
    meant: Number
    rules: tuple[str, ...]
    rationale: str

    def to_json(self) -> dict[str, object]:
        """As it is recorded."""
        return {"path": self.path, "before": self.before, "delta": self.delta, "meant": self.meant}


@dataclass(slots=True)
class Wanted:
    """What an iteration asks for, and where rules disagreed."""

    proposals: list[Proposal] = field(default_factory=list)
    no_ops: dict[str, str] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)


def active(rules: Sequence[Rule], values: Mapping[str, float | None]) -> list[Rule]:
    """The rules that act: of each zone the first that holds, and every additive one that does."""
    taken: set[str] = set()
    zones, additive = [], []
    for rule in rules:
        if rule.zone in taken or not rule.when.holds(values):
            continue
        if rule.zone is None:
            additive.append(rule)
        else:
            taken.add(rule.zone)
            zones.append(rule)
    return [*zones, *additive]


def propose(
    rules: Sequence[Rule],
    parameters: Mapping[str, Parameter],
    current: Mapping[str, Number],
    values: Mapping[str, float | None],
) -> Wanted:
    """The changes that the rules want for the KPIs of an iteration."""
    wanted = Wanted()
    acting = active(rules, values)
    for key, spec in parameters.items():
        concerned = sorted((rule for rule in acting if key in rule.change), key=lambda rule: -rule.priority)
        if concerned:
            _combine(wanted, key, spec, current[key], concerned=concerned, values=values)
    return wanted


def _combine(
    wanted: Wanted,
    key: str,
    spec: Parameter,
    before: Number,
    *,
    concerned: Sequence[Rule],
    values: Mapping[str, float | None],
) -> None:
    """One change of one parameter out of all that want one; the leader decides, those of its mind add to it."""
    leader = concerned[0]
    target, stop = _target(exact(before), leader.change[key])
    up = target > exact(before)
    agreed = [leader]
    for rule in concerned[1:]:
        change = rule.change[key]
        after, bound = _target(target, change)
        alike = rule.priority == leader.priority and change.set is None and leader.change[key].set is None
        if alike and (after == target or (after > target) == up):
            target, stop = after, (stop if after == target else bound)
            agreed.append(rule)
        else:
            wanted.conflicts.append(_conflict(key, leader, rule))
    meant = moved(spec, before, difference(spec, before, target, stop=stop))
    why = "; ".join(f"{rule.name}: {', '.join(_reasons(rule.when, values))}" for rule in agreed)
    ways = " and ".join(_way(rule.change[key]) for rule in agreed)
    # Clamped by the bounds of the parameter: the change is what is left of it.
    delta = difference(spec, before, exact(meant), stop=stop)
    meant = moved(spec, before, delta)
    if meant == before:
        wanted.no_ops[key] = f"{why} -> {key} stays at {before!r} ({ways}), which is as far as it may go"
        return
    line = f"{why} -> {key} {before!r} to {meant!r} ({ways})"
    names = tuple(rule.name for rule in agreed)
    wanted.proposals.append(Proposal(key, spec.path, before, delta, meant, names, line))


def _target(before: Decimal, change: Change) -> tuple[Decimal, Decimal | None]:
    """Where a rule leads, and how far it may: its own bounds stop a change and never turn it round."""
    if change.set is not None:
        target = exact(change.set)
    elif change.multiply is not None:
        target = before * exact(change.multiply)
    else:
        target = before + exact(change.add or 0.0)
    if change.max is not None and target > before:
        stop = max(before, exact(change.max))
        return min(target, stop), stop
    if change.min is not None and target < before:
        stop = min(before, exact(change.min))
        return max(target, stop), stop
    return target, None


def _conflict(key: str, leader: Rule, other: Rule) -> str:
    if other.priority < leader.priority:
        how = f"priority {leader.priority} over {other.priority}"
    else:
        how = f"both have priority {leader.priority}, and {leader.name} stands first"
    return f"{key}: {leader.name} wins over {other.name} ({how})"


def _way(change: Change) -> str:
    if change.set is not None:
        return f"set {change.set:g}"
    if change.multiply is not None:
        return f"x {change.multiply:g}"
    return f"{change.add or 0.0:+g}"


def _reasons(when: When, values: Mapping[str, float | None]) -> Iterator[str]:
    """Each condition that holds, with what was measured."""
    for name, condition in when.conditions.items():
        value = values.get(name)
        if value is not None:
            yield f"{name} {show_number(value)} is {_asked(condition)}"
    for part in (*when.all, *when.any):
        if part.holds(values):
            yield from _reasons(part, values)


_SIGNS = {"lt": "<", "le": "<=", "eq": "=", "ge": ">=", "gt": ">"}


def _asked(condition: Condition) -> str:
    told = [f"{_SIGNS[key]} {getattr(condition, key):g}" for key in condition.given() if key in _SIGNS]
    if condition.between is not None:
        told.append(f"between {condition.between[0]:g} and {condition.between[1]:g}")
    return " and ".join(told)
