"""What is shown is what a line-by-line search would show."""

from __future__ import annotations

import io
import re
from random import Random
from typing import TYPE_CHECKING, cast

import pytest

from soakctl.adapters.finding import quick_find
from soakctl.adapters.logs.blocks import Blocks, Readable
from soakctl.domain.ansi import without_escapes
from soakctl.domain.logs.levels import Level, dies_by_itself, is_dying_word, line_level
from soakctl.domain.logs.records import Record, body_of
from soakctl.domain.logs.times import Times
from soakctl.redact import Redactor
from soakctl.services.logs.match import Pattern
from soakctl.services.logs.piece import Pieces
from soakctl.services.logs.select import Question
from tests.support.log_files import a_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.logs.block import Block

PATTERNS = (
    "error",
    "timed out",
    r"n=\d7",
    r"(?i)ERROR",
    "timed|failed",
    r"^\s+File",
    r"n=1$",
    r"\bfailed n=[0-4]\d\b",
    r"\b\d{2}:",
    r"\b\d+,",
    r"\b[n-t]+?d",
    r"\b\d?:",
    r"(?i)\bR?E\w",
    "",
    ".",
    r"w.rld",
    r"[^a-z]$",
    "x?",
    r"(a) \(b",
    r"ö",
    r"(?=.*n=3).*INFO",
    r"(?i)REQUEST failed|Connected n=\d",
    r"(?i)wörld",
    r"\d{2}:\d[0-4]:",
    r"[^o]*\sn=\d$",
    r"^\S+$",
    r"\W\w{3}\W",
    r"^$",
    r"$",
    r"(?<!\s)n=|(?<=[^,])\d\s",
    r"(?!\s*\S)",
    r"\Ax|\d\Z",
    r"(?s)n.\d",
    r"[\W_]n",
    r"(\d)\1",
    r"\n|[\n1]",
)


def chosen(data: bytes, question: Question, *, block_bytes: int = 512) -> str:
    """What is shown of a log, read in small blocks, with `--` where lines are left out."""
    pieces = Pieces("log", question, Times(about_unix=1.8e9), keys=Redactor().stream, timed=False)
    blocks = Blocks(cast("Readable", io.BytesIO(data)), block_bytes=block_bytes, keep_lines=question.before)
    shown = ""
    for block in blocks:
        for piece in pieces.of(block):
            shown += "--\n" if piece.apart else ""
            shown += piece.data.decode("utf-8", "replace")
    return shown


@pytest.mark.parametrize("seed", range(12))
def test_neighbours_that_are_gone_from_the_block_are_read_again(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However far back; where that cannot be, their number is told."""
    monkeypatch.setattr("soakctl.adapters.logs.blocks._MOST_KEPT", 200)
    random = Random(seed)
    data = a_log(random, 300, junk=seed % 2 == 1)
    before, after = random.choice([(5, 0), (40, 3), (1_000, 0)])
    lines = lines_of(data)
    question = Question(pattern=Pattern("n=7", find=quick_find()), before=before, after=after)
    expected = with_neighbours(lines, [re.search("n=7", line) is not None for line in lines], before, after)

    def read_from(place: int) -> Iterator[Block]:
        file = io.BytesIO(data)
        file.seek(place)
        return iter(Blocks(cast("Readable", file), block_bytes=512))

    shown, lacking = "", 0
    for read in (read_from, None):
        missing: list[int] = []
        pieces = Pieces(
            "log",
            question,
            Times(about_unix=1.8e9),
            keys=Redactor().stream,
            timed=False,
            read_from=read,
            lacks=missing.append,
        )
        shown = ""
        for block in Blocks(cast("Readable", io.BytesIO(data)), block_bytes=512, keep_lines=before):
            for piece in pieces.of(block):
                shown += ("--\n" if piece.apart else "") + piece.data.decode("utf-8", "replace")
        lacking = sum(missing)
        if read is not None:
            assert (shown, lacking) == (expected, 0)
    there, wanted = (sum(line != "--" for line in text.split("\n")) for text in (shown, expected))
    assert there + lacking == wanted


def lines_of(data: bytes) -> list[str]:
    """The lines of a log, without colours."""
    lines = data.decode("utf-8", "replace").split("\n")
    if not lines[-1]:
        lines.pop()
    return [re.sub("\x1b(?:\\[[0-9;]*m|\\]0;[a-z]*\x07)", "", line) for line in lines]


def with_neighbours(lines: list[str], hits: list[bool], before: int, after: int) -> str:
    """As GNU grep prints it."""
    wanted = sorted(
        {
            near
            for at, hit in enumerate(hits)
            if hit
            for near in range(max(0, at - before), min(len(lines), at + after + 1))
        }
    )
    shown, last = "", None
    for at in wanted:
        if (before or after) and last is not None and at > last + 1:
            shown += "--\n"
        shown += lines[at] + "\n"
        last = at
    return shown


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("seed", range(12))
def test_grep_shows_what_a_search_line_by_line_shows(pattern: str, seed: int) -> None:
    """With neighbours or without, whatever the blocks, junk or not."""
    random = Random(seed)
    data = a_log(random, 200, junk=seed % 2 == 1)
    before, after = random.choice([(0, 0), (2, 0), (0, 3), (1, 1), (40, 40)])
    lines = lines_of(data)
    hits = [re.search(pattern, line) is not None for line in lines]
    question = Question(pattern=Pattern(pattern, find=quick_find()), before=before, after=after)
    size = random.choice([256, 700, 5_000, 100_000])
    assert chosen(data, question, block_bytes=size) == with_neighbours(lines, hits, before, after)


def at_level(lines: list[str], least: Level) -> list[bool]:
    """Line by line: records at the level or above, with what belongs to them."""
    inside, record, hits = False, Record(), []
    own: Level | None = None  # of the record that the line before belongs to
    for line in lines:
        body = body_of(line)
        level = line_level(body)
        follows = level is None or (inside and body[:1] in {" ", "\t"})
        apart = own is not Level.ERROR and own is not Level.CRITICAL and dies_by_itself(body, own)
        if not (follows and own is not None and not apart and record.takes(body[:400])):
            own = Level.ERROR if level is None and is_dying_word(body) else level
            inside = own is not None and own >= least
            record.begin(body[:400])
        hits.append(inside)
    return hits


@pytest.mark.parametrize("least", list(Level))
@pytest.mark.parametrize("seed", range(12))
def test_level_shows_what_a_look_at_each_line_shows(least: Level, seed: int) -> None:
    """What was learned of how lines begin changes no answer."""
    random = Random(seed)
    data = a_log(random, 300, junk=seed % 2 == 1)
    lines = lines_of(data)
    expected = with_neighbours(lines, at_level(lines, least), 0, 0)
    assert chosen(data, Question(level=least), block_bytes=random.choice([256, 5_000, 100_000])) == expected


def test_escapes_hide_nothing() -> None:
    """A word in two colours is found, and shown without them."""
    data = b"a \x1b[31mti\x1b[0mmed out\n"
    assert chosen(data, Question(pattern=Pattern("timed", find=quick_find()))) == "a timed out\n"
    assert without_escapes(data.decode()).strip() == "a timed out"
