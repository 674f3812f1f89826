"""What is known to be no secret: excluded paths, the whitelist file, the baseline."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from soakctl.domain.glob import matches
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.config.validate import SecretScan
    from soakctl.ports import Bench

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FINGERPRINT = re.compile(r"(?P<rule>[\w.-]+(?::[\w.-]+)?):(?P<path>.+):(?P<line>\d+)")


class Finding(Protocol):
    """A finding, as far as a whitelist is concerned."""

    @property
    def path(self) -> str:
        """Of the file."""
        ...

    @property
    def line(self) -> int:
        """Its number, 0 for the name of the file."""
        ...

    @property
    def rule(self) -> str:
        """Which found it."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 of the value, in hex."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """What is let through.

    Attributes:
        globs: files that are not looked at.
        places: rule, path and line.
        digests: SHA-256 of values.
        baseline: path and SHA-256 of a value.
        notes: which files this was read from.
    """

    globs: tuple[str, ...] = ()
    places: frozenset[tuple[str, str, int]] = frozenset()
    digests: frozenset[str] = frozenset()
    baseline: frozenset[tuple[str, str]] = frozenset()
    notes: tuple[str, ...] = ()

    def excludes(self, path: str) -> bool:
        """Whether the file is not looked at."""
        return bool(self.globs) and matches(path, self.globs)

    def allows(self, finding: Finding) -> bool:
        """Whether the finding is known to be none."""
        return (
            finding.digest in self.digests
            or (finding.path, finding.digest) in self.baseline
            or (finding.rule, finding.path, finding.line) in self.places
        )


def known_of(asked: SecretScan, bench: Bench) -> Known:
    """Read the whitelist files that are there, and the baseline. Raises ConfigError for what cannot be one."""
    globs, places, digests = list(asked.exclude), set[tuple[str, str, int]](), set[str]()
    notes = []
    for path in asked.whitelist:
        if not bench.exists(path):
            continue
        notes.append(f"whitelist: {path}")
        for line in _entries(bench.text(path)):
            place = _FINGERPRINT.fullmatch(line)
            if _SHA256.fullmatch(line):
                digests.add(line)
            elif place is not None:
                places.add((place["rule"], place["path"], int(place["line"])))
            else:
                globs.append(line)
    baseline = frozenset(_baseline(asked.baseline, bench)) if bench.exists(asked.baseline) else frozenset()
    if baseline:
        notes.append(f"baseline: {asked.baseline}")
    return Known(tuple(globs), frozenset(places), frozenset(digests), baseline, tuple(notes))


def _entries(text: str) -> Iterator[str]:
    for raw in text.splitlines():
        line = raw.split(" #")[0].strip()
        if line and not line.startswith("#"):
            yield line


def _baseline(path: str, bench: Bench) -> Iterator[tuple[str, str]]:
    """Values that are known at a path, by their hash; a list of detect-secrets has other hashes and is refused."""
    try:
        results: dict[str, list[dict[str, Any]]] = json.loads(bench.text(path))["results"]
        for file, entries in results.items():
            for entry in entries:
                yield file, entry["sha256"]
    except (ValueError, KeyError, TypeError, AttributeError):
        hint = "write it with `soakctl validate --section secrets --update-baseline`"
        raise ConfigError("is no baseline of soakctl", hint=hint, where=path) from None
