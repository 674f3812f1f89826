"""`snapshot:` what a look at the environment takes in beside what it always does."""

from __future__ import annotations

import re
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from soakctl.domain.config.base import Model
from soakctl.domain.config.values import Name, Pointer, Text

_SHOWN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\*?")
_HOST = re.compile(r"[^\s/@\[\]?#]+")
_PORTS = {"https": 443, "http": 80}
_TLS = frozenset({"https", "tls"})


class Target(NamedTuple):
    """A host to reach."""

    host: str
    port: int
    tls: bool


def target(text: str) -> Target:
    """The host of `HOST:PORT`, `tls://HOST:PORT` or a URL; TLS for tls, https and port 443. Raises ValueError."""
    # The text is left out of the message: a URL may carry a password.
    message = "not a host; write one like db.internal:5432, tls://broker.internal:8883 or https://api.example.com"
    try:
        parts = urlsplit(text if "://" in text else f"tcp://{text}")
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        raise ValueError(message) from None
    known = parts.scheme in {"tcp", *_TLS, *_PORTS} and parts.username is None
    if not host or not port or not known or _HOST.fullmatch(host) is None:
        raise ValueError(message)
    return Target(host, port, parts.scheme in _TLS or (parts.scheme == "tcp" and port == _PORTS["https"]))


def _host(text: str) -> str:
    target(text)
    return text


def _shown(text: str) -> str:
    if _SHOWN.fullmatch(text) is None:
        message = "not the name of an environment variable, nor the beginning of some like LC_*"
        raise ValueError(message)
    return text


def _file(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


class File(Model):
    """A file of the service's configuration, and what in it is counted: a name and a JSON pointer each."""

    path: Text
    count: dict[Name, Pointer] = Field(default_factory=dict)


class Snapshot(Model):
    """Hosts to reach, variables whose values may be shown, and files to look at."""

    hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = ()
    show_env: tuple[Annotated[str, AfterValidator(_shown)], ...] = ()
    files: tuple[Annotated[File, BeforeValidator(_file, json_schema_input_type=File | str)], ...] = ()
