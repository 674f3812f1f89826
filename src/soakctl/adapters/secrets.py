"""Secrets of the service: found where each may lie, put into its environment, never shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from soakctl.domain.config.root import Config

RUN_SECRETS = Path("/run/secrets")
_NO_SECRET = frozenset({"", "dummy", "test", "none"})
_LARGEST = 1024 * 1024


class Secret(Protocol):
    """A secret as the configuration names it."""

    @property
    def name(self) -> str:
        """The variable."""
        ...

    @property
    def file(self) -> str | None:
        """Where it lies if the variable is unset."""
        ...


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was found.

    Attributes:
        values: the secrets by name; left out of the repr.
        missing: names for which there is no value, in the order of the configuration.
        sources: for each found name, where: the variable or the file. Fit to be shown.
    """

    values: Mapping[str, str] = field(repr=False)
    missing: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)


def counts_as_missing(value: str | None) -> bool:
    """Whether this is no secret: unset, empty, dummy, test or none, in any case."""
    return value is None or value.strip().lower() in _NO_SECRET


def resolve_secrets(
    secrets: Iterable[Secret], environ: Mapping[str, str], run_secrets_dir: Path = RUN_SECRETS, *, root: Path = Path()
) -> Resolved:
    """Look each up as NAME, NAME_FILE, its `file` (relative to `root`) and /run/secrets/<name in lower case>.

    Raises ConfigError for a file that is there and cannot be read, and for a NAME_FILE that leads nowhere.
    """
    values: dict[str, str] = {}
    sources: dict[str, str] = {}
    missing: list[str] = []
    for secret in secrets:
        for source, value in _candidates(secret, environ, run_secrets_dir, root):
            if not counts_as_missing(value):
                values[secret.name], sources[secret.name] = value, source
                break
        else:
            missing.append(secret.name)
    return Resolved(values, tuple(missing), sources)


def _candidates(
    secret: Secret, environ: Mapping[str, str], run_secrets_dir: Path, root: Path
) -> Iterator[tuple[str, str]]:
    """Where the secret may lie, first things first, with what is there. Files are read only when it comes to them."""
    yield secret.name, environ.get(secret.name, "")
    variable = f"{secret.name}_FILE"
    if environ.get(variable):
        path = root / environ[variable]
        yield f"{path} ({variable})", _read(path, secret.name, named_by=variable)
    if secret.file is not None:
        yield str(root / secret.file), _read(root / secret.file, secret.name)
    path = run_secrets_dir / secret.name.lower()
    yield str(path), _read(path, secret.name)


def _read(path: Path, name: str, *, named_by: str = "") -> str:
    """What the file holds, without newlines at its end; "" if there is no such file, unless a variable names it."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
        value = raw.decode("utf-8").rstrip("\r\n")
    except (FileNotFoundError, NotADirectoryError):
        if not named_by:
            return ""
        raise _unreadable(path, name, "no such file", named_by) from None
    except UnicodeDecodeError:
        raise _unreadable(path, name, "not UTF-8", named_by) from None
    except OSError as error:
        raise _unreadable(path, name, error.strerror or "cannot be read", named_by) from None
    if len(raw) > _LARGEST or "\0" in value:
        raise _unreadable(path, name, "too large" if len(raw) > _LARGEST else "holds a NUL character", named_by)
    return value


def _unreadable(path: Path, name: str, why: str, named_by: str) -> ConfigError:
    message = f"secret {name}: cannot read {path}: {why}"
    hint = f"the file is named by the environment variable {named_by}" if named_by else "check the file's permissions"
    return ConfigError(message, hint=hint, where=str(path))


def service_environment(
    config: Config, environ: Mapping[str, str], resolved: Resolved, *, unbuffered: bool = True
) -> dict[str, str]:
    """What the service is started with: `environ`, then service.env, then the secrets.

    `unbuffered` adds PYTHONUNBUFFERED=1 unless someone has set that variable: Python holds lines back in a pipe.
    """
    extra = {"PYTHONUNBUFFERED": "1"} if unbuffered else {}
    return {**extra, **environ, **config.service.env, **resolved.values}
