"""Finds committed secrets in files: the rules that hide them in logs, judged more strictly.

What is personal or passing (addresses, order ids, sessions) is no secret of a repository. Behind a name that promises
a secret the value must also look like one: in a log a word too many is hidden, here each is an alarm.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from soakctl.redact.committed import COMMANDS, written
from soakctl.redact.rules import KEY, NAMED
from soakctl.redact.scan import any_of, line_end, token_sightings
from soakctl.redact.values import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from soakctl.redact.rule import Hit

CONFIGURED = "configured-secret"
_BY_ID = {rule.id: rule for rule in NAMED}
_PARTS = any_of(dict.fromkeys(KEY.gates, ""))
# A name, what joins it to a value, and the beginning of a value that is long enough.
_KEYED = re.compile(
    rf"(?:{_PARTS})[\w.\-]{{0,40}}\\?[\"'`]?\]?[ \t]{{0,8}}(?::?=|=>|:|,|>)[ \t]{{0,8}}[bru]?\\?[\"'`]?"
    r"[^\s\"'`<>(),;:\[\]{}=]{6}".encode()
)
_URL = re.compile(rb"://[^\s/@\"'`<>]{0,128}:[^\s@\"'`<>]{3,256}(?P<at>@)[\w\[%-]")
_PEM = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(rb"(?:[A-Za-z0-9+/]{40}|(?:\\n|\s)[A-Za-z0-9+/]{20})")
_BODY_WITHIN = 400
_NOT_COMMITTED = frozenset({"order-id", "session", "cookie", "email", "ip", "auth"})
_LEAST_ENTROPY = {"password": 2.4}
_USUAL_ENTROPY = 2.9
_LEAST_OF_TOKENS = 2.5  # below are AKIAAAAAAAAAAAAAAAAA and the like
_SHORTEST = {"password": 6}
_USUAL_SHORTEST = 10
_LONGEST_LINE = 20_000
_EXAMPLE = re.compile(
    r"(?i)example|sample|changeme|change[-_]me|placeholder|dummy|redacted|your[-_]|foobar|12345678|abcdefgh|xxxx"
    r"|test[-_]?(?:key|secret|token|pass)|fake|insert"
)
_WORDS = re.compile(r"[A-Za-z]+(?:[ ._/:-][A-Za-z]+)*")
_IDENTIFIER = re.compile(r"[A-Za-z_]+(?:[._-][A-Za-z_]+)*[0-9]{0,2}")
_REFERENCE = re.compile(r"[$%{<]|\w+(?:\.\w+)*\(|--|[\w.-]+:\d{2,5}\Z|https?://|/[\w.-]+/|\w+(?:\.\w+)+\Z|[0-9.]+\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_INLINE = re.compile(rb"pragma:\s?allowlist secret|gitleaks:allow")
_PROSE = frozenset(".md .rst .adoc .html .htm .txt".split())
_PROSE_VALUE = re.compile(r"(?![#&])(?=.*\d)[^()<>\[\]]+")
_NEXT_LINE = re.compile(rb"pragma:\s?allowlist nextline secret")


class Found(NamedTuple):
    """A secret in a block of bytes: where it starts and ends, and the rule that knew it."""

    start: int
    end: int
    rule: str


def find_secrets(
    data: bytes, values: Iterable[tuple[bytes, str]] = (), *, quoted: bool = False, path: str = ""
) -> list[Found]:
    """Every secret in a block of whole lines, in order and apart; lines with an allowlist pragma are left out.

    Args:
        data: UTF-8, or whatever the file holds.
        values: forms of configured secrets, each with a name; found wherever they stand, also without a shape.
        quoted: this is source code, where only what stands in quotes is a value.
        path: of the file, as some have a form of their own.
    """
    found = [*_values(data, values), *_tokens(data), *_keys(data), *_urls(data)]
    found += _keyed(data, quoted=quoted, prose=PurePosixPath(path).suffix.lower() in _PROSE)
    found += [*_commands(data), *_written(data, path)]
    return [one for one in _apart(found) if not _allowed(data, one.start)]


def find_in_binary(data: bytes, values: Iterable[tuple[bytes, str]] = ()) -> list[Found]:
    """What can be told without lines and names: tokens by their look, private keys, configured values."""
    return list(_apart([*_values(data, values), *_tokens(data), *_keys(data)]))


def _apart(found: Iterable[Found]) -> Iterator[Found]:
    """In order, without those that begin within another."""
    end = -1
    for one in sorted(found):
        if one.start >= end:
            end = one.end
            yield one


def entropy(text: str) -> float:
    """Shannon's entropy of a text by its characters, bits a character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def _values(data: bytes, values: Iterable[tuple[bytes, str]]) -> Iterator[Found]:
    for text, name in values:
        at = data.find(text)
        while at >= 0:
            yield Found(at, at + len(text), f"{CONFIGURED}:{name}")
            at = data.find(text, at + len(text))


