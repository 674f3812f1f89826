"""The file from which the service takes its parameters: JSON or YAML, changed atomically, every other key kept."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from soakctl.adapters.overrides_text import edited, keeps
from soakctl.domain.delta import BlockedError, look_up, put, same
from soakctl.domain.signal import OverridesRead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from soakctl.domain.command import WriteOverrides

_LARGEST = 16 * 1024 * 1024
_NO_FILE = "none"
_NOT_KEPT = "it cannot be changed without changing other keys of it; write the parameters into it by hand"


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
            lost = self._replace(self._changed(content, document, command.values))
        except (OSError, ValueError, RecursionError) as error:
            return OverridesRead(command.token, error=self._told(error))
        return replace(self.read(command.token), note=lost)

    def rehearse(self, values: Mapping[str, Any]) -> str:
        """Why the file could not be written with these values, or ""; nothing is written."""
        try:
            content = self._content()
            document = {} if content is None else self._parse(content)
            after = self._parse(self._changed(content, document, values).encode())
        except (OSError, ValueError, RecursionError) as error:
            return self._told(error)
        kept = all(same(look_up(after, path), value) for path, value in values.items())
        return "" if kept else f"{self.path.name} does not keep what is written into it"

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
        if text is not None and (document or self._yaml):
            parse = _yaml_of if self._yaml else _json_of
            changed = edited(text, document, values, parse=parse, yaml_text=self._yaml)
            if changed is not None:
                return changed
        new = self._text(after)
        if self._yaml and content is not None and (text is None or not keeps(text, new, values, _yaml_of)):
            raise ValueError(_NOT_KEPT)
        return new

    def _text(self, document: dict[str, Any]) -> str:
        if not self._yaml:
            return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        import yaml  # few overrides are YAML  # noqa: PLC0415

        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)

    def _replace(self, text: str) -> str:
        """By rename, durably: a service that reads meanwhile sees the old file or the new one. What was not kept."""
        target = self.path.resolve()  # a link stays one
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.soakctl.new")
        before = target.stat() if target.exists() else None
        partial.unlink(missing_ok=True)  # of a soakctl that was killed
        try:
            # With its last owner and mode before a word stands in it: nobody reads what they may not.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            with open(os.open(partial, flags, 0o666 if before is None else 0o600), "wb") as stream:
                lost = "" if before is None else _keep_owner(stream.fileno(), partial, before)
                stream.write(text.encode())
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return lost

    def _told(self, error: Exception) -> str:
        if isinstance(error, BlockedError):
            return f"{self.path.name}: {error}"
        if isinstance(error, OSError):
            return f"{self.path.name} cannot be read or written: {error.strerror or error}"
        if isinstance(error, RecursionError):
            return f"{self.path.name} is nested too deeply"
        return f"{self.path.name} is not what is expected: {error}"


def _keep_owner(descriptor: int, path: Path, before: os.stat_result) -> str:
    """Give a new file the owner, the group and the mode of the one before it; what is not allowed is said."""
    lost = ""
    now = os.fstat(descriptor)
    if hasattr(os, "fchown") and (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        try:
            os.fchown(descriptor, before.st_uid, before.st_gid)
        except OSError:
            lost = f"the owner of the file could not be kept: it was {before.st_uid}, and is {now.st_uid}"
            try:
                os.fchown(descriptor, -1, before.st_gid)
            except OSError:
                lost += f"; nor its group: it was {before.st_gid}, and is {now.st_gid}"
    path.chmod(stat.S_IMODE(before.st_mode))
    return lost


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
        return json.loads(content, parse_constant=_no_number, object_pairs_hook=_once)
    except RecursionError:
        message = "it is nested too deeply"
        raise ValueError(message) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise ValueError(f"the key {json.dumps(twice[:80], ensure_ascii=False)} stands twice in one object")
    return found


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
