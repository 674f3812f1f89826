"""Personal data and credentials that have the shape of an address: e-mail, public IP, user information of a URL."""

from __future__ import annotations

import ipaddress
import re
import string
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from soakctl.redact.rule import Span
from soakctl.redact.values import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Container

EMAIL = r"(?:@|%40)(?P<domain>(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[A-Za-z]{2,24})(?![\w-])"
_LOCAL_CHARS = string.ascii_letters + string.digits + "._%+'-"
# Package versions, images for two densities, service units and remote repositories are no mailboxes.
_NOT_A_TLD: Container[str] = frozenset(
    "png jpg jpeg gif svg webp ico js mjs ts css map json html py so jar xml yaml yml "
    "service socket timer target slice scope mount device path swap rc alpha beta".split()
)
_NUMBERED = re.compile(r"v?\d+\.")

# The look back stands after the first digit, so that `re` can skip to digits.
IPV4_SHAPE = re.compile(rb"\.\d{1,3}\.\d{1,3}\.")
IPV4 = re.compile(
    r"[0-9](?<![\w.][0-9])[0-9]{0,2}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?!\w|\.[0-9]|\.[A-Za-z_]\w*\.?\w)"
)
# A time of day has too few colons.
IPV6_SHAPE = re.compile(rb":(?::|(?:[0-9a-fA-F]{1,4}:){6})")
IPV6 = re.compile(r"[23](?<![\w:.][23])[0-9a-fA-F]{3}:[0-9a-fA-F:]{1,40}(?![\w.])")
# How far the words before an IPv4 address are looked at.
BEFORE_IPV4 = 40
_WORD_CHARS = string.ascii_letters + string.digits + "_-"
_VERSION_WORDS: Container[str] = frozenset(
    "version versions ver v release rev revision build firmware driver sdk kernel section chapter step rule oid".split()
)
_CHANGE_WORDS: Container[str] = frozenset(
    "upgrade upgraded upgrading update updated updating patch patched bump bumped downgrade downgraded".split()
)
_COMPARISONS = ("==", ">=", "<=", "~=", "!=", "^=")
_HOST_WORDS: Container[str] = frozenset(
    "ip host client node peer addr address server from to src dst user worker pod".split()
)
# Of the others, parts are not public.
ORDINARY_IPV4 = (
    r"(?!(?:10|100|127|169|172|192|198|203)\.)(?:[1-9][0-9]?|1[0-9]{2}|2[01][0-9]|22[0-3])"
    r"(?:\.(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}"
)
_ORDINARY = re.compile(ORDINARY_IPV4)
_COLONS = 7
_PACKAGE_AFTER = re.compile(r"[-+~](?!(?:\d{1,3}\.){3})\w")
_PORT_AFTER = re.compile(r":\d")

USERINFO = r"@(?=[\w\[%$-])"
_SCHEME_TAIL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z")
_PORT_AND_QUERY = re.compile(r"\d{1,5}/.*[?=].*")
_ORACLE = re.compile(r"jdbc:oracle:\w{2,8}:[\w$#]{1,64}/(?P<s>[^\s/@\"']{1,128})\Z")
_ACCOUNTS: Container[str] = frozenset({"git", "hg", "svn", "root", "user", "admin", "anonymous", "guest", "postgres"})
_LONG_USER = 20  # no longer a name
_WEB: Container[str] = frozenset({"http", "https", "ws", "wss"})


def email(match: re.Match[str]) -> Span | None:
    """An address with a mailbox before the @ and a domain name after it."""
    line = match.string
    head = line[max(0, match.start() - 64) : match.start()]
    rest = head.rstrip(_LOCAL_CHARS)
    while rest and not rest[-1].isascii() and unicodedata.category(rest[-1])[0] in "LM":  # of another alphabet
        rest = rest[:-1].rstrip(_LOCAL_CHARS)
    local = head[len(rest) :].lstrip(".'%-")
    domain = match["domain"].lower()
    start = match.start() - len(local)
    remote = (local == "git" and line.startswith(":", match.end())) or line.endswith("://", 0, start)
    if not local or remote or domain.rpartition(".")[2] in _NOT_A_TLD or _NUMBERED.match(domain):
        return None
    return None if userinfo(match) else Span(start, match.end())


