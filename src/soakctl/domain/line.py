"""A line of a service's output, and what was recognised in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was read, without its newline.

    Attributes:
        stream: "out", "err" or "file" (a log file).
        seq: counts the lines of the stream from 1, dropped ones included.
        at: elapsed seconds of the run when it was read.
        text: decoded with replacement, never longer than the cut (100 KB).
        cut: the line was longer than the cut.
        dropped_before: lines of the stream dropped between the line before and this one.
    """

    stream: str
    seq: int
    at: float
    text: str
    cut: bool = False
    dropped_before: int = 0


class HitKind(StrEnum):
    """What a pattern was looked for."""

    CHECKPOINT = "checkpoint"
    FAILURE = "failure"
    LIVENESS = "liveness"
    READY = "ready"
    KPI = "kpi"
    CRITICAL = "critical"
    MUST_LOG = "must_log"


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found in a line.

    Attributes:
        kind: what the pattern is for.
        key: the checkpoint's or KPI's name, the failure's place in the list, or "".
        line: the line it was found in.
        fields: captured named groups.
        value: the number captured for a KPI; None for a KPI that counts matches.
        count: how many matches it stands for: repeated ones that are only counted are told as one.
    """

    kind: HitKind
    key: str
    line: Line
    fields: Mapping[str, str] = field(default_factory=dict)
    value: float | None = None
    count: int = 1
