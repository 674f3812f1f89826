"""What reading a log needs of a configuration, without the model, which takes longer to import than a log to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from soakctl.adapters.config_discovery import find, project_root, shown
from soakctl.adapters.config_read import read_document
from soakctl.domain.config.checks import compiles, variable, variable_key, without_nul
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

# The keys of these sections; a test compares them with the model.
KEYS: Mapping[str, frozenset[str]] = {
    "": frozenset("version service smoke soak kpis gate snapshot tuning validate redact".split()),
    "service": frozenset("name command cwd env secrets logs data ready liveness restart stop agent".split()),
    "secret": frozenset({"name", "file"}),
    "redact": frozenset({"extra", "keep"}),
}


class GlancedSecret(NamedTuple):
    """A secret of the service, as the model has it."""

    name: str
    file: str | None = None


class Glance(NamedTuple):
    """The part of a configuration that logs are found and redacted by; each value as the model would have it.

    Attributes:
        path: the file; None for the built-in defaults.
        root: the project's root.
        notes: what was noticed on the way to the file.
        is_plain: whether everything looked at is right; what is not is left out, and the model says what is wrong.
    """

    path: Path | None
    root: Path
    notes: tuple[str, ...] = ()
    is_plain: bool = True
    cwd: str = "."
    env: Mapping[str, str] = {}
    secrets: tuple[GlancedSecret, ...] = ()
    logs: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


def glance(explicit: Path | None, *, cwd: Path, environ: Mapping[str, str]) -> Glance:
    """Look at the one configuration. Raises nothing: of a file that cannot be read nothing is known."""
    found = find(explicit, cwd, environ)
    root = project_root(cwd)
    if found.path is None:
        return Glance(None, root, found.notes)
    try:
        document = read_document(found, shown(found.path, cwd))
    except ConfigError:
        return Glance(found.path, root, found.notes, is_plain=False)
    if document is None:
        return Glance(None, root, found.notes)
    look = _Look(is_plain=not document.problems)
    told = look.at(document.data)
    return Glance(found.path, root, found.notes, look.is_plain, *told)


class _Look:
    """Takes values as the model would, and notes whether there was anything that it would refuse."""

    def __init__(self, *, is_plain: bool) -> None:
        self.is_plain = is_plain

    def at(self, data: Any) -> tuple[Any, ...]:
        """The values of a `Glance`, from `cwd` on."""
        whole = self._section(data, "")
        if type(whole.get("version", 1)) is not int or whole.get("version", 1) != 1:
            self.is_plain = False
        service, redact = self._section(whole.get("service"), "service"), self._section(whole.get("redact"), "redact")
        return (
            next(self._texts([service.get("cwd", ".")], without_nul), "."),
            dict(self._variables(service.get("env"))),
            tuple(self._secrets(service.get("secrets"))),
            tuple(self._texts(service.get("logs"), without_nul)),
            tuple(self._texts(redact.get("extra"), compiles)),
            tuple(self._texts(redact.get("keep"), compiles)),
        )

    def _section(self, value: Any, keys: str) -> dict[str, Any]:
        """Keys and values, without those that are unset."""
        if value is None:
            return {}
        if not isinstance(value, dict) or not value.keys() <= KEYS[keys]:
            self.is_plain = False
        return {key: each for key, each in value.items() if each is not None} if isinstance(value, dict) else {}

    def _list(self, value: Any) -> Sequence[Any]:
        if value is None:
            return ()
        if not isinstance(value, list):
            self.is_plain = False
        return value if isinstance(value, list) else ()

    def _texts(self, values: Any, check: Callable[[str], str]) -> Iterator[str]:
        return (value for value in self._list(values) if self._is(value, check))

    def _is(self, value: Any, check: Callable[[str], str]) -> bool:
        """Whether a value is such a text, and not empty."""
        try:
            good = isinstance(value, str) and bool(value) and check(value) == value
        except ValueError:
            good = False
        self.is_plain = self.is_plain and good
        return good

    def _variables(self, value: Any) -> Iterator[tuple[str, str]]:
        if value is not None and not isinstance(value, dict):
            self.is_plain = False
        for key, text in value.items() if isinstance(value, dict) else ():
            if self._is(key, variable_key) and (text == "" or self._is(text, without_nul)):
                yield key, text

    def _secrets(self, value: Any) -> Iterator[GlancedSecret]:
        names: set[str] = set()
        for each in self._list(value):
            row = {"name": each} if isinstance(each, str) else self._section(each, "secret")
            name, file = row.get("name"), row.get("file")
            if name is None or not self._is(name, variable) or name in names:
                self.is_plain = False
                continue
            names.add(name)
            yield GlancedSecret(name, file if file is not None and self._is(file, without_nul) else None)
