"""The key that values are fingerprinted with: without it a fingerprint of a short value could be guessed."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FEWEST_BYTES = 16
_FEWEST_CHARACTERS = 32
_TEXT = re.compile(rb"[A-Za-z0-9+/_=-]{%d,}" % _FEWEST_CHARACTERS)
_MOST_BYTES = 64 * 1024
_OWN = "snapshot.key"


@dataclass(frozen=True, slots=True)
class Key:
    """A key; it is never shown, its `id` may be."""

    secret: bytes = field(repr=False)
    source: str = "state"

    @property
    def id(self) -> str:
        """Tells two snapshots that were made with one key."""
        return self.of("soakctl key", b"")

    def of(self, purpose: str, content: bytes) -> str:
        """The fingerprint of something; the same content has another one for another purpose."""
        data = purpose.encode("utf-8", "surrogateescape") + b"\0" + content
        return hmac.new(self.secret, data, hashlib.sha256).hexdigest()[:16]


def key_from_file(path: Path) -> Key:
    """A key that several machines share: a line of hexadecimal or base64, or a file of random bytes.

    Raises UnavailableError when there is none; what is there already is never to be written over.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES).strip()
    except OSError as error:
        make = f"Make one and bring it to each machine: openssl rand -hex 32 > {path}"
        raise UnavailableError(
            f"the key cannot be read: {error.strerror or error}",
            hint=make if isinstance(error, FileNotFoundError) else "",
            where=str(path),
        ) from None
    if not (_TEXT.fullmatch(content) or (path.is_file() and _is_binary(content))):
        least = f"a line of at least {_FEWEST_CHARACTERS} hexadecimal or base64 characters"
        message = f"this is no key, which is {least}, or {_FEWEST_BYTES} random bytes in a file"
        raise UnavailableError(message, hint="Name a file that `openssl rand -hex 32` has made.", where=str(path))
    return Key(content, "file")


def _is_binary(content: bytes) -> bool:
    """Whether this is no text, and enough of it."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return len(content) >= _FEWEST_BYTES
    return len(content) >= _FEWEST_BYTES and not all(each.isprintable() or each.isspace() for each in text)


def own_key(environ: Mapping[str, str]) -> Key:
    """This user's key in the state directory, made at the first use. Raises UnavailableError."""
    state = environ.get("XDG_STATE_HOME", "")
    try:
        base = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
        path = base / "soakctl" / _OWN
        return Key(_read_or_make(path))
    except (OSError, RuntimeError) as error:
        message = f"no key for fingerprints can be kept: {getattr(error, 'strerror', None) or error}"
        raise UnavailableError(message, hint="Set XDG_STATE_HOME, or give one with --key-file.") from None


def _read_or_make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _make(path)
    content = path.read_bytes().strip()
    if len(content) < _FEWEST_BYTES:
        message = f"{path} is too short for a key"
        raise OSError(message)
    return content


def _make(path: Path) -> None:
    """Two soakctl at once agree on one key: it appears whole, and the first one stays."""
    fresh = path.with_name(f".{_OWN}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_hex(32).encode())
    finally:
        os.close(descriptor)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        fresh.replace(path)
    fresh.unlink(missing_ok=True)