def _tokens(data: bytes) -> Iterator[Found]:
    for at, rule in token_sightings(data):
        yield from _hits(data, at, rule.find, _worth_token)


def _worth_token(_hit: Hit, text: str) -> bool:
    return "EXAMPLE" not in text and entropy(text) >= _LEAST_OF_TOKENS


def _keys(data: bytes) -> Iterator[Found]:
    for match in _PEM.finditer(data):
        if _PEM_BODY.search(data, match.end(), match.end() + _BODY_WITHIN):
            yield Found(match.start(), match.end(), "private-key")


def _urls(data: bytes) -> Iterator[Found]:
    rule = _BY_ID["url-credentials"]
    for match in _URL.finditer(data):
        yield from _hits(data, match.start("at"), rule.find, _worth_in_url)


def _worth_in_url(_hit: Hit, text: str) -> bool:
    password = text.rpartition(":")[2]
    return not (is_placeholder(password) or _EXAMPLE.search(password) or _REFERENCE.match(password)) and (
        password.lower() not in {"password", "passwd", "pass", "pwd", "secret", "user", "token", "postgres", "guest"}
    )


def _keyed(data: bytes, *, quoted: bool, prose: bool) -> Iterator[Found]:
    for match in _KEYED.finditer(data.lower()):
        in_quotes = match[0].rstrip(b" \t")[:-6].endswith((b'"', b"'", b"`"))
        if in_quotes or not quoted:
            yield from _hits(data, match.start(), KEY.find, _worth_in_prose if prose and not in_quotes else _worth)


def _commands(data: bytes) -> Iterator[Found]:
    """Passwords on command lines."""
    low = data.lower()
    for rule in COMMANDS:
        for gate in (gate.encode() for gate in rule.gates):
            at = low.find(gate)
            while at >= 0:
                yield from _hits(data, at, rule.find, _worth)
                at = low.find(gate, at + 1)


def _written(data: bytes, path: str) -> Iterator[Found]:
    """What files have beside names, and logs have not."""
    for start, end, kind in written(data, path):
        text = data[start:end].decode("latin-1")
        if kind == "auth":
            if _is_value(kind, text) and any(map(str.isdigit, text)):
                yield Found(start, end, kind)
        elif kind not in _NOT_COMMITTED and _is_value(kind, text):
            yield Found(start, end, kind)


def _worth(hit: Hit, text: str) -> bool:
    """Whether a value behind a name is a secret that somebody committed."""
    return hit.kind not in _NOT_COMMITTED and _is_value(hit.kind, text)


def _worth_in_prose(hit: Hit, text: str) -> bool:
    """Documents hold examples of code, and links."""
    return _worth(hit, text) and _PROSE_VALUE.fullmatch(text) is not None


def _is_value(kind: str, text: str) -> bool:
    if len(text) < _SHORTEST.get(kind, _USUAL_SHORTEST):
        return False
    if is_placeholder(text) or _EXAMPLE.search(text) or _REFERENCE.match(text) or _UUID.fullmatch(text):
        return False
    if _WORDS.fullmatch(text) or _IDENTIFIER.fullmatch(text) or " " in text:
        return False
    return entropy(text) >= _LEAST_ENTROPY.get(kind, _USUAL_ENTROPY)


def _hits(
    data: bytes, at: int, find: Callable[[str, int], Sequence[Hit]], worth: Callable[[Hit, str], bool]
) -> Iterator[Found]:
    """What a rule finds at a place of the block; of an endless line only what is near."""
    start = max(data.rfind(b"\n", 0, at) + 1, at - _LONGEST_LINE)
    line = data[start : min(line_end(data, at), at + _LONGEST_LINE)].decode("latin-1")
    for hit in find(line, at - start):
        if worth(hit, line[hit.start : hit.end]):
            yield Found(start + hit.start, start + hit.end, hit.kind)


def _allowed(data: bytes, at: int) -> bool:
    """Whether the line, or the one before, says that this is no secret."""
    start = data.rfind(b"\n", 0, at) + 1
    if _INLINE.search(data, start, line_end(data, at)):
        return True
    before = data.rfind(b"\n", 0, max(start - 1, 0)) + 1
    return start > 0 and _NEXT_LINE.search(data, before, start) is not None
