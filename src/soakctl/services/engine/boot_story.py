"""What a failed boot means: which failure counts, which exit code it has, and the lines and hints that explain it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from soakctl.domain.failures import builtin
from soakctl.domain.signal import Exited, StartFailed
from soakctl.domain.wording import died_how
from soakctl.errors import ExitCode, strongest
from soakctl.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.config.root import Config
    from soakctl.domain.config.service import Ready
    from soakctl.domain.config.smoke import Checkpoint
    from soakctl.domain.line import Hit, Line
    from soakctl.domain.signal import Lines
    from soakctl.domain.state import RunState

_KEPT_LINES = 120
# Each stream is read by a thread of its own: which of two lines came first is known no better than this (seconds).
STREAMS_APART_S = 0.5
_BEFORE, _AFTER, _TAIL = 5, 14, 12

START_EXITS = {
    "not_found": (ExitCode.DEPENDENCY_ERROR, "Is the program installed, and is its directory on PATH?"),
    "not_executable": (ExitCode.CONFIG_ERROR, "Make it executable (chmod +x), or name its interpreter first."),
    "cwd": (ExitCode.CONFIG_ERROR, "Check service.cwd."),
    "gone": (ExitCode.UNAVAILABLE, "Check the process id."),
}


class BootStory:
    """The lines of a boot and the failures among them."""

    def __init__(self, config: Config) -> None:
        """Nothing has been read yet."""
        self._configured = config.smoke.failures
        self._lines: deque[Line] = deque(maxlen=_KEPT_LINES)
        self._failures: list[Hit] = []

    def read(self, lines: Lines) -> None:
        """Keep the lines for the evidence."""
        self._lines.extend(lines.tail)

    def failed(self, hit: Hit) -> None:
        """A failure pattern was found."""
        self._failures.append(hit)

    def passed_checkpoint(self, line: Line) -> None:
        """What went wrong before a checkpoint was reached has been overcome; only configured failures stay."""
        self._failures = [hit for hit in self._failures if builtin(hit.key) is None or not _before(hit.line, line)]

    def serious(self) -> bool:
        """Whether a failure stands."""
        return bool(self._failures)

    def cause(self) -> tuple[Hit, ExitCode, str] | None:
        """The failure that decides, its exit code and its hint."""
        # What the user has configured knows the service better than what every service has in common.
        own = [hit for hit in self._failures if builtin(hit.key) is None]
        known = [(hit, *self._meaning(hit)) for hit in own or self._failures]
        if not known:
            return None
        code = strongest(found for _, found, _ in known)
        return next(item for item in reversed(known) if item[1] is code)

    def _meaning(self, hit: Hit) -> tuple[ExitCode, str]:
        known = builtin(hit.key)
        if known is not None:
            return known.exit, known.hint
        configured = self._configured[int(hit.key)]
        return ExitCode[configured.exit], configured.hint

    def around(self, line: Line | None) -> list[str]:
        """The lines around one, or the last ones. A private key is hidden while its lines still stand together."""
        hide = Redactor().stream()
        return [hide.line(text) for text in self._around(line)]

    def _around(self, line: Line | None) -> list[str]:
        kept = sorted(self._lines, key=lambda item: item.at)
        if line is None:
            return [item.text for item in kept[-_TAIL:]]
        place = next((i for i, item in enumerate(kept) if (item.stream, item.seq) == (line.stream, line.seq)), None)
        if place is None:
            return [line.text, *(item.text for item in kept[-_AFTER:] if item.seq > line.seq)]
        return [item.text for item in kept[max(0, place - _BEFORE) : place + _AFTER]]


def _before(failure: Line, checkpoint: Line) -> bool:
    if failure.stream == checkpoint.stream:
        return failure.seq <= checkpoint.seq
    return failure.at < checkpoint.at - STREAMS_APART_S


def ending(
    story: BootStory,
    state: RunState,
    checkpoints: Sequence[Checkpoint],
    *,
    died: Exited | StartFailed | None,
    not_ready: Ready | None,
) -> dict[str, Any]:
    """The data of a failed boot's `boot_ended`: exit, reason, what is missing, hints and evidence."""
    assert state.boot is not None
    missing = [point for point in checkpoints if point.must_come and point.name not in state.boot.reached]
    hints = list(missing[0].hints) if missing else []
    cause = story.cause()
    code, reason, hint = _judged(cause, died)
    if cause is None and died is None:
        reason = _still_waiting(missing, not_ready)
    if hint:
        hints.insert(0, hint)
    return {
        "exit": code.name,
        "reason": reason,
        "missing": [point.name for point in missing],
        "hints": hints,
        "failure": cause[0].line.text.strip() if cause is not None else "",
        "evidence": story.around(cause[0].line if cause is not None else None),
        "died": died is not None,
        "sign": "",
        "first_event_s": None,
    }


def _judged(cause: tuple[Hit, ExitCode, str] | None, died: Exited | StartFailed | None) -> tuple[ExitCode, str, str]:
    if isinstance(died, StartFailed):
        code, hint = START_EXITS.get(died.reason, (ExitCode.EXCEPTION, ""))
        return code, died.detail, hint
    if died is not None and died.cause:
        return ExitCode.EXCEPTION, f"{died.cause}, before the service was ready", ""
    how = died_how(died.code) if died is not None else ""
    if cause is not None:
        text = cause[0].line.text.strip()
        return cause[1], f"{text} ({how})" if how else text, cause[2]
    if died is not None:
        return ExitCode.EXCEPTION, f"the service {how} before it was ready", ""
    return ExitCode.STALLED, "", ""


def _still_waiting(missing: Sequence[Checkpoint], not_ready: Ready | None) -> str:
    if missing:
        return f"checkpoint {missing[0].name} was not reached"
    if not_ready is not None:
        target = not_ready.tcp or not_ready.http
        return f"not ready: {target} did not answer" if target else "not ready: the ready line did not come"
    return "neither a listening port nor a line of output was seen"
