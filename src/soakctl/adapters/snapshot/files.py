"""Configuration files: there or not, whole or not, and a hash; never what is in them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tomllib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from soakctl.adapters.snapshot.key import Key
    from soakctl.domain.config.snapshot import File

# Looked at where they are, without being asked for.
KNOWN = (
    "soakctl.yaml .env pyproject.toml requirements.txt poetry.lock uv.lock Pipfile.lock setup.cfg package.json "
    "package-lock.json yarn.lock go.mod go.sum Cargo.lock Dockerfile docker-compose.yml docker-compose.yaml "
    "compose.yaml"
).split()
_MOST_BYTES = 16 * 1024 * 1024
_DEEPEST = 1000  # the loader written in C knows no end of its own
_FORMATS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml", ".env": "env"}
_ENV_LINE = re.compile(r"\s*(?:#.*|(?:export\s+)?[A-Za-z_][A-Za-z0-9_.]*\s*=.*)?\s*")
_TOML_PLACE = re.compile(r"\(at (line \d+, column \d+)\)|\(at end of document\)")


class _InvalidError(Exception):
    """The file is not what its name says; the message holds nothing of its content."""


def look_at_files(asked: Iterable[File], root: Path, *, hide: Callable[[str], str], key: Key | None) -> dict[str, Any]:
    """Each file by its path as it was given: those asked for, and well-known ones that are there.

    `sha256` is of the text with secrets hidden, so that it gives none away; `fingerprint` is keyed, of the whole.
    """
    counts: dict[str, Mapping[str, str]] = {name: {} for name in KNOWN if (root / name).is_file()}
    counts |= {each.path: each.count for each in asked}
    return {path: _look(root / os.path.expanduser(path), counts[path], hide, key) for path in sorted(counts)}


def _look(path: Path, count: Mapping[str, str], hide: Callable[[str], str], key: Key | None) -> dict[str, Any]:
    try:
        content, status = _read(path)
    except FileNotFoundError:
        return {"exists": False}
    except (OSError, ValueError) as error:
        return {"exists": True, "problem": f"cannot be read: {getattr(error, 'strerror', None) or error}"}
    text = content.decode("utf-8", "surrogateescape")
    shown = hide(text)
    modified = datetime.fromtimestamp(status.st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    about: dict[str, Any] = {
        "exists": True,
        "size_bytes": status.st_size,
        "modified_utc": modified,
        "sha256": hashlib.sha256(shown.encode("utf-8", "surrogateescape")).hexdigest(),
        "holds_secrets": shown != text,
    }
    if key is not None:
        about["fingerprint"] = key.of("file", content)
    kind = "env" if path.name == ".env" or path.name.startswith(".env.") else _FORMATS.get(path.suffix.lower())
    return about | ({} if kind is None else _validity(kind, content, count))


def _read(path: Path) -> tuple[bytes, os.stat_result]:
    # Without O_NONBLOCK the opening of a named pipe waits for a writer, for ever.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            message = "it is no ordinary file"
            raise ValueError(message)
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        message = f"it is larger than {_MOST_BYTES // 1024 // 1024} MB"
        raise ValueError(message)
    return content, status


def _validity(kind: str, content: bytes, count: Mapping[str, str]) -> dict[str, Any]:
    try:
        document = _PARSERS[kind](content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return {"format": kind, "valid": False, "problem": "not UTF-8"}
    except _InvalidError as error:
        return {"format": kind, "valid": False, "problem": str(error)}
    except RecursionError:
        return {"format": kind, "valid": False, "problem": "nested too deeply"}
    about: dict[str, Any] = {"format": kind, "valid": True}
    if count:
        about["counts"] = {name: _length_at(document, pointer) for name, pointer in sorted(count.items())}
    return about


def _yaml(text: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # Only the shape is checked: tags of the application's own are not ours to know.
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise RecursionError
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise _InvalidError(f"not valid YAML{place}") from None
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 - one of the two safe loaders
    except yaml.YAMLError:
        return None  # several documents, or own tags: nothing to count in


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _InvalidError(f"not valid JSON at line {error.lineno}, column {error.colno}") from None
    except ValueError:
        raise _InvalidError("not valid JSON") from None


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except ValueError as error:
        place = _TOML_PLACE.search(str(error))
        raise _InvalidError(f"not valid TOML{f' at {place[1]}' if place and place[1] else ''}") from None


def _env(text: str) -> Any:
    for number, line in enumerate(text.splitlines(), start=1):
        if not _ENV_LINE.fullmatch(line):
            raise _InvalidError(f"line {number} is no NAME=value")
    return {line.split("=", 1)[0].strip(): "" for line in text.splitlines() if "=" in line}


_PARSERS: Mapping[str, Callable[[str], Any]] = {"yaml": _yaml, "json": _json, "toml": _toml, "env": _env}


def _length_at(document: Any, pointer: str) -> int | None:
    """How many entries a list or a mapping has; None where there is neither."""
    for part in pointer.split("/")[1:]:
        word = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict):
            document = document.get(word)
        elif isinstance(document, list) and word.isdecimal() and int(word) < len(document):
            document = document[int(word)]
        else:
            return None
    return len(document) if isinstance(document, dict | list) else None
