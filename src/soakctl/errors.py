"""Exit codes and the errors that carry them. Imports nothing of ours, so any layer may use it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitCode(IntEnum):
    """What the process says when it ends; the names are shown beside the numbers."""

    SUCCESS = 0
    EXCEPTION = 1
    STALLED = 2
    CONFIG_ERROR = 3
    API_ERROR = 4
    DEPENDENCY_ERROR = 5
    USAGE = 64
    UNAVAILABLE = 69
    INTERNAL = 70
    HANGUP = 129
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def label(self) -> str:
        """The name as users see it: the three signal codes share INTERRUPTED."""
        return "INTERRUPTED" if self >= ExitCode.HANGUP else self.name


# Where several codes apply the first of these wins; the rest follow in the order of their values.
_PRECEDENCE = (
    ExitCode.INTERNAL,
    ExitCode.HANGUP,
    ExitCode.INTERRUPTED,
    ExitCode.TERMINATED,
    ExitCode.CONFIG_ERROR,
    ExitCode.DEPENDENCY_ERROR,
    ExitCode.API_ERROR,
    ExitCode.STALLED,
    ExitCode.EXCEPTION,
)


def strongest(codes: Iterable[ExitCode]) -> ExitCode:
    """The code that stands where several apply; SUCCESS for none."""
    rank = {code: place for place, code in enumerate(_PRECEDENCE)}
    return min(codes, key=lambda code: rank.get(code, len(rank)), default=ExitCode.SUCCESS)


class SoakctlError(Exception):
    """Something a person can act on.

    Attributes:
        message: what happened.
        hint: what to do next, or "".
        where: the file, line, key or address it happened at, or "".
    """

    exit_code = ExitCode.EXCEPTION

    def __init__(self, message: str, *, hint: str = "", where: str = "") -> None:
        """Keep the three parts apart, so that text and JSON output can each show them."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where


class ConfigError(SoakctlError):
    """The configuration is invalid."""

    exit_code = ExitCode.CONFIG_ERROR


class NoDataError(SoakctlError):
    """The run to judge does not exist or holds no data."""

    exit_code = ExitCode.CONFIG_ERROR


class DependencyError(SoakctlError):
    """Something that is needed is not installed."""

    exit_code = ExitCode.DEPENDENCY_ERROR


class UsageError(SoakctlError):
    """The command line is wrong."""

    exit_code = ExitCode.USAGE


class UnavailableError(SoakctlError):
    """Could not look or reach: no such process, no permission, no space."""

    exit_code = ExitCode.UNAVAILABLE
