"""The Python of the service, which is not soakctl's own: found from its command, and asked by running it."""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from soakctl.adapters.run_command import run_bounded
from soakctl.adapters.snapshot.dependencies import declared
from soakctl.adapters.snapshot.git import bare_url
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TIMEOUT_S = 15.0
_MOST_OUTPUT = 8_000_000
_MARK = "soakctl:"
_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*(?:\.exe)?")
_FIRST_LINE_BYTES = 512
# What else decides on what an interpreter says.
_DECIDES = ("PYTHONPATH", "PYTHONHOME", "PYTHONNOUSERSITE", "VIRTUAL_ENV", "HOME", "LANG", "LC_ALL", "LC_CTYPE")
_VENVS = (".venv", "venv")
_RUNNERS = frozenset({"uv", "poetry", "pdm", "rye", "hatch", "pipenv"})  # they choose the project's environment


class Found(NamedTuple):
    """An interpreter, and how it was found."""

    executable: str
    by: str


class Answered:
    """What an interpreter said before, which holds as long as nothing was installed since."""

    def __init__(self) -> None:
        """It was not asked yet."""
        self._asked: tuple[object, ...] = ()
        self._places: tuple[tuple[str, int | None], ...] = ()
        self._line = ""

    def line(self, asked: tuple[object, ...]) -> str | None:
        """What it said to the same question; None where it has to be asked again."""
        same = asked == self._asked and self._places == tuple((place, _changed(place)) for place, _ in self._places)
        return self._line if same and self._line else None

    def keep(self, asked: tuple[object, ...], line: str) -> None:
        """Remember an answer."""
        path = json.loads(line.removeprefix(_MARK)).get("path") or ()
        self._asked, self._line = asked, line
        self._places = tuple((place, _changed(place)) for place in path if isinstance(place, str))


def _changed(place: str) -> int | None:
    """When something came into a directory, or went."""
    try:
        return os.stat(place).st_mtime_ns
    except OSError:
        return None


def look_at_python(
    command: Sequence[str] | None,
    env: Mapping[str, str],
    cwd: Path,
    *,
    root: Path,
    running: str | None,
    answered: Answered | None = None,
) -> dict[str, Any] | None:
    """The interpreter with its packages; None where the service is not run by Python.

    Args:
        command: what the service is started with, if that is known.
        env: its environment.
        cwd: its working directory.
        root: the project, whose declared dependencies are told from those they bring with them.
        running: the executable of the running service.
        answered: what was said before, if it need not be asked for again.

    Raises:
        UnavailableError: there is one and it does not answer, or there is no such command.
    """
    if command and running is None and _which(command[0], env, cwd) is None:
        message = f"command not found: {command[0]}"
        raise UnavailableError(message, where=f"PATH={env.get('PATH', '')}")
    found = find_python(command, env, cwd, root=root, running=running)
    if found is None:
        return None
    answered = answered or Answered()
    asked = (found.executable, str(cwd), *(env.get(name) for name in _DECIDES))
    line = answered.line(asked)
    if line is None:
        line = _ask(found.executable, env, cwd)
        answered.keep(asked, line)
    told = json.loads(line.removeprefix(_MARK))
    told["packages"] = _packages(told.get("packages"), told.pop("needed", None), declared(root))
    return {**told, "executable": told.get("executable") or found.executable, "found_by": found.by}


def _ask(executable: str, env: Mapping[str, str], cwd: Path) -> str:
    """Run it once: the line that it says. Raises UnavailableError."""
    script = Path(__file__).with_name("probe_script.py").read_text(encoding="utf-8")
    done = run_bounded([executable, "-c", script], cwd=cwd, env=env, timeout_s=_TIMEOUT_S, max_output=_MOST_OUTPUT)
    line = next((line for line in done.stdout.splitlines() if line.startswith(_MARK)), None)
    if line is None:
        why = done.failure() or "it said nothing"
        raise UnavailableError(f"the service's Python does not answer: {why}", where=executable)
    return line


def _packages(
    packages: Mapping[str, Any] | None, needed: Sequence[str] | None, wanted: frozenset[str]
) -> dict[str, Any] | None:
    """Each with `direct`: the project asks for it itself, or, where it declares nothing, nobody else does."""
    if packages is None:
        return None
    brought = frozenset(needed or ())
    found = {}
    for name, about in packages.items():
        direct = name in wanted if wanted else name not in brought
        url = about.get("direct_url")
        found[name] = {"version": about.get("version"), "direct": direct}
        if url:
            found[name] |= {"direct_url": bare_url(url), "editable": about.get("editable", False)}
        if about.get("commit"):
            found[name]["commit"] = about["commit"]
    return found


def find_python(
    command: Sequence[str] | None, env: Mapping[str, str], cwd: Path, *, root: Path, running: str | None
) -> Found | None:
    """The interpreter that the service runs on, by the surest sign there is."""
    if running is not None and _PYTHON.fullmatch(Path(running).name):
        # The link in a virtual environment is what was started, and /proc knows only what it leads to.
        named = _of_command(command, env, cwd)
        return named if named and os.path.realpath(named.executable) == running else Found(running, "running process")
    if command:
        of_runner = _of_environment(env, root) if Path(command[0]).name in _RUNNERS else None
        return of_runner or _of_command(command, env, cwd)
    return _of_environment(env, root) or _on_path(env)


def _of_command(command: Sequence[str] | None, env: Mapping[str, str], cwd: Path) -> Found | None:
    if not command:
        return None
    program = _which(command[0], env, cwd)
    if program is None:
        return None
    if _PYTHON.fullmatch(Path(program).name):
        return Found(program, "command")
    words = _shebang(program)
    if words and Path(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if words and _PYTHON.fullmatch(Path(words[0]).name):
        interpreter = _which(words[0], env, cwd)
        return None if interpreter is None else Found(interpreter, f"first line of {program}")
    rest = [word for word in command[1:] if _PYTHON.fullmatch(Path(word).name)]
    return _of_command(rest[:1], env, cwd)  # env python, nice python


def _of_environment(env: Mapping[str, str], root: Path) -> Found | None:
    """A virtual environment, active or the project's."""
    places = [(env.get("VIRTUAL_ENV"), "VIRTUAL_ENV"), *((str(root / name), name) for name in _VENVS)]
    for place, by in places:
        for inner in ("bin/python", "Scripts/python.exe"):
            if place and os.path.exists(os.path.join(place, inner)):
                return Found(os.path.join(place, inner), by)
    return None


def _on_path(env: Mapping[str, str]) -> Found | None:
    on_path = shutil.which("python3", path=env.get("PATH")) or shutil.which("python", path=env.get("PATH"))
    return None if on_path is None else Found(on_path, "PATH")


def _which(word: str, env: Mapping[str, str], cwd: Path) -> str | None:
    if os.sep in word:
        path = os.path.normpath(cwd / word)
        return path if os.path.exists(path) else None
    return shutil.which(word, path=env.get("PATH"))


def _shebang(program: str) -> list[str]:
    with suppress(OSError), open(program, "rb") as file:
        first = file.read(_FIRST_LINE_BYTES).split(b"\n", 1)[0]
        if first.startswith(b"#!"):
            return first[2:].decode("utf-8", "replace").split()
    return []
