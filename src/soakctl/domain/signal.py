"""What the world tells the engine. Every value is frozen; all times are elapsed seconds of the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.domain.attribution import Attribution
    from soakctl.domain.line import Hit, Line
    from soakctl.domain.sample import Sample


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, twice: `elapsed_s` is monotonic and continues over a resume, `unix` is for people."""

    elapsed_s: float
    unix: float


@dataclass(frozen=True, slots=True)
class Started:
    """The service was executed; it may still die at once."""

    pid: int
    started_unix: float


@dataclass(frozen=True, slots=True)
class StartFailed:
    """The service could not be executed. `reason` is not_found, not_executable, cwd, gone or other."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Exited:
    """The service's main process ended, by itself or as it was told. `code` is -N for signal N, None unknown.

    `cause` says what else ended it, where that is known: the service is not to blame then.
    """

    code: int | None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class StopRung:
    """A rung of the stop ladder was taken: asked, asked_rest or killed. `targets` counts processes."""

    rung: str
    signal: str
    targets: int


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing of the service's tree is left (`left` = 0), or this many processes could not be ended."""

    left: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines were read from a stream.

    Attributes:
        stream: "out", "err" or "file".
        count: lines seen, dropped ones included.
        dropped: of them not looked at because they came too fast.
        critical: lines at level CRITICAL or FATAL, also among the dropped.
        hits: what was recognised, in order.
        tail: the last few lines, for the evidence of a failure.
        note: something about the stream a person should know (rotation, truncation, "file appeared"), or "".
    """

    stream: str
    count: int
    dropped: int = 0
    critical: int = 0
    hits: tuple[Hit, ...] = ()
    tail: tuple[Line, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sample that was asked for."""

    sample: Sample


@dataclass(frozen=True, slots=True)
class SampleFailed:
    """A sample that was asked for could not be taken."""

    reason: str


@dataclass(frozen=True, slots=True)
class KpiRead:
    """A KPI source answered: a value, or None and the reason. `token` is that of the question.

    `note` says where the value came from, where a KPI has several sources.
    """

    name: str
    token: int
    value: float | None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Probed:
    """The readiness probe answered. `how` says what was found, as `port 8000`."""

    ready: bool
    how: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The command that verifies a clean stop ended."""

    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class OverridesRead:
    """The file of the parameters as it stands, behind a read or a write; `token` is that of the question.

    Attributes:
        token: which question.
        document: what the file holds; an empty object where there is none.
        digest: of its bytes; a write is refused when it has another one by then.
        error: why it could not be read or was not written; nothing was changed then.
        exists: whether there is a file.
        note: what of the file could not be kept by a write.
    """

    token: int
    document: Any = None
    digest: str = ""
    error: str = ""
    exists: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class TracedFinding:
    """What a trace came to: the kind of the finding, and a sentence with the line that matters most."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Traced:
    """A trace that was asked for: its document, or None and why nothing could be looked into.

    `reason` may say what was seen when there are no findings; "" for nothing worth a line.
    """

    document: Mapping[str, Any] | None
    findings: tuple[TracedFinding, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Attributed:
    """What a resource grows by, as far as it was found."""

    found: Attribution


@dataclass(frozen=True, slots=True)
class Interrupted:
    """soakctl was asked to end by this signal."""

    signum: int


Signal = (
    Started
    | StartFailed
    | Exited
    | StopRung
    | Gone
    | Lines
    | Sampled
    | SampleFailed
    | KpiRead
    | Probed
    | Verified
    | OverridesRead
    | Traced
    | Attributed
    | Interrupted
)
