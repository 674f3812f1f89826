"""Which file is the configuration: exactly one, never merged."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FILE = "soakctl.yaml"
PYPROJECT = "pyproject.toml"
VARIABLE = "SOAKCTL_CONFIG"
_LARGEST_TOML = 4 * 1024 * 1024
_LARGEST_YAML = 256 * 1024  # PyYAML takes seconds for more, and no person wrote it


@dataclass(frozen=True, slots=True)
class Found:
    """The file to read: where it is and who named it. `path` is None for the built-in defaults."""

    source: str
    path: Path | None
    notes: tuple[str, ...] = field(default=())


def project_root(cwd: Path) -> Path:
    """The nearest directory, from `cwd` upwards, with a .git or a pyproject.toml; `cwd` itself if there is none."""
    for directory in (cwd, *cwd.parents):
        # os.path and not pathlib: a parent that may not be looked into is no error
        if os.path.exists(directory / ".git") or os.path.isfile(directory / PYPROJECT):
            return directory
    return cwd


def find(explicit: Path | None, cwd: Path, environ: Mapping[str, str]) -> Found:
    """The first of: `explicit`, $SOAKCTL_CONFIG, soakctl.yaml from `cwd` up to the project root, pyproject.toml."""
    if explicit is not None:
        return Found("--config", cwd / explicit)
    if environ.get(VARIABLE):
        return Found(VARIABLE, cwd / environ[VARIABLE])
    root = project_root(cwd)
    notes: list[str] = []
    for directory in _upwards(cwd, root):
        if os.path.lexists(directory / FILE):  # a broken link is told, not passed over
            return Found(FILE, directory / FILE, tuple(notes))
        misnamed = directory / "soakctl.yml"
        if os.path.lexists(misnamed):
            notes.append(f"{shown(misnamed, cwd)}: is not read; name it {FILE}")
    if os.path.isfile(root / PYPROJECT):
        return Found(PYPROJECT, root / PYPROJECT, tuple(notes))
    return Found("defaults", None, tuple(notes))


def _upwards(cwd: Path, root: Path) -> Iterator[Path]:
    for directory in (cwd, *cwd.parents):
        yield directory
        if directory == root:
            return


def shown(path: Path, cwd: Path) -> str:
    """The path as a person in `cwd` would write it."""
    relative = os.path.relpath(path, cwd)
    return str(path) if relative.count("..") > 3 else relative  # noqa: PLR2004 - then the whole path reads better


def read_text(path: Path, name: str) -> str:
    """The file's text. Raises ConfigError if it cannot be read, is not UTF-8, or is far too large to be meant."""
    largest = _LARGEST_TOML if path.suffix == ".toml" else _LARGEST_YAML
    try:
        with path.open("rb") as file:
            raw = file.read(largest + 1)
    except FileNotFoundError:
        message = f"{name}: no such file"
        raise ConfigError(message, hint="'soakctl init' writes a commented soakctl.yaml", where=name) from None
    except IsADirectoryError:
        message = f"{name}: is a directory; name the file in it"
        raise ConfigError(message, where=name) from None
    except (OSError, ValueError) as error:
        message = f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ConfigError(message, where=name) from None
    if len(raw) > largest:
        message = f"{name}: larger than {largest // 1024} KiB, which is no configuration"
        raise ConfigError(message, where=name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"{name}:{line}: not UTF-8; save the file as UTF-8"
        raise ConfigError(message, where=name) from None
