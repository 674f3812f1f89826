"""Values that the name beside them makes a secret: settings, JSON, YAML, query strings, headers, flags, XML."""

from __future__ import annotations

import re
import string
from enum import Enum, auto
from typing import NamedTuple

from soakctl.redact.keys import SecretKey, classify
from soakctl.redact.rule import Span
from soakctl.redact.tokens import PARAMETER
from soakctl.redact.values import is_code, is_opaque, is_placeholder, is_prose, is_secret


class _Form(Enum):
    """How a value is joined to its name, which decides where it ends."""

    FIELD = auto()  # key=value, "key": value, --key value
    COLON = auto()  # key: value, which may be a sentence
    COMPARED = auto()  # key == value, which is code
    TAG = auto()  # <key>value</key>
    ENCODED = auto()  # key%3Dvalue


class _Place(NamedTuple):
    line: str
    at: int
    key: SecretKey
    form: _Form


KEY_TAIL = re.compile(
    r"(?:der[ ]id|[\w.\-]{1,64})(?P<close>\\{0,3}[\"'`]?\]?)", re.IGNORECASE | re.ASCII
)
_NAME_CHARS = string.ascii_letters + string.digits + "_-."
_SEPARATOR = re.compile(
    r"[ \t]{0,8}(?:=>|:=|={1,3}|:(?!:|//))[ \t]{0,8}|%3[Dd]"
    # The name and the value of a setting as two fields or attributes, the arguments of a login.
    r"|[ \t]{0,2},[ \t]{0,2}\\{0,3}[\"'](?:[Vv]alue|args|params)\\{0,3}[\"'][ \t]{0,2}:[ \t]{0,2}"
    r"|[ \t]{1,4}[Vv]alue="
)
_COMMA = re.compile(r"[ \t]{0,2},[ \t]{0,2}(?=b?[\"'])")
_GAP = re.compile(r"[ \t]{1,4}")
# After `token` without a sign between them: long, of letters and digits, no name of anything.
_RANDOM = re.compile(r"(?=(?:[^\s\d]*\d){3})(?=[^\s]*[A-Za-z])[A-Za-z0-9+/=-]{16,512}(?![\w.(])")
_METAVAR = re.compile(r"[A-Z][A-Z_]*\]?(?:\s|$)")
_OPEN = re.compile(r"(?:[A-Za-z]\w{0,15}\(|\[\]string\{)?[bBuUrRfF]{0,2}(?P<quote>\\{0,3}[\"'`])")
_TO_QUOTE = {quote: re.compile(rf"[^{quote}\\\r\n]*(?:\\.[^{quote}\\\r\n]*)*") for quote in "\"'`"}
# A comma, a bracket or a quote ends a value unless it goes on; `&` and `;` end it before the next `key=`.
_BARE = re.compile(
    r"(?:[^\s\"'`<>,;&|(){}\[\]\\]|\\(?![nrt\"'u]))"
    r"(?:[^\s\"'`<>,;&|(){}\[\]\\]++"
    r"|[,;&|](?![\s,;&|\"'{}\[\]]|$|[\w.\-]{1,40}\\?[\"']?[=:])"
    r"|[(){}\[\]<>\"'`](?=[\w$%^*+!#@?~-])"
    r"|\\(?![nrt\"'u]))*+"
)
_ENCODED = re.compile(r"(?:[^\s\"'<>&%]++|%(?!26|22|27))++")
_TO_TAG = re.compile(r"[^<\r\n]*")
_TO_END = re.compile(r"[^\"'\r\n]*")
_LIST = re.compile(r"\[[^\[\]\r\n]*+\]?")
_LIST_ITEM = re.compile(r"[^\s\[\]\"',]+")
_SCHEME = re.compile(
    r"(?:(?P<one>Bearer|Basic|Token|ApiKey|Negotiate|NTLM|OAuth)|Digest|Hawk|AWS4[\w-]*)[ \t]+(?=\S)", re.IGNORECASE
)
_CREDENTIAL = re.compile(r"[^\s\"',;]+")
_WORDS = re.compile(r"(?:[a-z]{3,8}[ ,]{1,2}){5,32}[a-z]{3,8}")


def judge(match: re.Match[str]) -> Span | None:
    """Find the whole name around the keyword, what joins it to a value, and whether that value is a secret."""
    line = match.string
    start, name = _name(line, match)
    if line.endswith("::", 0, start):  # a class, not a field
        return None
    key = classify(name)
    if key is None and name.casefold() in {"key", "keys", "phrase"}:
        key = _spaced_key(line, start, name)
    place = _place(line, start, match, key, name) if key else None
    return _read(place) if place else None


def _name(line: str, match: re.Match[str]) -> tuple[int, str]:
    """Where the name begins, and the name."""
    head = line[max(0, match.start() - 64) : match.start()]
    start = match.start() - (len(head) - len(head.rstrip(_NAME_CHARS)))
    return start, line[start : match.start("close")]


def _spaced_key(line: str, start: int, name: str) -> SecretKey | None:
    """`API key: …`: the word before belongs to the name."""
    head = line[max(0, start - 24) : start]
    word = head.rstrip(" ")
    word = word[len(word.rstrip(string.ascii_letters)) :]
    return classify(f"{word}_{name}") if word and head.endswith(" ") else None


