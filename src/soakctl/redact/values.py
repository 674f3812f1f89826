"""Which values are secrets and which only stand where one could: placeholders, states, code, prose."""

from __future__ import annotations

import re

from soakctl.redact.keys import SecretKey, classify, segments

MARK = re.compile(r"\[REDACTED(?::[\w.-]{1,80})?\]|\[\*\*\*\]")

_LONGEST_PLACEHOLDER = 256
_FEWEST_SEED_WORDS = 6
_SHORTEST_KEY = 2
_MISSING = frozenset({"", "dummy", "test", "none"})
_NOTHING = frozenset(
    "null nil none undefined nan n/a na true false yes no on off dummy test unset empty missing "
    "str string bytes int integer float bool boolean number object any optional secretstr type array list dict".split()
)
_STATES = frozenset(
    "required optional invalid expired ok okay success successful succeeded failed failure fail error errors denied "
    "rejected accepted granted revoked refreshed renewed valid present absent set provided loaded found not enabled "
    "disabled active inactive created deleted updated changed rotated unknown unavailable hidden redacted masked "
    "filtered removed encrypted anonymous digest ldap mtls saml oauth oauth2 started stopped closed opened "
    "connected disconnected established terminated timeout waiting pending verified unverified mismatch incorrect "
    "wrong is was are must should cannot can will has have with for from in at of the a an and or to this that "
    "authenticated unauthenticated authorized unauthorized forbidden automatic manual auto inherit inherited "
    "basic bearer".split()
)
_STAND_IN = re.compile(
    r"[^*•]{0,4}[*•]{3,}[^*•]{0,4}|[xX]{3,}|\.{3}"
    r"|\$\{\w[^}]*\}?|\$\([^)]*\)?|\$[A-Z_][A-Z0-9_]*|\$\d|\$\w+(?:::|->).*"  # shells, Perl, PHP
    r"|\{\{.*|\{[a-z_.]*\}?|<[A-Za-z][\w .:/-]*>?|%\(\w+\)[sdr]|(?:%[sdrv],?)+|%[A-Z_]+%|\?"
    r"|\(?(?i:hidden|redacted|masked|filtered|omitted|removed|not set|unset)\)?|\[(?i:hidden|filtered|masked)\]?"
    r"|(?:arn:|op://|env:|file:|vault:|/run/secrets/).*"
    r"|(?i:your[-_ ].*|(?:insert|enter|put|replace)[-_ ](?:your|me|here|with|this)\b.*|placeholder)"
)
_PATH = re.compile(
    r"(?:~|\.{1,2}|\$\w+|[A-Za-z]:|/(?:etc|run|var|home|usr|opt|app|mnt|tmp|data|secrets|root|srv|Users|private|dev))"
    r"[/\\][\w./\\@+-]*"
)
_FILE = re.compile(r"(?:/|\.{1,2}/)?(?:[a-z_.-]{1,40}\d{0,4}/){1,20}[\w-]{1,40}(?:\.[\w-]{1,40})?\.[a-z]{2,5}")
# Expressions of source code, as a traceback shows them.
_ATTRIBUTE = re.compile(
    r"(?:self|cls|os|settings|config|cfg|conf|app|ctx|env|environ|process|args|options|opts|this|request|req|params"
    r"|kwargs|data|event|secrets|credentials|creds|client|user|body|props|state)(?:\??\.[A-Za-z_]\w*|\[.*)+"
)
_CALLED = re.compile(
    r"(?:[a-z_]{3,}|(?:_?[A-Z][a-z]{2,})+)(?:\.(?:[a-z_]+|[A-Z]+|(?:[A-Z][a-z]+)+))*"
    r"(?P<bracket>[(\[](?=[a-z_\"')\]:-]|\d|$))?"
)
_MEMBER = re.compile(r"(?:[A-Z][a-z]+|[a-z_]{3,})(?:\.(?:[A-Z][a-z]+)+)+")
_REFERENCE = re.compile(r"[A-Za-z_]{4,}")
_VARIABLES = frozenset({"password", "passwd", "secret", "token"})
_VARIABLE_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_WORD = re.compile(r"[A-Za-z][a-z]*(?:['/-][A-Za-z]*)*")
_MORE_PROSE = re.compile(r"[.,;:!?)]*[ \t]+[(\"'A-Za-z][\w'-]*(?![\w\"']*[ \t]?[:=])")
_OPAQUE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])\S{6,}|\S{16,}|\d{9,}")
_SEPARATED = re.compile(r"[ ,]+")
_COUNT = re.compile(r"\d{1,3}")
_COIN = re.compile(r"[A-Z]{2,10}|0x[0-9a-fA-F]{40}|[A-Z]{2,10}[-/][A-Z]{2,10}|\d{1,4}")
_MEASURE = re.compile(r"[-+]?\d{1,6}\.\d{1,6}(?:px|em|[munk]?s|%)?|\d{1,5}(?:px|em|[mun]?s|%)")
# What is known by its name and its look together.
_SHAPES = {
    "pin": re.compile(r"\d{4,12}"),
    "otp": re.compile(r"\d{3}[ -]?\d{3}|\d{4,10}|(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{6,64}"),
}


