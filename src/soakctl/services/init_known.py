"""What is known of common servers: where they answer, what they log on their way up, how they end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PYTHON = re.compile(r"(python|pypy)[0-9.]*")
_ADDRESS = re.compile(r"(?:https?://)?(?:(\[[0-9a-fA-F:]+\]|[^:/\s]+)?:)?([0-9]{1,5})/?")
_ANYWHERE = frozenset({"0.0.0.0", "[::]", "::", "*"})  # noqa: S104 - compared with, never bound to
_RUNNERS = {"env": 1, "nice": 1, "nohup": 1, "exec": 1, "poetry": 2, "uv": 2, "pipenv": 2, "pdm": 2, "hatch": 2}


@dataclass(frozen=True, slots=True)
class Known:
    """A program that is known.

    Attributes:
        port: the port it takes unless told otherwise; None if it cannot be known.
        flags: the options that tell it otherwise, a port or an address.
        positional: the first word that is an address tells it too.
        checkpoints: name and pattern of the lines of its boot; the last shows life.
        stop: the `stop:` that suits it, as YAML.
        deadline: how long its boot may take.
        note: what a person should know, or "".
    """

    port: int | None = None
    flags: tuple[str, ...] = ()
    positional: bool = False
    checkpoints: tuple[tuple[str, str], ...] = ()
    stop: str = "{signal: SIGTERM, grace: 40s, clean_exit: [0, -SIGTERM]}"
    deadline: str = "8s"
    note: str = ""


_NODE_STOP = "{signal: SIGTERM, grace: 40s, clean_exit: [0, -SIGTERM, 143]}"
_PACKAGE_MANAGER = Known(
    stop=_NODE_STOP, note="package managers do not always pass signals on; starting node itself stops more cleanly"
)

KNOWN: dict[str, Known] = {
    "uvicorn": Known(
        port=8000,
        flags=("--port",),
        checkpoints=(
            ("process_started", "Started server process"),
            ("application_ready", "Application startup complete"),
            ("serving", "Uvicorn running on"),
        ),
    ),
    "gunicorn": Known(
        port=8000,
        flags=("-b", "--bind"),
        checkpoints=(("started", "Starting gunicorn"), ("listening", "Listening at"), ("worker", "Booting worker")),
    ),
    "hypercorn": Known(port=8000, flags=("-b", "--bind"), checkpoints=(("serving", "Running on"),)),
    "flask": Known(port=5000, flags=("-p", "--port"), checkpoints=(("serving", "Running on"),)),
    "manage.py": Known(
        port=8000,
        positional=True,
        note="the development server restarts itself when files change; add --noreload for a soak",
    ),
    "http.server": Known(port=8000, positional=True, checkpoints=(("serving", "Serving HTTP on"),)),
    "celery": Known(checkpoints=(("ready", r"celery@\S+ ready"),), deadline="30s"),
    "redis-server": Known(
        port=6379,
        flags=("--port",),
        checkpoints=(("ready", "Ready to accept connections"),),
        stop="{signal: SIGTERM, grace: 40s, clean_exit: [0]}",
    ),
    "nginx": Known(
        stop="{signal: SIGQUIT, grace: 40s, clean_exit: [0]}",
        note="nginx must stay in the foreground: start it with -g 'daemon off;'",
    ),
    "node": Known(stop=_NODE_STOP),
    "npm": _PACKAGE_MANAGER,
    "yarn": _PACKAGE_MANAGER,
    "pnpm": _PACKAGE_MANAGER,
    "java": Known(stop="{signal: SIGTERM, grace: 40s, clean_exit: [0, 143]}", deadline="60s"),
}


def program(words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """What a command really runs, and its arguments: the module behind `python -m`, the script behind a runner."""
    rest = tuple(words)
    while rest:
        name, rest = rest[0].replace("\\", "/").rpartition("/")[2].removesuffix(".exe"), rest[1:]
        if name in _RUNNERS:
            rest = rest[_RUNNERS[name] - 1 :]
            while name == "env" and rest and "=" in rest[0]:
                rest = rest[1:]
        elif _PYTHON.fullmatch(name):
            return _behind_python(rest)
        else:
            return name, rest
    return "", ()


def _behind_python(rest: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    for place, word in enumerate(rest):
        if word == "-m" and place + 1 < len(rest):
            return rest[place + 1], rest[place + 2 :]
        if not word.startswith("-"):
            return word.rpartition("/")[2], rest[place + 1 :]
    return "python", rest


def address(known: Known, arguments: Sequence[str]) -> str | None:
    """HOST:PORT where the program will answer on this machine, or None if that cannot be told."""
    if known.port is None:
        return None
    told = _told(known, arguments)
    if told is None:
        return f"127.0.0.1:{known.port}"
    found = _ADDRESS.fullmatch(told)
    if found is None or not 0 < int(found[2]) <= 65535:  # noqa: PLR2004 - the last port there is
        return None
    host = found[1] or "127.0.0.1"
    return f"{'127.0.0.1' if host in _ANYWHERE else host}:{found[2]}"


def _told(known: Known, arguments: Sequence[str]) -> str | None:
    for place, word in enumerate(arguments):
        flag, equals, value = word.partition("=")
        if flag in known.flags:
            return value if equals else next(iter(arguments[place + 1 :]), "")
        if known.positional and _ADDRESS.fullmatch(word):
            return word
    return None
