"""The file from which the service takes its parameters: JSON or YAML, changed atomically, every other key kept."""

from __future__ import annotations

import copy
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from soakctl.adapters.overrides_text import edited
from soakctl.domain.delta import BlockedError, put
from soakctl.domain.signal import OverridesRead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from soakctl.domain.command import WriteOverrides

_LARGEST = 16 * 1024 * 1024
_NO_FILE = "none"


class OverridesFile:
    """`Overrides` on a real file. Nothing is raised: what cannot be done is said in the answer."""

    def __init__(self, path: Path) -> None:
        """Nothing is read or made."""
        self.path = path
        self._yaml = path.suffix.lower() in {".yaml", ".yml"}

    def read(self, token: int) -> OverridesRead:
        """The file as it stands; without one an empty object."""
        try:
            content = self._content()
            document = {} if content is None else self._parse(content)
        except (OSError, ValueError) as error:
            return OverridesRead(token, error=self._told(error))
        return OverridesRead(token, document, _digest(content), exists=content is not None)

    def write(self, command: WriteOverrides) -> OverridesRead:
        """Set the values, replace the file, and read it again."""
        try:
            content = self._content()
            if _digest(content) != command.digest:
                message = f"{self.path.name} was changed by someone else in the meantime"
                return OverridesRead(command.token, error=message)
            document = {} if content is None else self._parse(content)
            self._replace(self._changed(content, document, command.values))
        except (OSError, ValueError, RecursionError) as error:
            return OverridesRead(command.token, error=self._told(error))
        return self.read(command.token)

    def text(self) -> str | None:
        """What the file holds, to the letter; None without one, or where it cannot be read as text."""
        try:
            return _decoded(self._content())
        except (OSError, ValueError):
            return None

    def text_with(self, parameters: Mapping[str, Any], text: str | None) -> str | None:
        """A file of this text (None for no file) as it would be written with these values, None where it cannot be."""
        try:
            content = None if text is None else text.encode()
            document = {} if content is None else self._parse(content)
            return self._changed(content, document, dict(_values(parameters)))
        except (OSError, ValueError, RecursionError):
            return None

    def _content(self) -> bytes | None:
        try:
            with self.path.open("rb") as stream:
                content = stream.read(_LARGEST + 1)
        except FileNotFoundError:
            return None
        if len(content) > _LARGEST:
            message = "it is larger than 16 MiB"
            raise ValueError(message)
        return content

    def _parse(self, content: bytes) -> dict[str, Any]:
        document = _yaml_of(content) if self._yaml else _json_of(content)
        if document is None:
            return {}
        if not isinstance(document, dict):
            message = "it holds no object"
            raise ValueError(message)  # noqa: TRY004 - told like everything else that is wrong with the file
        return document

    def _changed(self, content: bytes | None, document: dict[str, Any], values: Mapping[str, Any]) -> str:
        """The text of the file with these values: the one that stands there, edited, or else a new one."""
        after = copy.deepcopy(document)
        for path, value in values.items():
            put(after, path, value)
        text = _decoded(content)
        if text is not None and document:
            parse = _yaml_of if self._yaml else _json_of
            text = edited(text, document, values, parse=parse, yaml_text=self._yaml)
            if text is not None:
                return text
        return self._text(after)

    def _text(self, document: dict[str, Any]) -> str:
        if not self._yaml:
            return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        import yaml  # few overrides are YAML  # noqa: PLC0415

        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)

    def _replace(self, text: str) -> None:
        """By rename, durably: a service that reads meanwhile sees the old file or the new one."""
        target = self.path.resolve()  # a link stays one
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.soakctl.new")
        mode = target.stat().st_mode & 0o7777 if target.exists() else None
        try:
            with partial.open("wb") as stream:
                stream.write(text.encode())
                stream.flush()
                os.fsync(stream.fileno())
            if mode is not None:
                partial.chmod(mode)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def _told(self, error: Exception) -> str:
        if isinstance(error, BlockedError):
            return f"{self.path.name}: {error}"
        if isinstance(error, OSError):
            return f"{self.path.name} cannot be read or written: {error.strerror or error}"
        if isinstance(error, RecursionError):
            return f"{self.path.name} is nested too deeply"
        return f"{self.path.name} is not what is expected: {error}"


def _decoded(content: bytes | None) -> str | None:
    """As UTF-8; None for what is none, such as JSON in another encoding."""
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        return None


def _values(document: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _values(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _digest(content: bytes | None) -> str:
    return _NO_FILE if content is None else hashlib.sha256(content).hexdigest()


def _json_of(content: bytes) -> Any:
    if not content.strip():
        return None
    try:
        return json.loads(content, parse_constant=_no_number)
    except RecursionError:
        message = "it is nested too deeply"
        raise ValueError(message) from None


def _no_number(name: str) -> Any:
    message = f"{name} is no number of JSON"
    raise ValueError(message)


def _yaml_of(content: bytes) -> Any:
    import yaml  # noqa: PLC0415 - as above

    try:
        return yaml.safe_load(content)
    except (yaml.YAMLError, RecursionError, LookupError, AttributeError, TypeError, ValueError) as error:
        # Behind YAMLError, what its constructors raise for an explicit tag that does not fit, such as !!int "".
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise ValueError(f"it is no YAML{where}") from None
