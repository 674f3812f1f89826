"""Judges of credentials that are known by their own look."""

from __future__ import annotations

import base64
import binascii
import re

from soakctl.redact.rule import Span
from soakctl.redact.values import is_placeholder

# `realm="…"` of a challenge
_RANDOM_PART = 16
_NO_WORD = 24
PARAMETER = re.compile(r"\w+=[^=]")

# `X-BAPI-SIGN: …`, `"OK-ACCESS-SIGN": "…"`: what proves a request to a trading venue.
SIGN_HEADER = (
    r"(?:(?P<venue>(?<=api-)|(?<=ess-))|(?<=[\w]-))sign(?:ature)?[\"']?[ ]?:[ ]?[\"']?"
    r"(?P<s>[\w+/=]{16,1024}|(?(venue)(?=[^\s\d]{0,16}\d)[\w+/=]{8,15}(?![\w+/=])|(?!)))"
)


def looks_random(match: re.Match[str]) -> Span | None:
    """A token, not a name: some part of it is long and has digits and letters."""
    for part in match[0].split("-"):
        if len(part) >= _RANDOM_PART and any(map(str.isdigit, part)) and any(map(str.isalpha, part)):
            return Span(*match.span())
    return None


def argument(match: re.Match[str]) -> Span | None:
    """A password on a command line, unless it only stands where one would."""
    return None if is_placeholder(match["s"]) else Span(*match.span("s"))


def bearer(match: re.Match[str]) -> Span | None:
    """The credential after `Bearer`, unless it is a word of a sentence or a parameter of a challenge."""
    text = match["s"]
    opaque = any(map(str.isdigit, text)) or len(text) >= _NO_WORD or (text != text.lower() and text != text.title())
    if not opaque or PARAMETER.match(text):
        return None
    return Span(*match.span("s"))


def basic(match: re.Match[str]) -> Span | None:
    """The credential after `Basic`, when it decodes to name:password."""
    text = match["s"].rstrip("=")
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return Span(*match.span("s")) if b":" in decoded else None
