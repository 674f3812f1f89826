"""The one redactor that every way out of soakctl goes through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, overload

from soakctl.errors import ConfigError
from soakctl.redact.blocks import Blocks
from soakctl.redact.lines import Marks
from soakctl.redact.literals import literals, short_values
from soakctl.redact.pem import PemLines
from soakctl.redact.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = Any


class Redactor:
    """Hides secrets, credentials and personal data in text and in JSON values.

    The same input gives the same output, and redacting twice changes nothing more. Safe to share between threads.
    """

    def __init__(
        self, secrets: Mapping[str, str] | None = None, *, extra: Sequence[str] = (), keep: Sequence[str] = ()
    ) -> None:
        """Know what to hide.

        Args:
            secrets: values of configured secrets by name; hidden wherever they stand, whatever else says.
            extra: regular expressions; what they match is hidden too, or only their group `secret`.
            keep: regular expressions; what a built-in rule would hide within a match of theirs stays.

        Raises:
            ConfigError: a regular expression is invalid.
        """
        secrets = secrets or {}
        self._names = tuple(secrets)
        shorts = short_values(secrets)
        forms = literals(secrets)
        marks = Marks(form.text for form in forms)
        self._marks = marks
        self._blocks = Blocks(
            [*((form.text, form) for form in forms), *((short.text, short) for short in shorts)],
            extra=_compiled("redact.extra", extra),
            keep=_compiled("redact.keep", keep),
            marks=marks,
        )
        self._tree = Tree(self.text, marks.__getitem__, shorts)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the configured secrets; names may be shown."""
        return self._names

    def text(self, text: str) -> str:
        """A line, or a block of lines, with everything secret replaced; the number of lines stays. Never raises."""
        return self.block(text)

    @overload
    def block(self, block: str) -> str: ...
    @overload
    def block(self, block: bytes) -> bytes: ...
    def block(self, block: str | bytes) -> str | bytes:
        """A block of whole lines, as text or as UTF-8 (invalid bytes stay). The quickest way for many lines."""
        if isinstance(block, bytes):
            return self._blocks.redact(block, "surrogateescape")
        data = block.encode("utf-8", "surrogatepass")
        done = self._blocks.redact(data, "surrogatepass")
        return block if done is data else done.decode("utf-8", "surrogatepass")

    def value(self, obj: Json) -> Json:
        """A JSON value with its strings and keys redacted, and strings under secret names hidden whole.

        Numbers, booleans and None stay. The same object comes back when nothing changed; the argument never changes.
        """
        return self._tree.value(obj)

    def stream(self) -> LineRedactor:
        """A redactor of the lines of one stream, that knows when it is inside a private key."""
        return LineRedactor(self, PemLines(self._marks["private-key"]))


class LineRedactor:
    """Redacts the lines of one stream, one after the other. Not to be shared between streams."""

    def __init__(self, redactor: Redactor, keys: PemLines) -> None:
        """`keys` remembers whether a private key is being shown."""
        self._redactor = redactor
        self._keys = keys

    def line(self, line: str) -> str:
        """The next line, redacted."""
        return self._redactor.text(self._keys.line(line))

    def outside_keys(self, line: str) -> str:
        """The next line with nothing hidden but the body of a private key: for what is searched before it is shown."""
        return self._keys.line(line)


def _compiled(where: str, patterns: Sequence[str]) -> list[re.Pattern[str]]:
    compiled = []
    for number, pattern in enumerate(patterns):
        try:
            compiled.append(re.compile(pattern))
        except re.error as error:
            message = f"not a regular expression: {error.msg}: {pattern}"
            raise ConfigError(message, hint="Check the brackets and backslashes.", where=f"{where}[{number}]") from None
    return compiled
