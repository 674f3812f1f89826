"""What is looked for in a service's lines: every pattern of a run, compiled once."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from soakctl.domain.config.kpi import LogSource
from soakctl.domain.critical import is_critical
from soakctl.domain.failures import BUILTIN
from soakctl.domain.line import Hit, HitKind
from soakctl.domain.literal import required_literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.config.root import Config
    from soakctl.domain.line import Line

# Counted with what stands around them; the one in capitals is the rarer the longer it is, which makes it fast to find.
_CRITICAL_LITERALS = (b"CRITICAL", b"FATAL", b"crit", b"fatal")
# A failure is told by the beginning of a line; the longest lines hold data.
_BUILTIN_WITHIN = 8_000
_COUNTED = frozenset({"count", "rate"})


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern found in a text; a hit once it is known which line that was."""

    kind: HitKind
    key: str
    fields: Mapping[str, str] = field(default_factory=dict)
    value: float | None = None

    @property
    def is_counted(self) -> bool:
        """Whether only the number of matches matters, of which there may be very many."""
        return self.kind is HitKind.LIVENESS or (self.kind is HitKind.KPI and self.value is None and not self.fields)

    def at(self, line: Line) -> Hit:
        """The hit in this line."""
        return Hit(self.kind, self.key, line, self.fields, self.value)


@dataclass(frozen=True, slots=True)
class _Looked:
    """A pattern of the configuration. `group` holds a KPI's number; None where matches are only found or counted."""

    kind: HitKind
    key: str
    pattern: re.Pattern[str]
    literal: str
    group: int | None = None

    def found(self, match: re.Match[str]) -> Found:
        if self.group is not None:
            return self._read(match[self.group] or "")
        fields = match.groupdict() if self.pattern.groupindex else {}
        return Found(self.kind, self.key, {name: text for name, text in fields.items() if text is not None})

    def _read(self, text: str) -> Found:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return Found(self.kind, self.key, value=value)
        return Found(self.kind, self.key, {"unreadable": text})


class LineWatch:
    """All patterns a run looks for, compiled once. Holds no state of a stream; any thread may use it.

    Attributes:
        critical_literals: one of these stands in nearly every critical line; for bytes that are not decoded.
    """

    critical_literals: tuple[bytes, ...] = _CRITICAL_LITERALS

    def __init__(self, looked: tuple[_Looked, ...]) -> None:
        """See `of`."""
        self._looked = looked
        self._builtin = tuple((failure.key, re.compile(failure.pattern)) for failure in BUILTIN)
        gates: dict[str, set[int]] = {}
        for place, failure in enumerate(BUILTIN):
            for gate in failure.gates:
                gates.setdefault(gate, set()).add(place)
        self._gates = tuple(gates.items())

    @classmethod
    def of(cls, config: Config) -> LineWatch:
        """Everything that the configuration looks for, and the failures known without it."""
        return cls(tuple(_configured(config)))

    def scan(self, line: Line) -> tuple[Hit, ...]:
        """What is found in the line: as configured, then a known failure, then whether it is critical."""
        return tuple(found.at(line) for found in self.find(line.text))

    def find(self, text: str) -> list[Found]:
        """What is found in a line's text, in the order of `scan`. A critical line gives a find of its own."""
        found = []
        for looked in self._looked:
            if looked.literal in text:
                match = looked.pattern.search(text)
                if match is not None:
                    found.append(looked.found(match))
        failure = self._known_failure(text)
        if failure is not None:
            found.append(Found(HitKind.FAILURE, failure))
        if is_critical(text):
            found.append(Found(HitKind.CRITICAL, ""))
        return found

    def is_critical(self, text: str) -> bool:
        """Whether the line is at level CRITICAL or FATAL."""
        return is_critical(text)

    def _known_failure(self, text: str) -> str | None:
        head = text[:_BUILTIN_WITHIN]
        lowered = head.lower()
        candidates: set[int] = set()
        for gate, places in self._gates:
            if gate in lowered:
                candidates |= places
        for place in sorted(candidates):
            key, pattern = self._builtin[place]
            if pattern.search(head) is not None:
                return key
        return None


def _configured(config: Config) -> Iterator[_Looked]:
    service, smoke = config.service, config.smoke
    for checkpoint in smoke.checkpoints:
        yield _looked(HitKind.CHECKPOINT, checkpoint.name, checkpoint.pattern)
    for place, failure in enumerate(smoke.failures):
        yield _looked(HitKind.FAILURE, str(place), failure.pattern)
    alive = None if service.liveness is None else service.liveness.pattern
    for pattern in (
        [alive] if alive else [checkpoint.pattern for checkpoint in smoke.checkpoints if checkpoint.liveness]
    ):
        yield _looked(HitKind.LIVENESS, "", pattern)
    if service.ready is not None and service.ready.log is not None:
        yield _looked(HitKind.READY, "", service.ready.log)
    for kpi in config.kpis:
        if isinstance(kpi.source, LogSource):
            yield _looked(HitKind.KPI, kpi.name, kpi.source.log, number=kpi.source.reduce not in _COUNTED)
    for place, must in enumerate(service.stop.must_log):
        yield _looked(HitKind.MUST_LOG, str(place), must)


def _looked(kind: HitKind, key: str, pattern: str, *, number: bool = False) -> _Looked:
    compiled = re.compile(pattern)
    group = compiled.groupindex.get("value", 1) if number else None
    return _Looked(kind, key, compiled, required_literal(pattern), group)
