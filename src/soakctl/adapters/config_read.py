"""The file of a configuration -> a Document: read, and nothing of it judged yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.adapters.config_discovery import PYPROJECT, read_text
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from soakctl.adapters.config_discovery import Found
    from soakctl.adapters.config_document import Document


def read_document(found: Found, name: str) -> Document | None:
    """What the file holds; None where nothing of it is soakctl's. `name` is how people know it. Raises ConfigError."""
    assert found.path is not None
    text = read_text(found.path, name)
    if found.path.suffix != ".toml":
        return read_yaml_document(text, name)
    if found.source == PYPROJECT and "soakctl" not in text:
        return None  # nothing of it is ours, not even what is broken in it
    from soakctl.adapters.config_toml import read_toml  # noqa: PLC0415 - as PyYAML

    document = read_toml(text, name)
    if document is None and found.source != PYPROJECT:
        message = f"{name}: holds no table [tool.soakctl]"
        raise ConfigError(message, where=name)
    return document


def read_yaml_document(text: str, name: str) -> Document:
    """What a YAML text holds. Raises ConfigError."""
    from soakctl.adapters.config_yaml import read_yaml  # noqa: PLC0415 - PyYAML is imported where there is YAML to read

    return read_yaml(text, name)