def _place(line: str, start: int, match: re.Match[str], key: SecretKey, name: str) -> _Place | None:
    """Where the value begins and how it is joined to the name; None where no value follows."""
    end, close = match.end(), match["close"]
    separator = _SEPARATOR.match(line, end)
    if separator:
        if separator[0].startswith("%"):
            return _Place(line, separator.end(), key, _Form.ENCODED)
        colon = separator[0].strip() == ":" and not close
        if colon and _is_label(line, start, key, name):
            return None
        if "args" in separator[0] or "params" in separator[0]:
            return _Place(line, separator.end(), SecretKey("auth"), _Form.FIELD) if key.kind == "auth" else None
        form = _Form.COMPARED if separator[0].strip() in {"==", "==="} else _Form.FIELD
        form = _Form.LINE if form is _Form.FIELD and _fills_quotes(line, start, name) else form
        return _Place(line, separator.end(), key, _Form.COLON if colon else form)
    if not close and line.startswith(">", end) and line[start - 1 : start] == "<":
        return _Place(line, end + 1, key, _Form.TAG)
    gap = _GAP.match(line, end)
    if gap and not close and _takes_argument(line, gap.end(), key, name):
        return _Place(line, gap.end(), key, _Form.FIELD)
    comma = _COMMA.match(line, end) if close and ("-" in name or key.kind in {"auth", "cookie"}) else None
    return _Place(line, comma.end(), key, _Form.FIELD) if comma else None


def _is_label(line: str, start: int, key: SecretKey, name: str) -> bool:
    """`PASS: test_x` is a result, `arn:…:secret:db` the name of a resource."""
    if key.weak and key.kind == "password":
        return name.isupper()
    return "arn:" in line[max(0, start - 80) : start].rpartition(" ")[2]


def _takes_argument(line: str, at: int, key: SecretKey, name: str) -> bool:
    """`--api-key VALUE` on a command line, `PASSWORD 'value'` in SQL."""
    if name.startswith("-"):
        return not line.startswith("-", at) and not _METAVAR.match(line, at)
    return key == SecretKey("password") and line.startswith(("'", '"'), at)


def _read(place: _Place) -> Span | None:
    line, at, key, form = place
    if form is _Form.TAG:
        return _bare(place, _TO_TAG)
    if form is _Form.ENCODED:
        return _bare(place, _ENCODED)
    opened = _OPEN.match(line, at)
    if opened:
        closes = form is _Form.COLON and line.startswith((",", ")", " +", " ."), opened.end())
        return None if closes else _quoted(line, opened, key)
    scheme = _SCHEME.match(line, at) if key.kind in {"auth", "token"} else None
    if scheme:
        return _credential(line, scheme, key)
    if form is _Form.COLON and key.kind == "cookie":
        return _cookies(line, at)
    if key.kind == "seed-phrase" and (words := _WORDS.match(line, at)):
        return Span(*words.span(), key.kind)
    if line.startswith("[", at):
        return _list(line, at, key)
    return _bare(place, _BARE)


def _quoted(line: str, opened: re.Match[str], key: SecretKey) -> Span | None:
    start, quote = opened.end(), opened["quote"]
    if len(quote) > 1:  # \"…\" inside a string: the same quote, escaped as deep, ends it
        found = line.find(quote, start)
        end = found if found >= 0 else len(line.rstrip("\r\n"))
    else:
        inner = _TO_QUOTE[quote].match(line, start)
        end = inner.end() if inner else start
    scheme = _SCHEME.match(line, start, end) if key.kind in {"auth", "token"} else None
    if scheme:
        return None if is_placeholder(line[scheme.end() : end]) else Span(scheme.end(), end, key.kind)
    return Span(start, end, key.kind) if is_secret(key, line[start:end]) else None


def _credential(line: str, scheme: re.Match[str], key: SecretKey) -> Span | None:
    found = (_CREDENTIAL if scheme["one"] else _TO_END).match(line, scheme.end())
    if not found or not is_secret(SecretKey(key.kind), found[0]) or (scheme["one"] and PARAMETER.match(found[0])):
        return None
    return Span(found.start(), found.start() + len(found[0].rstrip()), key.kind)


def _cookies(line: str, at: int) -> Span | None:
    """`Cookie: a=1; b=2`: all pairs, to the end of the header."""
    found = _TO_END.match(line, at)
    text = found[0].rstrip() if found else ""
    return Span(at, at + len(text), "cookie") if "=" in text else None


def _list(line: str, at: int, key: SecretKey) -> Span | None:
    found = _LIST.match(line, at)
    if key.weak or not found:
        return None
    hidden = any(is_secret(key, item, quoted=False) for item in _LIST_ITEM.findall(found[0]))
    return Span(*found.span(), key.kind) if hidden else None


def _bare(place: _Place, pattern: re.Pattern[str]) -> Span | None:
    line, at, key, form = place
    found = pattern.match(line, at)
    text = found[0].rstrip() if found else ""
    if form is _Form.COLON and key.kind != "password":
        text = text.rstrip(".,;:!?")
    end = at + len(text)
    if not text or not is_secret(key, text, quoted=form is _Form.TAG):
        return None
    if form is _Form.TAG and not line.startswith("</", end):
        return None
    if form is _Form.COLON:
        nameless = key.kind == "order-id" and not any(map(str.isdigit, text))
        if nameless or is_prose(text, line[end : end + 80]):
            return None
        if key.weak and key.kind == "password" and line[end:].strip():
            return None
    if form is _Form.COMPARED and not is_opaque(text):
        return None
    if form is _Form.FIELD and is_code(text, line[end : end + 1]):
        return None
    return Span(at, end, key.kind)