def is_missing(value: str | None) -> bool:
    """Whether a secret counts as missing: unset, empty, `dummy`, `test` or `none`, in any case."""
    return value is None or value.strip().casefold() in _MISSING


def is_placeholder(value: str) -> bool:
    """Whether a value only stands where a secret would: null, `${VAR}`, `<token>`, `****`, an earlier replacement."""
    text = value.strip()
    return len(text) <= _LONGEST_PLACEHOLDER and (
        not text
        or text.casefold() in _NOTHING
        or ("[" in text and MARK.sub("", text) == "")
        or _STAND_IN.fullmatch(text) is not None
        or not any(map(str.isalnum, text))
    )


def is_secret(key: SecretKey, value: str) -> bool:
    """Whether the value given for a key is worth hiding."""
    text = value.strip()
    if is_placeholder(text) or text.casefold() in _STATES:
        return False
    if key.kind == "order-id" or len(text) > _LONGEST_PLACEHOLDER:
        return True
    if key.kind in _SHAPES:
        return _SHAPES[key.kind].fullmatch(text) is not None
    if key.kind == "seed-phrase":
        return len(_SEPARATED.split(text)) >= _FEWEST_SEED_WORDS
    if key.kind == "api-key" and len(text) < _SHORTEST_KEY:  # accesskey="h" of HTML
        return False
    if key.kind == "secret" and _COUNT.fullmatch(text):
        return False
    if text[0] in "$:" and classify(text[1:]):  # $password of PHP, :password of SQL
        return False
    if (key.weak or key.kind != "password") and (_PATH.fullmatch(text) or _VARIABLE_NAME.fullmatch(text)):
        return False
    return not key.weak or _weak_value_is_secret(key, text)


def _weak_value_is_secret(key: SecretKey, text: str) -> bool:
    if key.kind in {"token", "password"}:
        return not _COIN.fullmatch(text) and not _MEASURE.fullmatch(text) and not (text.isalpha() and text.istitle())
    return is_opaque(text) and not text.startswith(("http://", "https://"))


def is_opaque(value: str) -> bool:
    """Whether a value is neither a word nor a small number."""
    return bool(_OPAQUE.fullmatch(value))


def is_code(value: str, after: str) -> bool:
    """Whether a value without quotes, and what comes `after` it, is source code: an expression, no value."""
    if _ATTRIBUTE.fullmatch(value) or _MEMBER.fullmatch(value):
        return True
    called = _CALLED.match(value)
    if called and (called["bracket"] or (called.end() == len(value) and after.startswith(("(", "[")))):
        return True
    if not after.startswith((",", ")")) or not _REFERENCE.fullmatch(value):
        return False
    return classify(value) is not None and (len(segments(value)) > 1 or value in _VARIABLES)


def is_file(value: str) -> bool:
    """Whether a value is the path of a file, in folders with ordinary names."""
    return _FILE.fullmatch(value) is not None


def is_prose(value: str, after: str) -> bool:
    """Whether `key: value` is a sentence: an ordinary word, and more words `after` it."""
    return bool(_WORD.fullmatch(value.rstrip(".,;:!?")) and _MORE_PROSE.match(after))
