"""What a rule is: where it is looked for, what it matches and who has the last word."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple, Protocol


class Tier(IntEnum):
    """How sure a rule is, surest first. Where two overlap, the surer one names what was hidden."""

    CONFIGURED = 0
    EXTRA = 1
    CERTAIN = 2
    CONTEXT = 3
    PERSONAL = 4


class Hit(NamedTuple):
    """Something to hide: a span of the line, what it is, and how sure that is."""

    start: int
    end: int
    kind: str
    tier: Tier


class Span(NamedTuple):
    """A judge's answer: what to hide, and its kind where the rule's id does not say it."""

    start: int
    end: int
    kind: str = ""


Judge = Callable[[re.Match[str]], Span | None]


class Finder(Protocol):
    """Looks at one place of a line for something to hide."""

    def find(self, line: str, pos: int) -> tuple[Hit, ...]:
        """What is to be hidden, given that something worth a look was seen at `pos`."""
        ...


def whole(match: re.Match[str]) -> Span:
    """The judge of a shape that cannot be anything else: all of it, or its group `s`."""
    return Span(*match.span("s" if "s" in match.re.groupindex else 0))


@dataclass(frozen=True)
class Rule:
    """One kind of secret, matched where one of its gate literals stands.

    Compiled when it is first needed: most kinds never appear, and a short command would wait for all of them.

    Attributes:
        id: names the rule and, unless the judge says otherwise, what it hides.
        gates: literals, one of which every match begins with; a line without any is never looked at.
        regex: matched at the gate literal; what it repeats is bounded or cannot fail afterwards.
        tier: how sure the rule is.
        judge: says what of a match is hidden, or None to leave it.
        ahead: a lookahead that spares a closer look at most gates, or "".
    """

    id: str
    gates: tuple[str, ...]
    regex: str
    tier: Tier = Tier.CERTAIN
    judge: Judge = whole
    ahead: str = ""
    flags: re.RegexFlag = re.NOFLAG

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The regular expression, compiled."""
        return re.compile(self.regex, self.flags)

    def find(self, line: str, pos: int) -> tuple[Hit, ...]:
        """What this rule hides at the gate literal seen at `pos`."""
        match = self.pattern.match(line, pos)
        span = self.judge(match) if match else None
        return (Hit(span.start, span.end, span.kind or self.id, self.tier),) if span else ()


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """A kind of data without a literal to look for: its shape is.

    Attributes:
        id: names the rule and what it hides.
        shape: finds, in bytes, a part that every match contains.
        pattern: finds the candidates in a line.
        judge: says what of a candidate is hidden, or None to leave it.
        tier: how sure the rule is.
    """

    id: str
    shape: re.Pattern[bytes]
    pattern: re.Pattern[str]
    judge: Judge
    tier: Tier = Tier.PERSONAL

    def find(self, line: str, pos: int) -> tuple[Hit, ...]:
        """Everything this rule hides in a line; where its shape was seen does not matter."""
        del pos
        spans = map(self.judge, self.pattern.finditer(line))
        return tuple(Hit(span.start, span.end, self.id, self.tier) for span in spans if span)
