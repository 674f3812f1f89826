"""Walks JSON values: strings are redacted as text, and hidden whole under a name that promises a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.redact.arguments import GLUED, hide_glued_passwords
from soakctl.redact.keys import SecretKey, classify
from soakctl.redact.values import is_placeholder, is_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from soakctl.redact.literals import ShortValue

Json = Any

_PLAIN = frozenset({int, float, bool, type(None)})
_CACHED_KEYS = 4096


class Tree:
    """Redacts JSON values by means of a redactor of text."""

    def __init__(self, text: Callable[[str], str], mark: Callable[[str], str], shorts: Sequence[ShortValue]) -> None:
        """`mark` gives the replacement of a kind; `shorts` are hidden only as the whole value of a key."""
        self._text = text
        self._mark = mark
        self._shorts = shorts
        self._keys: dict[str, str] = {}

    def value(self, obj: Json) -> Json:
        """The value redacted; the same object when nothing changed."""
        if type(obj) in _PLAIN:
            return obj
        if isinstance(obj, str):
            return self._text(obj)
        if isinstance(obj, dict):
            return self._dict(obj)
        if isinstance(obj, list | tuple):
            return self._sequence(obj)
        return obj

    def _dict(self, obj: Mapping[Any, Json], outer: str | None = None) -> Json:
        named = self._name_of_value(obj) or outer
        changed = False
        done: dict[Any, Json] = {}
        for key, value in obj.items():
            new_key = self._key(key) if isinstance(key, str) else key
            new = value
            if type(value) not in _PLAIN:
                name = named if named and key == "value" else key
                new = self._under(name, value) if isinstance(name, str) else self.value(value)
            changed = changed or new is not value or new_key is not key
            done[_unique(new_key, done) if new_key is not key else key] = new
        return done if changed else obj

    @staticmethod
    def _name_of_value(obj: Mapping[Any, Json]) -> str | None:
        """`{"name": "DB_PASSWORD", "value": "…"}`: the name stands beside the value."""
        name = obj.get("name", obj.get("key")) if "value" in obj else None
        return name if isinstance(name, str) else None

    def _under(self, name: str, value: Json) -> Json:
        if isinstance(value, dict):
            return self._dict(value, name)  # `{"secret": {"value": "…"}}`
        if not isinstance(value, str):
            return self.value(value)
        for short in self._shorts:
            if value.strip() == short.text and short.belongs_to(name):
                return self._mark(short.name)
        return self._secret(classify(name), value)

    def _secret(self, key: SecretKey | None, value: str) -> str:
        return self._mark(key.kind) if key and is_secret(key, value) else self._text(value)

    def _sequence(self, obj: list[Json] | tuple[Json, ...]) -> Json:
        words = obj
        if any(isinstance(item, str) and GLUED in item for item in obj):  # a command line, maybe
            texts = iter(hide_glued_passwords([item for item in obj if isinstance(item, str)], self._mark("password")))
            words = [next(texts) if isinstance(item, str) else item for item in obj]
        done = []
        flag: SecretKey | None = None
        for item in words:
            if flag and isinstance(item, str) and not item.startswith("-"):
                done.append(item if is_placeholder(item) else self._secret(flag, item))
            else:
                done.append(self.value(item))
            flag = _flag(item)
        if all(new is old for new, old in zip(done, obj, strict=True)):
            return obj
        return done if isinstance(obj, list) else tuple(done)

    def _key(self, key: str) -> str:
        done = self._keys.get(key)
        if done is None:
            done = self._text(key)
            if len(self._keys) < _CACHED_KEYS:
                self._keys[key] = done
        return key if done == key else done


def _flag(item: Json) -> SecretKey | None:
    """What an argument such as `--api-key` says of the next one."""
    if not isinstance(item, str) or not item.startswith("-") or "=" in item or " " in item:
        return None
    return classify(item)


def _unique(key: str, taken: Mapping[Any, Json]) -> str:
    """Two names that look alike once redacted both stay."""
    number, unique = 1, key
    while unique in taken:
        number += 1
        unique = f"{key}#{number}"
    return unique
