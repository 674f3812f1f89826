"""Values that the name beside them makes a secret: settings, JSON, YAML, query strings, headers, flags, XML.

Here the name is found, and how it is joined to a value; `extent` finds where the value ends.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from soakctl.redact.extent import Form, Place, is_said, read
from soakctl.redact.keys import SecretKey, classify

if TYPE_CHECKING:
    from soakctl.redact.rule import Span

# The rest of a name, seen at one of its parts, with the quote or bracket that closes it.
NAME_TAIL = r"(?:der[ ]id|[\w.\-]{1,64})(?P<close>\\{0,3}[\"'`]?\]?)"
_NAME_CHARS = string.ascii_letters + string.digits + "_-."
_LONGEST_HEAD = 64

_JOINT = re.compile(
    # `"secret": {"value": "…"}`
    r"(?P<nested>[ \t]{0,2}:[ \t]{0,2}\{[ \t]{0,2}\\{0,3}[\"'][Vv]alue\\{0,3}[\"'][ \t]{0,2}:[ \t]{0,2})"
    r"|[ \t]{0,8}(?:(?P<compared>={2,3}(?=[ ]))|=>|:=|={1,3}|(?P<colon>:(?!:|//)))[ \t]{0,8}"
    r"|(?P<arrow>(?<=-)>)"
    r"|(?P<encoded>%3[Dd])"
    # The name of a setting and its value as two fields or attributes; a login and its arguments.
    r"|[ \t]{0,2},[ \t]{0,2}\\{0,3}[\"'](?:[Vv]alue|(?P<arguments>args|params))\\{0,3}[\"'][ \t]{0,2}:[ \t]{0,2}"
    r"|[ \t]{1,4}[Vv]alue="
    # A sentence: `the password is hunter2`.
    r"|(?P<said>[ \t]{1,2}(?:is|was|(?:changed |set |reset )?to)(?:[ \t]{0,2}[:=])?[ \t]{1,2}(?=\S))"
)
_COMMA = re.compile(r"[ \t]{0,2},[ \t]{0,2}(?=b?[\"'])")
_GAP = re.compile(r"[ \t]{1,4}")
_METAVAR = re.compile(r"[A-Z][A-Z_]*\]?(?:\s|$)")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
# After `token` without a sign: long, of letters and digits, no name of anything. Or base32, or three parts with dots.
_RANDOM = re.compile(
    r"[\"']?(?:(?=(?:[^\s\d]{0,512}\d){3})(?=[^\sA-Za-z]{0,512}[A-Za-z])[A-Za-z0-9+/=-]{16,512}(?![\w.(])"
    r"|(?=[A-Z]{0,64}[2-7])[A-Z2-7]{16,64}(?![\w.(-])|[\w-]{20,30}\.[\w-]{6}\.[\w-]{27,40}(?![\w.(]))"
)
_WITH = re.compile(r"(?:with|using|by|and)[ ](?:the[ ])?\Z", re.IGNORECASE)
_NETRC = re.compile(r"(?:machine[ ]\S{1,128}|default)[ ]login[ ]\S{1,128}[ ]password[ ]\Z")
_ORDER_NUMBER = re.compile(r"#?(?=[A-Za-z-]{0,64}\d)[\w-]{4,64}(?![\w-])")
_SPOKEN_OF = frozenset({"token", "api-key", "secret", "password", "private-key"})
_FORMS = {"encoded": Form.ENCODED, "said": Form.SAID, "compared": Form.COMPARED, "arrow": Form.ARROW}
_QUERY = ("?", "&")
_QUOTES = ("'", '"')


def judge(match: re.Match[str]) -> Span | None:
    """Find the whole name around the part that was seen, what joins it to a value, and whether that is a secret."""
    line = match.string
    head = line[max(0, match.start() - _LONGEST_HEAD) : match.start()]
    start = match.start() - (len(head) - len(head.rstrip(_NAME_CHARS)))
    name = line[start : match.start("close")]
    key = classify(name)
    if key is None and name.casefold() in {"key", "keys", "phrase"}:
        key = _spaced(line, start, name)
    if key is None or line.endswith("::", 0, start):  # `x::Token` is a class
        return None
    if key.kind == "token" and key.weak and line.endswith("nexpected ", 0, start):
        return None
    if line[start - 1 : start] in _QUERY:
        key = SecretKey(key.kind)
    place = _joined(match, start, name, key) or _beside(match, start, name, key)
    return read(place) if place else None


def _spaced(line: str, start: int, name: str) -> SecretKey | None:
    """`API key: …`: the word before belongs to the name."""
    head = line[max(0, start - 24) : start]
    word = head.rstrip(" ")
    word = word[len(word.rstrip(string.ascii_letters)) :]
    return classify(f"{word}_{name}") if word and head.endswith(" ") else None


def _joined(match: re.Match[str], start: int, name: str, key: SecretKey) -> Place | None:
    """Where the value begins that a sign joins to the name."""
    line, close = match.string, match["close"]
    joint = _JOINT.match(line, match.end())
    if not joint:
        return None
    if joint["nested"] and not close:
        return None
    if joint["colon"] and not close and _is_label(line, start, key, name):
        return None
    if joint["arguments"]:
        if key.kind != "auth":
            return None
        key = SecretKey(key.kind)
    return Place(line, joint.end(), key, _form(line, start, joint, name, key, closed=bool(close)))


def _form(line: str, start: int, joint: re.Match[str], name: str, key: SecretKey, *, closed: bool) -> Form:
    """How the sign joins a value to its name."""
    if joint["colon"] and not closed:
        is_header = "-" in name.strip("-") and key.kind != "cookie"
        return Form.FIELD if is_header else Form.COLON
    by_sign = _FORMS.get(joint.lastgroup or "")
    if by_sign is not None or closed or not _VARIABLE.fullmatch(name):
        return by_sign or Form.FIELD
    if line[start - 1 : start] in _QUOTES:
        return Form.QUOTED_WHOLE
    return Form.VARIABLE if joint[0] == "=" and line[:start].strip() in {"", "export"} else Form.FIELD


def _is_label(line: str, start: int, key: SecretKey, name: str) -> bool:
    """`PASS: test_x` is a result, `arn:…:secret:db` the name of a resource."""
    if key.weak and key.kind == "password":
        return name.isupper() and name != "PW"
    return "arn:" in line[max(0, start - 80) : start].rpartition(" ")[2]


def _beside(match: re.Match[str], start: int, name: str, key: SecretKey) -> Place | None:
    """Where the value begins that only stands beside the name."""
    line, end, close = match.string, match.end(), match["close"]
    if close:  # ("Authorization", "Bearer …") as libraries list headers
        comma = _COMMA.match(line, end)
        header = "-" in name or key.kind in {"auth", "cookie"}
        if not comma or not (header or key == SecretKey("password")):
            return None
        return Place(line, comma.end(), key, Form.FIELD if header else Form.PAIR)
    if line.startswith(">", end):
        return Place(line, end + 1, key, Form.TAG) if line[start - 1 : start] == "<" else None
    gap = _GAP.match(line, end)
    if gap and _takes_argument(line, gap.end(), name, key):
        return Place(line, gap.end(), key, Form.FIELD)
    return None


def _takes_argument(line: str, at: int, name: str, key: SecretKey) -> bool:
    """`--api-key VALUE` on a command line, `PASSWORD 'value'` in SQL, `token 0f3c…` in a sentence."""
    if name.startswith("-"):
        return not line.startswith("-", at) and not _METAVAR.match(line, at)
    if key == SecretKey("password") and line.startswith(_QUOTES, at):
        return True
    if name == "password" and _NETRC.search(line, max(0, at - 256), at):
        return True
    if name.casefold() == "password" and is_said(line, at):
        return _WITH.search(line, max(0, at - 32), at - len(name) - 1) is not None
    if key.kind == "order-id":
        return " " in name and _ORDER_NUMBER.match(line, at) is not None
    return key.kind in _SPOKEN_OF and _RANDOM.match(line, at) is not None
