"""Where the value of a name ends, in each of the forms in which the two are joined."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

from soakctl.redact.keys import SecretKey
from soakctl.redact.rule import Span
from soakctl.redact.tokens import PARAMETER
from soakctl.redact.values import is_code, is_file, is_opaque, is_placeholder, is_prose, is_secret


class Form(Enum):
    """How a value is joined to its name."""

    FIELD = auto()  # key=value, "key": value, --key value
    COLON = auto()  # key: value, which may be a sentence
    COMPARED = auto()  # key == value, which is code
    QUOTED_WHOLE = auto()  # "KEY=value with spaces"
    TAG = auto()  # <key>value</key>
    ENCODED = auto()  # key%3Dvalue
    SAID = auto()  # key is value
    ARROW = auto()  # key->value, which is code more often
    VARIABLE = auto()  # KEY=value at the beginning of a line
    PAIR = auto()  # ("key", "value"), which may be two names


class Place(NamedTuple):
    """Where a value begins, and what is known of it."""

    line: str
    at: int
    key: SecretKey
    form: Form


_OPEN = re.compile(r"(?:[A-Za-z]\w{0,15}\(|\[\]string\{)?[bBuUrRfF]{0,2}(?P<quote>\\{0,3}[\"'`])")
_TO_QUOTE = {quote: re.compile(rf"[^{quote}\\\r\n]*(?:\\.[^{quote}\\\r\n]*)*") for quote in '"`'}
_TO_QUOTE["'"] = re.compile(r"[^'\\\r\n]*(?:(?:\\.|'')[^'\\\r\n]*)*")  # YAML and SQL double it
# A value goes on over signs until they can only be the log's: before a space, the end, a quote or the next `key=`.
_NEXT_KEY = r"[\[({]*[\"']?[A-Za-z_][\w.\-]{1,40}\\?[\"']?[=:]"
_ENDS = rf"(?:\s|$|[\"']|{_NEXT_KEY})"
_BARE = re.compile(
    # No value begins like an object, a list or a call.
    r"(?![\[({<](?:[\s\"'\])}]|[\w.\-]{1,40}[\"']?[ ]?[=:]))"
    r"(?:[^\s\"'`<>,;&|(){}\[\]\\]++"
    rf"|[,;&|](?!{_ENDS})(?!(?<=&)\w=)"
    rf"|[)}}\]](?![)}}\],;]*+{_ENDS})"
    r"|[({\[<>](?=\S)(?!/)"
    r"|[\"'`](?=[\w$%^*+!#@?~-])"
    r"|\\(?![nrt\"'u]))+"
)
_ENCODED = re.compile(r"(?:[^\s\"'<>&%]++|%(?!26|22|27))+")
_TO_TAG = re.compile(r"[^<\r\n]*")
_TO_END = re.compile(r"[^\"'\r\n]*")
_LIST = re.compile(r"\[[^\[\]\r\n]*+\]?")
_LIST_ITEM = re.compile(r"[^\s\[\]\"',]+")
_SCHEME = re.compile(
    r"(?:(?P<one>Bearer|Basic|Token|ApiKey|Negotiate|NTLM|OAuth)|Digest|Hawk|AWS4[\w-]*)[ \t]+(?=\S)", re.IGNORECASE
)
_PARAMETERS = re.compile(r"(?:[\w-]{1,40}+=(?:\"[^\"\r\n]*+\"|[^\s\",]++)(?:,[ ]{0,2})?)+")
_CREDENTIAL = re.compile(r"[^\s\"',;]+")
_WORDS = re.compile(r"(?:[a-z]{3,8}[ ,]{1,2}){5,32}[a-z]{3,8}")
_NEXT_FIELD = re.compile(r"[A-Z]\w*:")
# What a sentence tells as a password looks like one: `8 characters`, `base64-encoded`, `v2` and `30s` do not.
_SAID = re.compile(
    r"(?!(?:sha|md|argon|base|pbkdf|utf|aes|rsa|ntlmv)-?\d|v\d|https?:|/"
    r"|\d{1,6}[-.:]?[A-Za-z]{0,12}(?:[\s.,;:]|$)|\w{2,12}-[a-z]{3,}(?:[\s.,;:]|$))"
    r"(?=[^\s\"']{0,64}[A-Za-z])(?=[^\s\"']{0,64}[\d!#$%^&*+@~=])[^\s\"'`<>(){}\[\],;]{5,256}"
)
_LONG_SAID = re.compile(r"(?=(?:[^\s\d]{0,64}\d){2})[\w+/=~.-]{12,256}")
_ARROW = re.compile(r"(?=(?:[^\s\d]{0,64}\d){3})(?=[^\sA-Za-z]{0,64}[A-Za-z])[A-Za-z0-9+/=~-]{8,256}+(?![\w(.\[>])")
# `DB_PASSWORD=correct horse battery staple`; not where a command, its flags or other settings follow.
_COMMANDS = (
    "psql|pg_dump|pg_restore|mysql|mysqldump|redis-cli|mongosh?|python[\\d.]*|node|npm|npx|yarn|docker|make|curl|wget|sh"
    "|bash|env|sudo|exec|java|go|cargo|poetry|uv|pytest|ansible\\S*|terraform|kubectl|helm|restic|borg|sqlcmd|soakctl"
)
_MORE_WORDS = re.compile(
    rf"(?P<s>(?![ ]+(?:{_COMMANDS})(?:\s|$))(?:[ ]+(?![-#\[(])[^\s=:;|&<>\"'`$]{{1,64}}){{1,24}})[ ]*(?:#.*)?$"
)
# A value beside its name looks like neither a name nor a word: `('password', 'password2')` are fields of a form.
_NAME = re.compile(r"(?:[A-Za-z_][A-Za-z_-]*\d{0,4}|[\w.-]+:\d{1,5})[\"']")
_CLOSED_AT_ONCE = (",", ")", " +", " .")


def read(place: Place) -> Span | None:
    """What is to be hidden at a place, or None."""
    line, at, key, form = place
    if form is Form.TAG:
        return _bare(place, _TO_TAG)
    if form is Form.ENCODED:
        return _bare(place, _ENCODED)
    if form is Form.SAID:
        return _said(place)
    if form is Form.ARROW:
        return _bare(place, _ARROW)
    opened = _OPEN.match(line, at)
    if opened:
        # `print("Password: ", x)`: the quote closes the text that the name stands in.
        closes = form is Form.COLON and line.startswith(_CLOSED_AT_ONCE, opened.end())
        names = form is Form.PAIR and not _is_pair(line, opened.end())
        return None if closes or names else _quoted(line, opened, key)
    if key.kind in {"auth", "token"} and (scheme := _SCHEME.match(line, at)):
        return _credential(line, scheme, key)
    if form is Form.COLON and key.kind == "cookie":
        return _cookies(line, at)
    if key.kind == "seed-phrase" and (words := _WORDS.match(line, at)):
        return Span(*words.span(), key.kind)
    if line.startswith("[", at):
        return _list(line, at, key)
    return _bare(place, _TO_END if form is Form.QUOTED_WHOLE else _BARE)


def is_said(line: str, at: int) -> bool:
    """Whether a word of a sentence can only be a password."""
    return _SAID.match(line, at) is not None


def _is_pair(line: str, at: int) -> bool:
    """Whether the text of a pair can only be a value."""
    return is_said(line, at) and not _NAME.match(line, at)


def _said(place: Place) -> Span | None:
    """A value that a sentence tells: `password is hunter2`, `token is "…"`."""
    line, at, key, _ = place
    opened = _OPEN.match(line, at)
    if opened and not key.weak and len(opened["quote"]) == 1:
        return _quoted(line, opened, key)
    if key.kind == "seed-phrase":
        words = _WORDS.match(line, at)
        return Span(*words.span(), key.kind) if words else None
    found = (_SAID if key.kind == "password" else _LONG_SAID).match(line, at)
    text = found[0].rstrip(".:!?") if found else ""
    return Span(at, at + len(text), key.kind) if text and is_secret(key, text) else None


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
    """`Bearer …` and the like without quotes: one word, or all parameters."""
    at = scheme.end()
    found = _CREDENTIAL.match(line, at) if scheme["one"] else _PARAMETERS.match(line, at) or _TO_END.match(line, at)
    text = found[0].rstrip() if found else ""
    if not is_secret(SecretKey(key.kind), text) or (scheme["one"] and PARAMETER.match(text)):
        return None
    return Span(scheme.end(), scheme.end() + len(text), key.kind)


def _cookies(line: str, at: int) -> Span | None:
    """`Cookie: a=1; b=2`: all pairs, to the end of the header."""
    found = _TO_END.match(line, at)
    text = found[0].rstrip() if found else ""
    return Span(at, at + len(text), "cookie") if "=" in text else None


def _list(line: str, at: int, key: SecretKey) -> Span | None:
    found = _LIST.match(line, at)
    if key.weak or not found:
        return None
    hidden = any(is_secret(key, item) for item in _LIST_ITEM.findall(found[0]))
    return Span(*found.span(), key.kind) if hidden else None


def _bare(place: Place, pattern: re.Pattern[str]) -> Span | None:
    """A value without quotes."""
    line, at, key, form = place
    found = pattern.match(line, at)
    text = found[0].rstrip() if found else ""
    if form is Form.COLON and key.kind != "password":
        text = text.rstrip(".,;:!?")
    # `--token VALUE: exit code 1`
    text = text.removesuffix(":") or text
    if "(" not in text and line.startswith(":", at + len(text)):
        text = text.removesuffix(")")  # `def f(password=None):`
    end = at + len(text)
    if not text or not is_secret(key, text) or _is_harmless(place, text, line[end : end + 80]):
        return None
    words = _MORE_WORDS.match(line, end) if form is Form.VARIABLE and not key.weak else None
    return Span(at, words.end("s") if words else end, key.kind)


def _is_harmless(place: Place, text: str, after: str) -> bool:
    """Whether a value without quotes is none, by the way it is joined to the name and what comes `after` it."""
    form = place.form
    if form in {Form.FIELD, Form.VARIABLE}:
        return is_code(text, after) or _is_assignment(place, text)
    if form is Form.COLON:
        return is_code(text, after) or _is_sentence(place, text, after)
    if form is Form.COMPARED:
        return not is_opaque(text)
    return form is Form.TAG and not after.startswith("</")


def _is_assignment(place: Place, text: str) -> bool:
    """`self.token = token`, where a program hands on a variable."""
    line, at = place.line, place.at
    return line.endswith(" = ", 0, at) and text.isidentifier() and line.endswith(f".{text} = ", 0, at)


def _is_sentence(place: Place, text: str, after: str) -> bool:
    """Whether what follows `key:` tells something, or is the next field of a struct whose value is empty."""
    line, at, key, _ = place
    if is_prose(text, after) or (key.kind == "secret" and is_file(text)):
        return True
    if key.kind == "order-id" and not any(map(str.isdigit, text)):
        return True
    if key.weak and key.kind == "password" and after.strip():
        return True
    return bool(_NEXT_FIELD.match(text)) and "{" in line[max(0, at - 200) : at]
