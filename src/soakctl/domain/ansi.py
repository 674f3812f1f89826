"""Terminal escape sequences: what a service colours is read, matched and kept without its colours."""

from __future__ import annotations

import re

_ESCAPE = "\x1b"
_SEQUENCE = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, links
    r"|[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS and the like
    r"|[ -/]+[0-~]"  # character sets
    r"|[0-Z\\-~]"
    r")?"
)


# Bells, backspaces and C1, where some terminals begin a sequence with one character; not tab, line feed, return.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


# They turn the order of what is shown around, so that a line reads as another one.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def without_turns(text: str) -> str:
    """The text with what would turn its order around shown as an escape."""
    return text if text.isascii() else _BIDI.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def without_escapes(text: str) -> str:
    """The text as a terminal would show it, and with nothing that would make it do something else."""
    if text.isprintable():
        return text
    return without_turns(_CONTROL.sub("", _SEQUENCE.sub("", text) if _ESCAPE in text else text))
