"""The values of configured secrets, in every form in which a service may show them."""

from __future__ import annotations

import base64
import json
import re
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from soakctl.redact.keys import classify
from soakctl.redact.rule import Hit, Tier
from soakctl.redact.values import is_missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHORT = 6  # fewer characters are hidden only as the whole value of a key
_PART = 12  # a line of a secret of several lines is hidden by itself from this length on
_ANY_KEY = 3  # fewer characters are hidden only under a key that promises a secret, or the secret's own name

# What curl, browsers, Python, Go and Java leave unencoded.
_URL_SAFE = ("", "/", "!'()*", "$&+,;=", ";,/?:@&=+$!*'()#", "*")
_KEY_BEFORE = re.compile(
    r"(?:(?P<flag>--?[\w.-]{1,64})[ \t]{1,4}|(?P<key>[\w.-]{1,64})[\"'`]?\]?[ \t]{0,4}[:=]>?[ \t]{0,4})[bru]?[\"'`]?\Z"
)
_VALUE_ENDS = re.compile(r"[\"'`,;&)}\]\s]|\Z")
_BASE64_START = string.ascii_letters + string.digits + "+/_-"
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/_=-]*")


@dataclass(frozen=True, slots=True)
class Literal:
    """One form of one secret.

    Attributes:
        text: the form.
        name: the secret's name.
        grows: base64, where the rest of the run around it is hidden too.
    """

    text: str
    name: str
    grows: bool = False

    def find(self, line: str, pos: int) -> tuple[Hit, ...]:
        """The place of the literal seen at `pos`."""
        start, end = pos, pos + len(self.text)
        if self.grows:
            run = _BASE64_RUN.match(line, end)
            end = run.end() if run else end
            head = line[:start]
            start = len(head.rstrip(_BASE64_START))
        return (Hit(start, end, self.name, Tier.CONFIGURED),)


@dataclass(frozen=True, slots=True)
class ShortValue:
    """A configured value that is too short, or too ordinary, to hide wherever it stands."""

    text: str
    name: str

    def find(self, line: str, pos: int) -> tuple[Hit, ...]:
        """The value seen at `pos`, when it is the whole value of a key."""
        end = pos + len(self.text)
        before = _KEY_BEFORE.search(line, max(0, pos - 80), pos)
        if not before or not _VALUE_ENDS.match(line, end) or not self.belongs_to(before["key"] or before["flag"]):
            return ()
        return (Hit(pos, end, self.name, Tier.CONFIGURED),)

    def belongs_to(self, key: str) -> bool:
        """Whether this value is hidden under that key."""
        if len(self.text) >= _ANY_KEY and not is_missing(self.text):
            return True
        return key.lstrip("-").casefold() == self.name.casefold() or classify(key) is not None


def literals(secrets: Mapping[str, str]) -> list[Literal]:
    """Every form of every secret that is long enough to be hidden wherever it stands, longest first."""
    found: dict[str, Literal] = {}
    for name, secret in secrets.items():
        value = secret.strip()
        if len(value) < SHORT or is_missing(value):
            continue
        for form in _plain_forms(value):
            found.setdefault(form, Literal(form, name))
        for form in _base64_forms(value):
            found.setdefault(form, Literal(form, name, grows=True))
    return sorted(found.values(), key=lambda literal: (-len(literal.text), literal.text))


def short_values(secrets: Mapping[str, str]) -> list[ShortValue]:
    """The secrets that are hidden only as the whole value of a key; empty ones are none."""
    values = ((name, secret.strip()) for name, secret in secrets.items())
    return [ShortValue(value, name) for name, value in values if value and (len(value) < SHORT or is_missing(value))]


def _plain_forms(value: str) -> Iterator[str]:
    parts = [part.strip() for part in value.splitlines()] if "\n" in value or "\r" in value else []
    for text in (value, *(part for part in parts if len(part) >= _PART)):
        yield text
        yield json.dumps(text)[1:-1]
        yield json.dumps(text, ensure_ascii=False)[1:-1]
        yield json.dumps(text)[1:-1].replace("/", "\\/")
        yield repr(text)[1:-1]
        yield from _markup_forms(text)
        yield from _url_forms(text)
        yield _bytes(text).hex()
        yield _bytes(text).hex().upper()


def _markup_forms(text: str) -> Iterator[str]:
    """As XML and HTML have it: every writer escapes the quotes in its own way, or not at all."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;")
    for angle in (plain, plain.replace(">", "&gt;")):
        for double in ('"', "&quot;", "&#34;"):
            for single in ("'", "&#x27;", "&#39;", "&apos;"):
                yield angle.replace('"', double).replace("'", single)


def _url_forms(text: str) -> Iterator[str]:
    data = _bytes(text)
    for safe in _URL_SAFE:
        encoded = quote(data, safe=safe)
        for form in (encoded, encoded.replace("%20", "+") if "+" not in safe else encoded):
            yield form
            yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), form)


def _base64_forms(value: str) -> Iterator[str]:
    """The part of the encoded text that does not depend on what stands before and after, in each alignment."""
    data = _bytes(value)
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + data).decode("ascii")
        first = (0, 2, 3)[shift]
        core = encoded[first : (shift + len(data)) * 8 // 6]
        yield core
        yield core.replace("+", "-").replace("/", "_")
        yield quote(core, safe="")


def _bytes(text: str) -> bytes:
    """The text as the service would write it; bytes of the environment that are no UTF-8 come back as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
