"""Reading lines in tests: what was emitted, added up, and a watch for what a test looks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from soakctl.domain.config.root import Config
from soakctl.domain.signal import Lines
from soakctl.domain.watch import LineWatch

if TYPE_CHECKING:
    from soakctl.domain.line import Hit, Line
    from soakctl.domain.signal import Signal


def watch_for(**sections: Any) -> LineWatch:
    """A watch made from these sections of a configuration."""
    return LineWatch.of(Config.model_validate(sections))


def watch_for_numbers() -> LineWatch:
    """A watch that finds a checkpoint in `number=<n>`, with what stands behind the sign as the field `n`."""
    return watch_for(smoke={"checkpoints": [{"name": "number", "pattern": r"number=(?P<n>\S+)"}]})


@dataclass(slots=True)
class Heard:
    """Takes what a reader emits. Nothing in it is lost: every signal is kept."""

    signals: list[Lines] = field(default_factory=list)

    def __call__(self, signal: Signal) -> None:
        """The `emit` of a reader."""
        assert isinstance(signal, Lines)
        self.signals.append(signal)

    @property
    def count(self) -> int:
        """Lines seen, dropped ones included."""
        return sum(signal.count for signal in self.signals)

    @property
    def dropped(self) -> int:
        """Lines dropped."""
        return sum(signal.dropped for signal in self.signals)

    @property
    def critical(self) -> int:
        """Critical lines."""
        return sum(signal.critical for signal in self.signals)

    @property
    def hits(self) -> list[Hit]:
        """All hits in order."""
        return [hit for signal in self.signals for hit in signal.hits]

    @property
    def tail(self) -> list[Line]:
        """The lines of all tails in order."""
        return [line for signal in self.signals for line in signal.tail]

    @property
    def texts(self) -> list[str]:
        """Their texts: every line, where no signal had more than its tail holds."""
        assert all(signal.count <= len(signal.tail) for signal in self.signals), "a tail did not hold every line"
        return [line.text for line in self.tail]

    @property
    def notes(self) -> list[str]:
        """All notes in order."""
        return [signal.note for signal in self.signals if signal.note]


@dataclass(slots=True)
class Ticker:
    """A clock that goes on when it is told to."""

    at: float = 100.0

    def __call__(self) -> float:
        """The `now` of a reader."""
        return self.at
