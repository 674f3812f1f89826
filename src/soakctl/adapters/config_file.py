"""soakctl.yaml (or [tool.soakctl]) -> Config: found, read, checked, everything wrong told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from soakctl.adapters.config_discovery import VARIABLE, find, project_root, shown
from soakctl.adapters.config_read import read_document, read_yaml_document
from soakctl.domain.config.loaded import Loaded
from soakctl.domain.config.root import Config
from soakctl.errors import ConfigError, UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from soakctl.adapters.config_document import Document

__all__ = ["Loaded", "load", "parse", "write_config"]


def load(explicit: Path | None, *, cwd: Path, environ: Mapping[str, str]) -> Loaded:
    """Find and read the one configuration. Raises ConfigError listing everything wrong with it."""
    found = find(explicit, cwd, environ)
    root = project_root(cwd)
    if found.path is None:
        return Loaded(Config(), None, root, found.source, found.notes)
    name = shown(found.path, cwd)
    try:
        document = read_document(found, name)
        config = _config(document) if document is not None else Config()
    except ConfigError as error:
        if found.source == VARIABLE:
            error.hint = error.hint or f"the file is named by the environment variable {VARIABLE}"
        raise
    if document is None:
        return Loaded(config, None, root, "defaults", found.notes)
    from soakctl.domain.config.lint import lint  # noqa: PLC0415 - with no file there is nothing to advise on

    warnings = (*found.notes, *(document.show(advice.path, advice.text) for advice in lint(config)))
    return Loaded(config, found.path, root, found.source, warnings, _origins(document))


def parse(text: str, name: str) -> Config:
    """The configuration that a YAML text holds; an empty one holds the defaults. Raises ConfigError."""
    return _config(read_yaml_document(text, name))


def _config(document: Document) -> Config:
    try:
        config = Config.model_validate(document.data)
    except ValidationError as error:
        from soakctl.adapters.config_errors import problems_in  # noqa: PLC0415 - most configurations are right

        known = {problem.path for problem in document.problems}
        wrong = [problem for problem in problems_in(error) if problem.path not in known]
        raise document.error([*document.problems, *wrong]) from None
    if document.problems:
        raise document.error(document.problems)
    return config


def _origins(document: Document) -> dict[str, str]:
    return {
        document.key(path): f"{document.name}:{line}"
        for path, line in document.lines.items()
        if path and not any(len(other) > len(path) and other[: len(path)] == path for other in document.lines)
    }


def write_config(path: Path, text: str, *, replace: bool) -> None:
    """Write a new configuration file. Raises UsageError if there is one and it may not be replaced."""
    try:
        with path.open("w" if replace else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        message = f"{path} exists already"
        raise UsageError(message, hint="--force replaces it", where=str(path)) from None
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise UnavailableError(message, where=str(path)) from None
