"""Drafts a commented soakctl.yaml for a command: what is known filled in, the rest shown as examples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soakctl.errors import UsageError
from soakctl.services.init_known import KNOWN, Known, address, program

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAIN_WORD = re.compile(r"[A-Za-z./_][A-Za-z0-9_./-]*|--?[A-Za-z][A-Za-z0-9_-]*")
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})  # also for readers of YAML 1.1
_SECRET_FLAG = re.compile(r"(?i)-.*(passw(or)?d|token|secret|api[-_]?key)")

_TEMPLATE = """\
# soakctl.yaml: how this service is started, watched and judged.
#   soakctl config check     is this file valid?
#   soakctl smoke            does the service boot, and is it alive?
#   soakctl soak --hours 1   does it stay well?
#   soakctl gate             is it safe to deploy?
# What is commented out is an example or the default. For help while you type, in editors that know YAML schemas:
# soakctl config schema > soakctl.schema.json
version: 1

service:
  name: {name}
  {command}
  # cwd: .                           # where it starts; relative paths start from the project root
  # env: {{LOG_LEVEL: INFO}}
  # secrets: [API_KEY]               # found as API_KEY, API_KEY_FILE or /run/secrets/api_key; never shown
  # logs: [logs/service.log]         # besides stdout and stderr, which are always read
  # data: [data/]                    # directories whose size is watched
  {ready}
  # liveness: {{pattern: 'request handled', silence: 5m}}   # a line that shows work, and how long it may stay away
  # restart: {{policy: on_failure, max: 3, backoff: 1s..60s}}
  stop: {stop}

smoke:
  deadline: {deadline}
{checkpoints}
  # failures:                        # lines that end the wait at once
  #   - {{pattern: '401 Unauthorized', exit: API_ERROR, hint: Check the API credentials}}

soak:
  hours: 24
  # iteration: 1h                    # a window that is judged on its own; by default an eighth, 1h at most
  # sample_every: 60s

# kpis:                              # figures of your own, and what is good
#   - name: p95_latency_ms
#     source: {{json: artifacts/report.json, pointer: /p95_latency_ms}}   # or prometheus, log, command, resource
#     max: 340

# gate:
#   window: 8                        # iterations looked at
#   min_pass: 6                      # of them for PASS
#   warn_pass: 5                     # of them for WARN
#   resources: {{rss_slope: 1MB/h, cpu_mean: 80%, disk: 5GB, zombies: 0}}
#   logs: {{critical: 0}}

# snapshot:                          # what `soakctl snapshot` looks at beside what it always does
#   hosts: [db.internal:5432, https://api.example.com]
#   files: [config/app.yaml]
"""

_EXAMPLE_CHECKPOINTS = """\
  # checkpoints:                     # lines of the boot, in order; without any, a first sign of life is looked for
  #   - {name: started, pattern: 'Starting'}
  #   - {name: ready, pattern: 'Ready', liveness: true, hints: [Check the configuration]}"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file to be written, and what the person should know about it."""

    text: str
    notes: tuple[str, ...] = ()


def draft(command: Sequence[str], *, directory: str) -> Draft:
    """The file for this command, which may be empty; `directory` names the service where the command does not.

    Raises UsageError for a command that cannot be written down as UTF-8.
    """
    running, arguments = program(command)
    known = KNOWN.get(running, Known())
    text = _TEMPLATE.format(
        name=_name(running, directory),
        command=f"command: [{', '.join(_word(word) for word in command)}]"
        if command
        else "# command: [python, -m, my_service]   # or: soakctl soak -- COMMAND",
        ready=_ready(known, arguments),
        stop=known.stop,
        deadline=known.deadline,
        checkpoints=_checkpoints(known),
    )
    return Draft(text, tuple(_notes(command, known)))


def _notes(command: Sequence[str], known: Known) -> list[str]:
    notes = [known.note] if known.note and not any("daemon off" in word for word in command) else []
    if any(_SECRET_FLAG.match(word) for word in command):
        notes.append("the command seems to hold a secret, which now stands in the file; service.secrets can pass it")
    return notes


def _name(running: str, directory: str) -> str:
    """Servers say little about what they serve, so there the directory names the service."""
    stem = running.removesuffix(".py").removesuffix(".js").removesuffix(".sh")
    for candidate in (directory if running in KNOWN and running != "redis-server" else stem, directory, "service"):
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", candidate).strip("-.")[:60]
        if name:
            name = name if re.match("[A-Za-z_]", name) else f"service-{name}"
            return f"'{name}'" if name.lower() in _NOT_TEXT else name
    raise AssertionError


def _ready(known: Known, arguments: Sequence[str]) -> str:
    where = address(known, arguments)
    if where is None:
        return "# ready: {tcp: '127.0.0.1:8000'}   # or http: URL, or log: PATTERN"
    return f"ready: {{tcp: '{where}'}}   # or http: URL, or log: PATTERN"


def _checkpoints(known: Known) -> str:
    if not known.checkpoints:
        return _EXAMPLE_CHECKPOINTS
    rows = ["  checkpoints:                       # lines of the boot, in order; the liveness one must come"]
    last = len(known.checkpoints) - 1
    for place, (name, pattern) in enumerate(known.checkpoints):
        rows.append(f"    - {{name: {name}, pattern: '{pattern}'{', liveness: true' if place == last else ''}}}")
    return "\n".join(rows)


def _word(word: str) -> str:
    """A word of the command as YAML that reads back as exactly this text."""
    if _PLAIN_WORD.fullmatch(word) and word.lower() not in _NOT_TEXT:
        return word
    if any("\ud800" <= mark <= "\udfff" for mark in word):
        message = "the command holds bytes that are not UTF-8, which a configuration cannot"
        raise UsageError(message, hint="write the file without it: soakctl init")
    if word.isprintable():
        return "'" + word.replace("'", "''") + "'"
    marks = {"\\": "\\\\", '"': '\\"'}
    shown = (marks.get(mark, mark) if mark.isprintable() else f"\\U{ord(mark):08x}" for mark in word)
    return '"' + "".join(shown) + '"'
