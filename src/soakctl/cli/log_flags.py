"""The options of `soakctl logs`, and which of them go together."""

from __future__ import annotations

from dataclasses import dataclass

from soakctl.errors import UsageError

_NEIGHBOURS = {"-A": "after", "-B": "before", "-C": "context"}
# What says nothing to those that sum logs up.
_UNUSED = {
    "checkpoints": {"-n": "lines", "--level": "level", "--grep": "grep", **_NEIGHBOURS},
    "errors": _NEIGHBOURS,
    "rate": {"-n": "lines", "--level": "level", **_NEIGHBOURS},
}


@dataclass(frozen=True, slots=True)
class LogFlags:
    """What was given on the command line."""

    files: tuple[str, ...] = ()
    lines: int | None = None
    follow: bool = False
    level: str | None = None
    grep: str | None = None
    after: int | None = None
    before: int | None = None
    context: int | None = None
    since: str | None = None
    until: str | None = None
    checkpoints: bool = False
    errors: bool = False
    rate: bool = False
    run: str | None = None
    cursor: str | None = None

    @property
    def names_neighbours(self) -> bool:
        """Whether lines beside others are asked for, though it may be none."""
        return any(value is not None for value in (self.after, self.before, self.context))

    def check(self) -> None:
        """Raise UsageError for what has no meaning together."""
        for name, value in (("-n", self.lines), ("-A", self.after), ("-B", self.before), ("-C", self.context)):
            if value is not None and value < 0:
                message = f"{name} is a number from 0 on, not {value}"
                raise UsageError(message)
        ways = [name for name in ("checkpoints", "errors", "rate") if getattr(self, name)]
        if len(ways) > 1:
            message = f"--{ways[0]} and --{ways[1]} each show something else; give one"
            raise UsageError(message)
        for way, names in _UNUSED.items():
            unused = [name for name, field in names.items() if getattr(self, way) and getattr(self, field) is not None]
            if unused:
                message = f"{' and '.join(unused)} {'do' if len(unused) > 1 else 'does'} not go with --{way}"
                raise UsageError(message)
        if self.files and self.run is not None:
            message = "FILE and --run each say what to read; give one"
            raise UsageError(message)
        if self.follow and ways:
            message = f"--{ways[0]} looks at what is there; it does not go with -f"
            raise UsageError(message)
        if self.cursor is not None and not self.follow:
            message = "--cursor goes with -f"
            raise UsageError(message)
        packed = [path for path in self.files if path.endswith((".gz", ".zst", ".bz2", ".xz"))]
        if self.follow and (packed or (len(self.files) > 1 and "-" in self.files)):
            message = f"-f follows files that are written to, not {packed[0] if packed else 'standard input and files'}"
            raise UsageError(message)
