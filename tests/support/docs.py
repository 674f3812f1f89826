"""Reads the documentation: its code blocks, the commands in it, and the screens it quotes, which can be taken anew.

`python -m tests.support.docs` runs what can be replayed and writes the new screens into the pages.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import soakctl

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [*ROOT.glob("*.md"), *(ROOT / ".github").rglob("*.md"), *(ROOT / "docs").rglob("*.md")]
)
_FENCE = re.compile(
    r"^(?P<fence>```+|~~~+)(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=fence)[ ]*$", re.MULTILINE | re.DOTALL
)
_INLINE = re.compile(r"`(soakctl [^`]+)`")
_WORKFLOW_COMMAND = re.compile(r"^\s*(?:-\s+)?(?:run:\s+)?(?P<command>(?:[A-Z_]+=\S+\s+)*soakctl\s.*)$")
_REPLAYED = re.compile(r"soakctl (?:-\S+ )*(?:soak|gate)\b|echo ")
_END = "\x1e"
# The clock that the quoted screens were taken under: a mock run is then the same each time.
_FAKE_UTC = "2025-11-21T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page. `start` and `end` are where its text stands in the page."""

    page: str
    line: int
    language: str
    text: str
    start: int
    end: int

    @property
    def place(self) -> str:
        """For people, and for the id of a test."""
        return f"{self.page}:{self.line}"

    @property
    def screens(self) -> list[tuple[str, list[str]]]:
        """Of a console block: each command with the lines that it is said to print."""
        found: list[tuple[str, list[str]]] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            elif found:
                found[-1][1].append(line)
        return found

    @property
    def replays(self) -> bool:
        """Whether it shows runs in virtual time, which print the same on every machine, and nothing else."""
        commands = [command for command, _ in self.screens] if self.language == "console" else []
        known = all(_REPLAYED.match(command) for command in commands)
        return bool(commands) and known and "--mock" in commands[0]


def read(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = read(page)
    return [
        Block(
            page, text.count("\n", 0, found.start()) + 1, found["language"].strip(), found["text"], *found.span("text")
        )
        for found in _FENCE.finditer(text)
    ]


def prose(page: str) -> str:
    """The text without its blocks."""
    return _FENCE.sub("", read(page))


def commands(page: str) -> Iterator[tuple[str, list[str]]]:
    """Every soakctl command of a page, in shell blocks, workflow files and prose: where, and the words behind it."""
    for block in blocks(page):
        for line in _shell_lines(block):
            for words in _split(line):
                yield block.place, words
    for text in _INLINE.findall(prose(page)):
        for choice in _choices(text):
            for words in _split(choice):
                yield page, words


def _choices(text: str) -> list[str]:
    """`config check|show` stands for two commands; a pipe has spaces around it."""
    found = re.search(r"\S+\|\S+", text)
    return [text] if found is None else [text.replace(found[0], choice) for choice in found[0].split("|")]


def _shell_lines(block: Block) -> list[str]:
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.language == "console":
        return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    if block.language == "sh":
        return lines
    if block.language == "yaml":
        return [found["command"] for line in lines if (found := _WORKFLOW_COMMAND.match(line)) is not None]
    return []


def _split(line: str) -> Iterator[list[str]]:
    """The words behind each `soakctl` of a line of shell, whatever variables stand before it."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    parts: list[list[str]] = [[]]
    for word in lexer:
        if word[0] in "();<>|&":
            parts.append([])
        else:
            parts[-1].append(word)
    for part in parts:
        while part and (part[0] == "{" or re.fullmatch(r"[A-Za-z_]\w*=.*", part[0])):
            part.pop(0)
        if part[:1] == ["soakctl"] and len(part) > 1:
            yield part[1:]


def play(block: Block, directory: Path) -> list[tuple[str, list[str]]]:
    """Run the commands of a block, one after the other, in an empty directory; what each printed to stdout."""
    programs = directory / "bin"
    programs.mkdir()
    program = programs / "soakctl"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m soakctl "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    env |= {"PATH": f"{programs}:{env.get('PATH', os.defpath)}", "COLUMNS": "80", "CI_FAKE_UTC": _FAKE_UTC}
    env["PYTHONPATH"] = str(Path(soakctl.__file__).absolute().parent.parent)  # the one that is tested here
    script = "".join(f"{command}\ncode=$?; printf '\\036'; (exit $code)\n" for command, _ in block.screens)
    done = subprocess.run(
        ["sh", "-c", script], cwd=directory, env=env, capture_output=True, text=True, check=False, timeout=50
    )
    printed = done.stdout.split(_END)[:-1]
    return [
        (command, [line.rstrip() for line in output.splitlines()])
        for (command, _), output in zip(block.screens, printed, strict=True)
    ]


def refresh() -> None:
    """Write what the replayable blocks print today into the pages. Raises RuntimeError where one prints nothing."""
    for page in PAGES:
        text = read(page)
        for block in reversed([block for block in blocks(page) if block.replays]):
            with tempfile.TemporaryDirectory() as place:
                played = play(block, Path(place))
            if not all(output for _, output in played):
                message = f"{block.place}: a command prints nothing; run it by hand"
                raise RuntimeError(message)
            lines = [line for command, output in played for line in (f"$ {command}", *output)]
            text = text[: block.start] + "\n".join(lines) + "\n" + text[block.end :]
        (ROOT / page).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    refresh()
