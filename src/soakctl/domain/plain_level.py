"""The level of a line of text: the first level word that stands where a level stands, behind times, names and ids."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIELDS = 16
_FIELD = re.compile(r"[^\s|]+")
_LEVEL = re.compile(
    r"(?:^|(?<=[\[(<{,;:*#]))"
    r"(critical|crit|fatal|fata|ftl|emergency|emerg|panic|alert"
    r"|trace|trc|debug|dbug|dbg|verbose|information|info|inf|notice|warning|warn|wrn|error|erro|err|severe|fail)"
    r"(?=$|[\])>},;:*!/]|\[\d)",
    re.IGNORECASE,
)
_KEYED = re.compile(r"[\[(]?(?:level|lvl|log\.level)=[\"']?([A-Za-z]+)[\"']?[,;\])]?$", re.IGNORECASE)
_WORST = {"critical", "crit", "fatal", "fata", "ftl", "emerg", "emergency", "panic", "alert"}
_ABBREVIATED = {"FATA": "fatal", "FTL": "fatal"}
# Words of daily life, which are levels only in a strict form.
_COMMON = {"alert", "panic", "emergency", "emerg"}

_TIME = re.compile(r"\d[-:/.T]\d")
_RAISED = re.compile(r"\w(?:Error|Exception):$")
_CALENDAR = frozenset(
    "utc gmt z am pm cet cest est edt pst pdt cst mst bst ist jst msk "
    "mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec".split()
)
# A level behind one of these is talked about, not logged at.
_DESCRIBED = frozenset(
    "status state severity level loglevel log_level log-level priority risk result health rating category "
    "urgency impact grade threshold".split()
)
_SENTENCE_WORD = re.compile(r"[A-Z][a-z]+")

_COUNT = re.compile(
    r"[\])}>:=*\s|-]*(?:\d+(?:\.\d+)?%?\s*(?:$|[,;|)\]}])"
    r"|0\s+(?:issue|error|vulnerabilit|finding|alert|problem|warning|found|event|failure|incident))"
)
_SCALE = re.compile(r"[\s,|/]+(?:HIGH|MEDIUM|LOW|MAJOR|MINOR|WARNING|WARN|INFO|DEBUG)\b")
_TALK = re.compile(r"\s+(?:path|section|region)\b", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_TWO_WORDS = re.compile(r"\s*\S*[^\W\d_]\S*\s+\S*[^\W\d_]")


@dataclass(slots=True)
class _Before:
    """What stood before a field."""

    fields: int = 0
    timed: bool = False
    named: bool = False  # a field that is no bare number
    words: int = 0  # plain words outside brackets: one can be a host, a logger or a thread
    sentence: bool = False  # one of them begins like a sentence does
    depth: int = 0
    last: str = ""

    def pass_by(self, field: str) -> None:
        """Go on to the next field."""
        self.fields += 1
        self.timed = self.timed or _TIME.search(field) is not None
        self.named = self.named or not field.isdigit()
        if self.depth == 0 and _is_word(field):
            self.words += 1
            self.sentence = self.sentence or _SENTENCE_WORD.fullmatch(field) is not None
        self.depth = max(0, self.depth + field.count("[") + field.count("(") - field.count("]") - field.count(")"))
        self.last = field

    @property
    def is_prefix(self) -> bool:
        """Whether it can be what loggers write before the level."""
        return self.words <= 1 and (self.fields == 0 or self.named)


def _is_word(field: str) -> bool:
    return field.isalpha() and field.lower() not in _CALENDAR


def is_prefix(text: str) -> bool:
    """Whether the text reads like what loggers write before their message, not like a sentence."""
    before = _Before(named=True)
    for field in _FIELD.findall(text):
        before.pass_by(field)
    return before.is_prefix and not before.sentence


def plain_level(head: str, text: str) -> str | None:
    """The level in lower case, "" where a level word stands but means none, None where none stands.

    `head` is the beginning of `text` in which to look.
    """
    before = _Before()
    for found in _FIELD.finditer(head):
        field = found[0]
        if before.fields >= _FIELDS or before.words > 1:
            return None
        keyed = _KEYED.match(field)
        if keyed is not None and before.is_prefix:
            return keyed[1].lower()
        match = None if "=" in field else _LEVEL.search(field)
        if match is not None:
            delimited = before.last == "-" or "|" in head[max(0, found.start() - 3) : found.start()]
            level = _level_of(match, before, text, found.start(), delimited=delimited)
            if level is not None:
                return level
        if _RAISED.search(field) or field.strip("[]():\"'-,").lower() in _DESCRIBED:
            return ""
        before.pass_by(field)
    return None


def _level_of(match: re.Match[str], before: _Before, text: str, start: int, *, delimited: bool) -> str | None:
    word, after = match[1], match.string[match.end() : match.end() + 1]
    rest = text[start + match.end() :]
    opened = match.start() > 0 and match.string[0] in {"[", "<"}
    bracketed = opened and (after in {"]", ">"} or (not after and rest.lstrip().startswith("]")))
    if not before.is_prefix or (
        before.words and not (bracketed or delimited or (before.timed and not before.sentence))
    ):
        return None
    if after == "/" and not (before.timed and before.last.endswith(":")):  # celery: `07:00:00,123: CRITICAL/Main`
        return None
    colon = after == ":" and match.start() == 0 and not text[:1].isspace()  # an indented `fatal:` is YAML
    if not _spelled_as_level(word, before, bracketed=bracketed, colon=colon, rest=rest):
        return None
    level = _ABBREVIATED.get(word.upper(), word.lower())
    return level if level not in _WORST or _has_message(rest, before, bare=not after) else ""


def _spelled_as_level(word: str, before: _Before, *, bracketed: bool, colon: bool, rest: str) -> bool:
    lower = word.lower()
    if lower == "fata":
        return word == "FATA" and re.match(r"\[\d", rest) is not None  # logrus
    if lower == "ftl":
        return word == "FTL" and (bracketed or before.timed)
    if lower == "alert":
        return word == "alert" and bracketed and before.timed
    if lower in _COMMON:
        return (word.isupper() and (before.timed or colon)) or (bracketed and before.timed)
    if word.isupper() or bracketed:
        return True
    return colon and (lower not in _WORST or _TWO_WORDS.match(rest[1:]) is not None)


def _has_message(rest: str, before: _Before, *, bare: bool) -> bool:
    """Whether something is reported, and not the level itself counted, listed or talked about."""
    if _COUNT.match(rest) or (_SCALE.match(rest) and not before.timed):
        return False
    if _LETTER.search(rest) is None:
        return before.timed
    return not (bare and before.fields == 0 and _TALK.match(rest))
