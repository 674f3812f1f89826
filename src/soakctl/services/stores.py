"""A store for what leaves no record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.domain.journal import Entry
    from soakctl.domain.record import Record
    from soakctl.domain.sample import Sample


class NullStore:
    """Records nothing: a smoke test is its exit code and its report."""

    def append(self, entry: Entry) -> None:
        """Forget the entry."""

    def append_sample(self, sample: Sample) -> None:
        """Forget the sample."""

    def write(self, name: str, document: Mapping[str, Any]) -> None:
        """Forget the document."""

    def write_text(self, name: str, text: str) -> None:
        """Forget the text."""

    def load(self) -> Record:
        """Raises NoDataError: there is no record."""
        message = "a smoke test leaves no record"
        raise NoDataError(message)
