"""What the services need of the outside, as protocols. Adapters and the simulated world implement them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from soakctl.awaits.model import Look
    from soakctl.awaits.trace import Process
    from soakctl.domain.command import Command, WriteOverrides
    from soakctl.domain.environment import Comparison
    from soakctl.domain.journal import Entry
    from soakctl.domain.record import Record
    from soakctl.domain.sample import Sample
    from soakctl.domain.signal import Moment, OverridesRead, Signal
    from soakctl.domain.state import RunState

Json = Any


class World(Protocol):
    """The whole interface between the engine and the outside. Used from one thread."""

    def now(self) -> Moment:
        """The present moment."""
        ...

    def wait(self, until: float) -> Signal | None:
        """The next signal, or None once `until` (elapsed seconds) has come first."""
        ...

    def do(self, command: Command) -> None:
        """Begin the command. Never blocks and never raises for the service's sake; the result comes as a signal."""
        ...


class Documents(Protocol):
    """The documents of a run, and its record to read. Every string is redacted on its way in."""

    def write(self, name: str, document: Mapping[str, Json]) -> None:
        """Replace a JSON document of the run atomically. Raises UnavailableError."""
        ...

    def write_text(self, name: str, text: str) -> None:
        """Replace a text file of the run atomically. Raises UnavailableError."""
        ...

    def load(self) -> Record:
        """The record as it stands, torn last lines left out and said. Raises NoDataError."""
        ...


class RunStore(Documents, Protocol):
    """Where a run is recorded."""

    def append(self, entry: Entry) -> None:
        """Add a line to the journal. Survives a kill of soakctl once it returns. Raises UnavailableError."""
        ...

    def append_sample(self, sample: Sample) -> None:
        """Add a line to the resources file. Raises UnavailableError."""
        ...


class Overrides(Protocol):
    """The file from which the service takes its parameters while it runs."""

    def read(self, token: int) -> OverridesRead:
        """The file as it stands; an error instead of an exception."""
        ...

    def write(self, command: WriteOverrides) -> OverridesRead:
        """Set the values and read the file again; an error, and nothing changed, where that cannot be."""
        ...


class Observer(Protocol):
    """Someone who watches a run as it goes: the board, the plain lines, the live page."""

    def seen(self, state: RunState, entry: Entry) -> None:
        """Something was recorded."""
        ...

    def sampled(self, state: RunState, sample: Sample) -> None:
        """A sample was recorded."""
        ...


class Ran(Protocol):
    """How a command of a section ended."""

    @property
    def ok(self) -> bool:
        """Whether it ran to its end and said success."""
        ...

    @property
    def code(self) -> int | None:
        """Its exit code, None where there is none."""
        ...

    @property
    def stdout(self) -> str:
        """What it wrote, as far as it was kept."""
        ...

    @property
    def stderr(self) -> str:
        """Likewise."""
        ...

    @property
    def not_found(self) -> bool:
        """There is no such command."""
        ...

    def failure(self) -> str:
        """Why it is not ok, or ""."""
        ...


class Bench(Protocol):
    """What one attempt of a validation section works with: the project's files, its commands, a log, a deadline.

    Paths are relative to the project's root, with `/`. Whatever takes long raises OutOfTimeError once time is up.
    """

    def find(self, patterns: Sequence[str], *, exclude: Sequence[str] = ()) -> list[str]:
        """The files that match, in order; folders of tools (.git, .venv, caches) are not looked into."""
        ...

    def committed(self) -> list[str]:
        """The files that are or could be committed: what git says, else all of them."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        ...

    def text(self, path: str) -> str:
        """A file of up to 64 MB as UTF-8. Raises MissingInputError, or UnavailableError when it cannot be read."""
        ...

    def blocks(self, path: str, size: int = 1 << 16) -> Iterator[bytes]:
        """The bytes of a file in blocks, in constant memory. Raises as `text` does."""
        ...

    def age_s(self, path: str) -> float:
        """How long ago the file was written, seconds. Raises as `text` does."""
        ...

    def report_path(self, name: str) -> str:
        """The path of a file under the artifacts."""
        ...

    def write(self, path: str, text: str) -> None:
        """Replace a file under the artifacts; the text is redacted already. Raises UnavailableError."""
        ...

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str = ".",
        env: Mapping[str, str] | None = None,
        lines: Callable[[bytes], None] | None = None,
    ) -> Ran:
        """Run a command to its end, its output into the log. `lines` gets the blocks of stdout instead."""
        ...

    def hide(self, value: Json) -> Json:
        """A text or a JSON value with everything secret replaced."""
        ...

    def took_s(self) -> float:
        """Seconds since the last command began."""
        ...

    def which(self, command: str, *, own: bool = False) -> str | None:
        """Where the command is, or None; with `own` also beside the Python that runs this, where extras are."""
        ...

    def python(self) -> str:
        """The Python of the project: of the active environment, of .venv in the root, or the one that runs this."""
        ...

    def facts(self) -> Mapping[str, Json]:
        """Of the machine: free_bytes, unix, boot_unix."""
        ...

    def port_is_free(self, address: str) -> bool:
        """Whether HOST:PORT can be listened on."""
        ...

    def fetch_json(self, url: str) -> Json:
        """What an https address answers, None where it does not, or with no JSON. Of 10 s and 4 MB at most."""
        ...

    def log(self, text: str) -> None:
        """A line for the log of the section."""
        ...


class Workers(Protocol):
    """Runs jobs beside one another."""

    def start(self, name: str, job: Callable[[], Json]) -> None:
        """Begin a job."""
        ...

    def next_done(self) -> tuple[str, Json]:
        """Wait for a job: its name and what it gave. What it raised is raised here."""
        ...


class Snapshots(Protocol):
    """Takes snapshots of the environment before and after a validation."""

    def take(self, moment: str) -> None:
        """Keep what the environment is like now, under the name of the moment: before or after."""
        ...

    def compared(self) -> Comparison | None:
        """What differs between the two; None where there are not both."""
        ...

    def to_json(self) -> Mapping[str, Any] | None:
        """The same as a document."""
        ...


class TracedProcesses(Protocol):
    """The processes of a service, as a trace sees them."""

    def processes(self) -> list[Process]:
        """Those that live now, with what can see into each, or why nothing can."""
        ...

    def look(self, pid: int) -> Look:
        """What is going on in one of them. Raises UnavailableError."""
        ...
