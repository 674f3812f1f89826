"""The linters section: ASCII-only logs, canonical JSON, metric labels, and the project's own linters."""

from __future__ import annotations

import json
import re
import shlex
from functools import partial
from typing import TYPE_CHECKING, Any

from soakctl.domain.glob import matches
from soakctl.domain.validation import MISSING_SKIP, MissingInputError, Outcome
from soakctl.domain.wording import counted
from soakctl.errors import ExitCode
from soakctl.services.validate.json_writers import writing_lines
from soakctl.services.validate.labels import strange_labels
from soakctl.services.validate.tried import tried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from soakctl.domain.config.validate import JsonWriter, Linters
    from soakctl.ports import Bench

LONGEST_LINE = 100_000
_MOST_A_FILE = 5
_NOT_ASCII = re.compile(rb"[^\x00-\x7f]")
_ALLOWED = "noqa: json-writer"
# json.dump to a file, or a dump that is written at once; only dumps(...) as such may be for a log or a socket.
_WRITES_JSON = re.compile(
    r"\b(?:json|simplejson|ujson)\.dump\(|\.write(?:_text|_bytes|lines)?\(\s*(?:[\w.]*json|orjson|msgspec\.json)\.(?:dumps|encode)\("
    r"|JSON\.stringify\([^\n]*writeFile|writeFile(?:Sync)?\([^\n]*JSON\.stringify\("
)


def run_linters(asked: Linters, bench: Bench) -> Outcome:
    """Everything that is configured; each finding with its file and line."""
    if asked == type(asked)():
        raise MissingInputError("nothing to lint is configured: see validate.linters")
    problems: list[str] = []
    missing: list[str] = []
    notes: list[str] = []
    checks: tuple[tuple[str, Sequence[str], Callable[[str, Bench], list[str]]], ...] = (
        ("ascii_logs", asked.ascii_logs, not_ascii),
        ("canonical_json", asked.canonical_json, not_canonical),
        ("labels.files", asked.labels.files, lambda path, bench: strange_labels(asked.labels, path, bench)),
        ("json_writer.files", asked.json_writer.files, lambda path, bench: writers(asked.json_writer, path, bench)),
    )
    for what, patterns, check in checks:
        paths = bench.find(patterns) if patterns else []
        if patterns and not paths:
            missing.append(f"validate.linters.{what}: {', '.join(patterns)}: no file matches")
        for path in paths:
            problems += tried(partial(check, path, bench))
        notes += [f"{what}: {counted(len(paths), 'file')}"] if paths else []
    code = ExitCode.EXCEPTION
    for argv in asked.commands:
        done = bench.run(argv)
        if not done.ok:
            problems.append(f"{shlex.join(argv)}: {done.failure()}")
        if done.not_found:
            code = ExitCode.DEPENDENCY_ERROR
    nothing = missing and not notes and not asked.commands
    details = MISSING_SKIP if nothing else ""
    return Outcome(tuple(problems), details, tuple(notes), exit_code=code, missing=tuple(missing))


def not_ascii(path: str, bench: Bench) -> list[str]:
    """The first lines of a file that hold more than ASCII, and those over 100 KB; in constant memory."""
    found: list[str] = []
    hidden = number = length = 0
    told = long = False
    for block in bench.blocks(path, 1 << 20):
        if block.isascii() and length + len(block) <= LONGEST_LINE:
            number, length, told, long = _passed(block, number, length, told=told, long=long)
            continue
        for at, part in enumerate(block.split(b"\n")):
            if at:
                number, length, told, long = number + 1, 0, False, False
            length += len(part)
            strange = None if told else _NOT_ASCII.search(part)
            if strange is not None:
                told = True
                hidden += len(found) >= _MOST_A_FILE
                found += [f"{path}:{number + 1}: not ASCII (byte 0x{strange[0].hex()})"][: _MOST_A_FILE - len(found)]
            if length > LONGEST_LINE and not long:
                long = True
                hidden += len(found) >= _MOST_A_FILE
                found += [f"{path}:{number + 1}: a line over 100 KB"][: _MOST_A_FILE - len(found)]
    return [*found, f"{path}: and {hidden} more lines"] if hidden else found


def _passed(block: bytes, number: int, length: int, *, told: bool, long: bool) -> tuple[int, int, bool, bool]:
    """The counters after a block in which nothing can be wrong."""
    ends = block.count(b"\n")
    if not ends:
        return number, length + len(block), told, long
    return number + ends, len(block) - block.rfind(b"\n") - 1, False, False


def not_canonical(path: str, bench: Bench) -> list[str]:
    """Why a JSON file is not written canonically: keys sorted, no NaN, one newline at its end, one of two layouts."""
    text = bench.text(path)
    try:
        found = json.loads(text, object_pairs_hook=_without_twins, parse_constant=_no_constant)
    except ValueError as error:
        return [f"{path}: {error}"]
    except RecursionError:
        return [f"{path}: nested too deeply"]
    layouts: list[dict[str, Any]] = [{"separators": (",", ":")}, {"indent": 2}]
    good = {
        json.dumps(found, sort_keys=True, ensure_ascii=ascii_only, **layout) + "\n"
        for layout in layouts
        for ascii_only in (True, False)
    }
    if text in good:
        return []
    if not text.endswith("\n"):
        return [f"{path}: no newline at its end"]
    if json.dumps(found) != json.dumps(found, sort_keys=True):
        return [f"{path}: keys are not sorted"]
    return [f"{path}: neither compact nor indented by two"]


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twin = (
        next((name for at, name in enumerate(names) if name in names[:at]), None)
        if len(set(names)) < len(names)
        else None
    )
    if twin is not None:
        message = f"the key {twin[:80]!r} stands twice"
        raise ValueError(message)
    return dict(pairs)


def _no_constant(name: str) -> Any:
    message = f"holds {name}, which is no JSON"
    raise ValueError(message)


def writers(asked: JsonWriter, path: str, bench: Bench) -> list[str]:
    """Lines of source that write JSON past the project's own writer."""
    if matches(path, asked.allow):
        return []
    text = bench.text(path)
    lines = text.split("\n")
    try:
        found = writing_lines(text) if path.endswith((".py", ".pyi")) else list(_by_look(lines))
    except (SyntaxError, ValueError, RecursionError):  # no Python of this version: preflight's matter
        found = list(_by_look(lines))
    meant = [(first, last) for first, last in found if not any(_ALLOWED in line for line in lines[first - 1 : last])]
    return [f"{path}:{first}: writes JSON past the project's own writer" for first, _ in meant]


def _by_look(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    for number, line in enumerate(lines, 1):
        if _WRITES_JSON.search(line) and not line.lstrip().startswith(("#", "//")):
            yield number, number
