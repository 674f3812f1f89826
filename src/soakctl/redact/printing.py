"""`print` for programs that use soakctl as a library: nothing secret reaches the terminal."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from soakctl.redact.redactor import Redactor

if TYPE_CHECKING:
    from typing import TextIO


@cache
def _usual() -> Redactor:
    return Redactor()


def safe_print(
    *values: object,
    sep: str | None = " ",
    end: str | None = "\n",
    file: TextIO | None = None,
    flush: bool = False,
    redactor: Redactor | None = None,
) -> None:
    """Print as `print` does, with secrets hidden; give a `redactor` that knows configured values to hide those, too.

    Dictionaries, lists and tuples are redacted as JSON values first, so that a name beside a value counts. What is
    printed in several calls cannot be seen together: a private key is best given as one text.
    """
    hide = redactor or _usual()
    text = (" " if sep is None else sep).join(str(_hidden(value, hide)) for value in values)
    target = file or sys.stdout
    target.write(hide.text(text) + ("\n" if end is None else end))
    if flush:
        target.flush()


def _hidden(value: object, hide: Redactor) -> Any:
    return hide.value(value) if isinstance(value, dict | list | tuple) else value
