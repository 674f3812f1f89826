"""Private keys in PEM form, over lines (with a certain end) or on one line."""

from __future__ import annotations

import re

from soakctl.redact.rule import Span

HEADER_END = r"PRIVATE KEY(?: BLOCK)?-----"
_BEGIN = re.compile(rf"-----BEGIN [A-Z0-9 ]{{0,40}}{HEADER_END}")
_END = "-----END"
_BODY_RUN = re.compile(r"[A-Za-z0-9+/]{16}")
_LONG_RUN = re.compile(r"[A-Za-z0-9+/=]{40,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]+")
# A line of a body as the text of a field, its newline escaped or left out: `{"log":"MHeq…=\\n","stream":"stdout"}`.
_FIELD_END = r"(?:\\\\{0,3}[rn]){0,2}\\{0,3}\""
_FIELD = re.compile(rf"[A-Za-z0-9+/=]+(?={_FIELD_END})")
_ANY_FIELD = re.compile(r"(?<=\")[A-Za-z0-9+/=]+(?=(?:\\{1,4}[rn]){1,2}\\{0,3}\")")
_HEADER = re.compile(r"(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID):.*")
_DIGITS = str.maketrans("123456789", "000000000")
_WRAPPING = " \t\r\"',|>"

# A 16,384-bit key has some 200 lines; a log that never shows the END is not hidden for ever.
_MOST_LINES = 256
_MOST_STRANGERS = 8
# Before any line of the body was seen, shorter words are taken for words.
_SHORTEST_FIRST = 16


def one_line(match: re.Match[str]) -> Span | None:
    """The body of a key on one line, its newlines escaped."""
    line, start = match.string, match.end()
    if "-----BEGIN " not in line[max(0, match.start() - 60) : match.start()]:
        return None
    end = line.find("-----", start)
    end = len(line.rstrip("\r\n")) if end < 0 else end
    return Span(start, end) if _BODY_RUN.search(line, start, end) else None


class PemLines:
    """Hides the body of a private key that is spread over the lines of a log.

    Knows a body line by its look or by the prefix (time, container) that it shares with the BEGIN line.
    Ends at the END line, after a few lines that cannot be a body, or after the longest key there is.
    """

    def __init__(self, mark: str) -> None:
        """`mark` replaces each line of a body."""
        self._mark = mark
        self._left = 0
        self._strangers = 0
        self._prefix = ""
        self._seen_body = False

    def line(self, line: str) -> str:
        """The line with what belongs to a key's body replaced."""
        begin = _BEGIN.search(line) if "-----BEGIN" in line else None
        if begin and _END not in line[begin.end() :]:
            self._left, self._strangers, self._seen_body = _MOST_LINES, 0, False
            self._prefix = line[: begin.start()]
            return line
        if not self._left:
            return line
        return self._inside(line)

    def _inside(self, line: str) -> str:
        end = line.find(_END)
        head = line if end < 0 else line[:end]
        tail = line[len(head) :]
        self._left = self._left - 1 if end < 0 else 0
        start = self._body_start(head)
        at, core = self._core(head, start)
        if not core or self._mark in core:
            return line
        hidden = self._hidden(core)
        if hidden is None:
            self._strangers += 1
            self._left = 0 if self._strangers >= _MOST_STRANGERS else self._left
            return line
        self._strangers, self._seen_body = 0, True
        return head[:at] + hidden + head[at + len(core) :] + tail

    def _body_start(self, head: str) -> int:
        size = len(self._prefix)
        return size if head[:size].translate(_DIGITS) == self._prefix.translate(_DIGITS) else 0

    def _core(self, head: str, start: int) -> tuple[int, str]:
        """What can be a line of the body, and where it begins: the text of a field of JSON, or all but the wrapping."""
        field = _FIELD.match(head, start) if start and self._prefix.endswith('"') else None
        field = field or _ANY_FIELD.search(head)
        if field:
            return field.start(), field[0]
        core = head[start:].strip(_WRAPPING)
        return head.index(core, start), core

    def _hidden(self, core: str) -> str | None:
        """What to show for a line of the body, or None for a line that is none."""
        whole = _BASE64.fullmatch(core) and (self._seen_body or len(core) >= _SHORTEST_FIRST)
        if whole or _HEADER.fullmatch(core):
            return self._mark
        runs = _LONG_RUN.sub(self._mark, core)
        return runs if runs != core else None
