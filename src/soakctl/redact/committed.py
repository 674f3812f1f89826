"""How files write a secret beside its name where no log does: declarations, defaults, manifests, password files.

Each is a pattern over a block of bytes in lower case, with the name before or in the match and the value in group `v`.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from soakctl.redact.keys import SecretKey, classify
from soakctl.redact.rules import KEY, NAMED
from soakctl.redact.scan import any_of
from soakctl.redact.values import is_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARTS = any_of(dict.fromkeys(KEY.gates, ""))
_NAME = rf"(?P<n>[\w.\-]{{0,40}}(?:{_PARTS})[\w.\-]{{0,40}})"
_BARE = r"(?P<v>[^\s\"'`<>(){}\[\],;]{6,256})"

# `token: str = "…"`, `apiKey string = "…"`, `getenv("API_KEY", "…")`, `ENV["KEY"] ||= "…"`, `#define KEY "…"`,
# each also with a call around the value: `SecretStr("…")`.
_DECLARED = re.compile(
    rf"(?:{_PARTS})[\w.\-]{{0,40}}+(?P<close>\\?[\"'`]?\]?)(?:"
    r"[?!]?[ \t]{0,4}:[ \t]{0,4}[&a-z_][\w.\[\], |?<>&:]{0,60}?[ \t]{0,4}=(?![=>])[ \t]{0,4}"
    r"|[ \t]{1,4}(?:string|\[\]byte)[ \t]{0,4}=[ \t]{0,4}"
    r"|(?P<comma>[ \t]{0,2},)[ \t\r\n]{0,24}(?:[^()\n]{0,120}\bdefault[ \t]{0,2}=[ \t]{0,2})?"
    r"|[ \t]{0,8}(?:\|\|=|\?\?=|\?=|:=|=>|=|:)[ \t]{0,8}(?:\([ \t\r\n]{0,40})?"
    r"|(?P<gap>[ \t]{1,16}))"
    r"(?:[a-z_][\w.:]{0,30}\((?:default=)?)?[brufl@]{0,2}\\?[\"'`](?P<v>[^\s\"'`\\{}]{6,256})\\?[\"'`]".encode()
)
_DEFINES = (b"define ", b"define\t", b"with ")  # of C and of SQL
# Each begins with a word, as that is what `re` is quick to look for.
_NAMED = tuple(
    re.compile(pattern.encode(), re.MULTILINE)
    for pattern in (
        # Kubernetes and its kin, .NET
        rf"name[\"']?:[ ]{{0,4}}[\"']?{_NAME}[\"']?[ \t]*,?\s{{1,80}}[\"']?value[\"']?:[ ]{{0,4}}[\"']?{_BARE}",
        *(rf"{word}=\"{_NAME}\"\s{{1,8}}value=\"(?P<v>[^\"\s]{{6,256}})\"" for word in ("key", "name")),
        *(
            rf"{word}(?<![\w.-]...)[ \t]{{1,8}}{_NAME}[ \t]{{1,8}}[\"']?{_BARE}[\"']?[ \t]*\r?$"
            for word in ("env", "arg")
        ),
    )
)
# Connection strings: other settings stand before the password.
_CONNECTION = re.compile(rf"(?:password|passwd|pwd)[ ]?=[ ]?{_BARE}".encode())
_SETTING = re.compile(rb"\w=[^;\"'=]{1,64}(?:;[ ]?|[ ])\Z")
_PASSWORDS = (re.compile(rf"machine\s+\S+\s+login\s+\S+\s+password\s+{_BARE}".encode()),)
_OF_FILES = {
    name: re.compile(pattern.encode(), re.MULTILINE)
    for names, pattern in (
        (".netrc _netrc netrc", rf"\bpassword\s+{_BARE}"),
        (".pgpass pgpass.conf", r"^[^:#\n]+:(?:\d+|\*):[^:\n]+:[^:\n]+:(?P<v>[^\s:]{6,256})[ \t]*\r?$"),
    )
    for name in names.split()
}
_HEADER = re.compile(
    rb"authorization\\?[\"'`]?\]?[ \t]{0,4}[:=,][ \t]{0,4}[bruf]{0,2}\\?[\"'`]?"
    rb"(?:bearer|token|apikey|basic)[ ]{1,4}(?P<v>[\w.~+/=-]{10,4096})"
)
_PASSWORD = SecretKey("password")
# `curl -u …`, `mysql -p…`, `IDENTIFIED BY '…'`: told by what stands before them.
COMMANDS = tuple(rule for rule in NAMED if rule.id == "password")


class Written(NamedTuple):
    """A value in a block: its place, and what its name says of it."""

    start: int
    end: int
    kind: str


def written(data: bytes, path: str) -> Iterator[Written]:
    """The values that stand beside a name which promises a secret; whether they are any is not judged."""
    low = data.lower()
    for match in _DECLARED.finditer(low):
        if _is_declared(low, match):
            yield from _under(data, _name_at(data, match), match)
    for pattern in _NAMED:
        for match in pattern.finditer(low):
            yield from _under(data, data[match.start("n") : match.end("n")], match)
    for match in _CONNECTION.finditer(low):
        if _SETTING.search(low, max(0, match.start() - 80), match.start()):
            yield Written(*match.span("v"), _PASSWORD.kind)
    of_file = _OF_FILES.get(PurePosixPath(path).name)
    for pattern in (*_PASSWORDS, *([of_file] if of_file else [])):
        for match in pattern.finditer(low):
            yield Written(*match.span("v"), _PASSWORD.kind)
    for match in _HEADER.finditer(low):
        yield Written(*match.span("v"), "auth")


def _is_declared(low: bytes, match: re.Match[bytes]) -> bool:
    """A comma and a mere gap say something only in a call, and behind `#define` or `WITH`."""
    if match["comma"] is None and match["gap"] is None:
        return True
    start = _name_start(low, match.start())
    if match["gap"] is not None:
        return low.endswith(_DEFINES, 0, start)
    return bool(match["close"]) and low[start - 2 : start - 1] == b"("


def _name_start(data: bytes, at: int) -> int:
    head = data[max(0, at - 64) : at]
    return at - (len(head) - len(head.rstrip(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")))


def _name_at(data: bytes, match: re.Match[bytes]) -> bytes:
    name = re.match(rb"[\w.\-]+", data[_name_start(data, match.start()) : match.end()])
    return name[0] if name else b""


def _under(data: bytes, name: bytes, match: re.Match[bytes]) -> Iterator[Written]:
    key = classify(name.decode("latin-1"))
    if key is not None and is_secret(key, data[match.start("v") : match.end("v")].decode("latin-1")):
        yield Written(*match.span("v"), key.kind)