def is_public(text: str) -> bool:
    """Whether this is the address of one machine on the public internet."""
    if _ORDINARY.fullmatch(text):
        return True
    # A time of day looks a little like one.
    return (":" not in text or "::" in text or text.count(":") == _COLONS) and _is_public(text)


@lru_cache(maxsize=4096)
def _is_public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast


def ipv4(match: re.Match[str]) -> Span | None:
    """A public IPv4 address that is not a version number."""
    line, (start, end) = match.string, match.span()
    before = line[max(0, start - BEFORE_IPV4) : start]
    return Span(start, end) if hides_ipv4(match[0], before, line, end) else None


def hides_ipv4(address: str, before: str, text: str, end: int) -> bool:
    """Whether what looks like an address goes: `before` is what its line has before it, in `text` it ends at `end`."""
    if not is_public(address) or _PACKAGE_AFTER.match(text, end):
        return False
    version, release = _told_by(before) if before else (False, False)
    return not version and not (release and not _PORT_AFTER.match(text, end))


@lru_cache(maxsize=1024)
def _told_by(before: str) -> tuple[bool, bool]:
    return _is_version(before), _is_release(before)


def _is_version(before: str) -> bool:
    """Whether the words before a number say that it is one: `version: 1.2.3.4`, `update x to 1.2.3.4`."""
    text = before.rstrip(" \t\"'(")
    words = text.rstrip(":= \"'_").lower().split()[-3:]
    if text.endswith(_COMPARISONS) or not words:
        return bool(words)
    last = words[-2] if words[-1] in {"is", "to", "from"} and len(words) > 1 else words[-1]
    return last[len(last.rstrip(string.ascii_lowercase)) :] in _VERSION_WORDS or any(
        word in _CHANGE_WORDS for word in words
    )


def _is_release(before: str) -> bool:
    """`nginx/1.2.3.4` and `perl-5.6.7.8` are releases; `api.example.com/1.2.3.4` and `client-1.2.3.4` are hosts."""
    head, joint = before[:-1], before[-1:]
    if joint == "/":
        rest = head.rstrip(_WORD_CHARS)
        return head[len(rest) :][:1].isalpha() and not rest.endswith((".", "/"))
    word = head[len(head.rstrip(string.ascii_letters)) :]
    return joint == "-" and bool(word) and word.lower() not in _HOST_WORDS


def ipv6(match: re.Match[str]) -> Span | None:
    """A public IPv6 address; a colon after it belongs to the sentence."""
    text = match[0]
    if text.endswith(":") and not text.endswith("::"):
        text = text[:-1]
    return Span(match.start(), match.start() + len(text)) if is_public(text) else None


def userinfo(match: re.Match[str]) -> Span | None:
    """What stands between :// and the @: the password, or all of it where the name may be the secret."""
    line, at = match.string, match.start()
    begin = line.rfind("://", max(0, at - 1024), at)
    if begin < 0:
        return _go_dsn(line, at)
    start = begin + 3
    info = line[start:at]
    scheme = _SCHEME_TAIL.search(line[max(0, begin - 24) : begin])
    if not scheme or not info or any(char in info for char in " \t\"'<>`"):
        return None
    user, colon, password = info.partition(":")
    web = scheme[0].lower() in _WEB
    is_path = _PORT_AND_QUERY.fullmatch(password)
    if "/" in user or (web and "/" in info) or is_path:
        return None
    if not colon:
        hidden = (web and user.lower() not in _ACCOUNTS) or len(user) >= _LONG_USER
        return Span(start, at) if hidden and not is_placeholder(user) else None
    if is_placeholder(password) and (not web or is_placeholder(user) or password):
        return None
    return Span(start if web else start + len(user) + 1, at)


def _go_dsn(line: str, at: int) -> Span | None:
    """`app:password@tcp(db:3306)/x`, as Go's MySQL driver writes it; `jdbc:oracle:thin:app/password@db:1521:x`."""
    oracle = _ORACLE.search(line, max(0, at - 256), at)
    if oracle:
        return None if is_placeholder(oracle["s"]) else Span(*oracle.span("s"))
    if not line.startswith(("tcp(", "unix("), at + 1):
        return None
    info = line[max(0, at - 256) : at].rpartition(" ")[2]
    user, colon, password = info.partition(":")
    return Span(at - len(password), at) if user and colon and not is_placeholder(password) else None
