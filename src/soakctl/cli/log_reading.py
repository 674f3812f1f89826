"""Reading logs: what was asked for becomes a question, and the answer is shown."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from soakctl.cli.given import GLOBALS
from soakctl.cli.log_plain import PlainSink
from soakctl.cli.output import uses_colours
from soakctl.cli.wiring.logs import find_logs, now_unix, quick_find
from soakctl.errors import UsageError
from soakctl.services.logs.flow import Flow, last_of, merged
from soakctl.services.logs.match import Pattern
from soakctl.services.logs.piece import Pieces
from soakctl.services.logs.select import Question
from soakctl.services.logs.shown import Cleaner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soakctl.cli.log_flags import LogFlags
    from soakctl.cli.wiring.logs import Logs
    from soakctl.domain.logs.levels import Level
    from soakctl.services.logs.piece import Piece
    from soakctl.services.logs.stamps import Stamps


def read_logs(flags: LogFlags) -> int:
    """Show what is asked for, and give the exit code."""
    flags.check()
    question = _question(flags)
    found = find_logs(flags.files, flags.run, needs_config=flags.checkpoints)
    if flags.errors or flags.checkpoints or flags.rate:
        from soakctl.cli.log_summing import sum_up

        return sum_up(flags, question, found)
    sink = _sink(flags, question, found)
    if flags.follow and "-" not in flags.files:
        from soakctl.cli.log_following import follow

        return follow(flags, question, found, sink)
    return _show(flags, question, found, sink)


def _show(flags: LogFlags, question: Question, found: Logs, sink: PlainSink) -> int:
    flow = Flow(sink, Cleaner(found.redactor))

    def read() -> Iterable[Piece]:
        found.lacking = 0
        return merged([_pieces(flags, question, found, place) for place in range(len(found.groups))])

    again = all(group.can_be_read_again for group in found.groups)
    pieces = read() if flags.lines is None else last_of(read, flags.lines, again=again)
    sink.begin()
    for piece in pieces:
        if not flow.take(piece):
            break
    flow.flush()
    sink.end([group.name for group in found.groups], found.troubles, found.tell_lacking())
    return found.failed


def _pieces(flags: LogFlags, question: Question, found: Logs, place: int) -> Iterator[Piece]:
    group, timed = found.groups[place], len(found.groups) > 1
    pieces: Pieces | None = None
    path = ""
    whole = flags.lines is None or not question.is_for_all
    for log, block in group.blocks(keep_lines=question.before) if whole else group.last(flags.lines or 0):
        if pieces is None or log.path != path:
            path = log.path
            pieces = Pieces(
                group.name,
                question,
                found.times(log),
                keys=found.redactor.stream,
                timed=timed,
                find=quick_find(),
                read_from=log.read_from if log.can_be_sought else None,
                lacks=found.lacks,
            )
        yield from pieces.of(block)
        if log.is_live:
            yield pieces.pause


def _question(flags: LogFlags) -> Question:
    beside = flags.context or 0
    question = Question(
        pattern=None if flags.grep is None else _pattern(flags.grep),
        level=None if flags.level is None else _level(flags.level),
        since=None if flags.since is None else _moment("--since", flags.since),
        until=None if flags.until is None else _moment("--until", flags.until),
        before=flags.before if flags.before is not None else beside,
        after=flags.after if flags.after is not None else beside,
        sets_apart=flags.names_neighbours,
    )
    if flags.names_neighbours and question.is_for_all:
        message = "-A, -B and -C show lines beside those that are chosen; give --grep, --level, --since or --until too"
        raise UsageError(message)
    if question.since is not None and question.until is not None and question.since > question.until:
        message = f"--since {flags.since} is later than --until {flags.until}: nothing lies between"
        raise UsageError(message)
    return question


def _pattern(text: str) -> Pattern:
    try:
        return Pattern(text, find=quick_find())
    except re.error as error:
        message = f"--grep: {error.msg} at character {(error.pos or 0) + 1}: {text}"
        raise UsageError(
            message, hint="It is a regular expression of Python's; put \\ before ( ) [ ] * + ? . |."
        ) from None


def _level(text: str) -> Level:
    from soakctl.domain.logs.levels import Level, level_named

    level = level_named(text)
    if level is None:
        message = f"--level: {text!r} is no level"
        raise UsageError(message, hint=f"Choose one of {', '.join(each.name for each in Level)}.")
    return level


def _moment(option: str, text: str) -> float:
    from soakctl.domain.logs.times import moment_unix

    try:
        return moment_unix(text, now_unix=now_unix())
    except ValueError as error:
        message = f"{option}: {error}"
        raise UsageError(message) from None


def _sink(flags: LogFlags, question: Question, found: Logs) -> PlainSink:
    labels, stamps = len(found.groups) > 1, _stamps(question) if found.of_run else None
    if GLOBALS.json:
        from soakctl.cli.log_sinks import JsonSink
        from soakctl.domain.logs.times import Times

        return JsonSink(
            by_line=flags.follow,
            times=Times(about_unix=now_unix(), unknown=found.strange_zone),
            stamps=stamps,
        )
    if uses_colours(sys.stdout):
        from soakctl.cli.log_sinks import ColourSink

        pattern = question.pattern
        marked = pattern.compiled if isinstance(pattern, Pattern) else None
        return ColourSink(labels=labels, found=marked, stamps=stamps)
    return PlainSink(labels=labels, stamps=stamps)


def _stamps(question: Question) -> Stamps:
    from soakctl.domain.logs.times import Times
    from soakctl.services.logs.stamps import Stamps

    return Stamps(Times(about_unix=now_unix()), whole=question.pattern is None)
