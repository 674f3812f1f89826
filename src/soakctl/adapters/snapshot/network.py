"""Whether configured hosts can be reached: name, connection, certificate. Only those, and not for long."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from soakctl.adapters.snapshot.certificate import not_after
from soakctl.domain.config.snapshot import Target, target

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT_S = 3.0
_DAY_S = 86400.0
_FAMILIES = {socket.AF_INET: "IPv4", socket.AF_INET6: "IPv6"}


def look_at_network(
    hosts: Sequence[str], *, timeout_s: float = TIMEOUT_S, context: ssl.SSLContext | None = None
) -> list[dict[str, Any]]:
    """What came of each host, in order; together they take little more than `timeout_s`.

    `context` says which certificates are trusted; by default those of the system.
    """
    looks = [_Look(host, target(host), timeout_s, context) for host in hosts]
    for look in looks:
        look.start()
    deadline = time.monotonic() + timeout_s * 1.5
    for look in looks:
        look.join(max(0.0, deadline - time.monotonic()))
    return [look.told() for look in looks]


class _Look(threading.Thread):
    """One host. A resolver that never answers cannot be stopped: the thread is left to end by itself."""

    def __init__(self, text: str, where: Target, timeout_s: float, context: ssl.SSLContext | None) -> None:
        super().__init__(name="soakctl-network", daemon=True)
        self._target = where
        self._timeout_s = timeout_s
        self._context = context
        self._lock = threading.Lock()
        self._found: dict[str, Any] = {
            "host": where.host, "port": where.port, "reached": False, "families": None, "dns_ms": None,
            "connect_ms": None, "tls": None, "problem": f"no answer from the resolver within {timeout_s:g}s",
        }  # fmt: skip
        self._text = text

    def told(self) -> dict[str, Any]:
        """What is known by now."""
        with self._lock:
            return {"target": self._text, **self._found}

    def _note(self, **found: Any) -> None:
        with self._lock:
            self._found.update(found)

    def run(self) -> None:
        """Resolve, connect, shake hands."""
        host, port, tls = self._target
        began = time.monotonic()
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            self._note(problem=f"the name is not known: {_why(error)}", dns_ms=_ms(began))
            return
        families = sorted({_FAMILIES.get(each[0], "other") for each in addresses})
        self._note(families=families, dns_ms=_ms(began), problem=f"no connection within {self._timeout_s:g}s")
        began = time.monotonic()
        try:
            with socket.create_connection((host, port), timeout=self._timeout_s):
                self._note(reached=True, connect_ms=_ms(began), problem=None)
        except OSError as error:
            self._note(problem=f"no connection: {_why(error)}", connect_ms=_ms(began))
            return
        if tls:
            self._note(tls={"problem": f"no handshake within {self._timeout_s:g}s"})
            self._note(tls=self._certificate())

    def _certificate(self) -> dict[str, Any]:
        """The protocol, whether the certificate is trusted, and when it expires, trusted or not."""
        found: dict[str, Any] = {"version": None, "trusted": False, "expires_utc": None, "problem": None}
        try:
            version, encoded = self._handshake(self._context or ssl.create_default_context())
            found |= {"version": version, "trusted": True}
        except ssl.SSLCertVerificationError as error:
            found["problem"] = f"the certificate is not trusted: {error.verify_message or 'unknown reason'}"
            encoded = None
            with suppress(OSError):
                found["version"], encoded = self._handshake(_any_certificate())
        except OSError as error:
            return found | {"problem": f"no handshake: {_why(error)}"}
        expires = None if encoded is None else not_after(encoded)
        if expires is not None:
            found["expires_utc"] = expires.strftime("%Y-%m-%dT%H:%M:%SZ")
            found["expires_days"] = int((expires - datetime.now(UTC)).total_seconds() // _DAY_S)
        return found

    def _handshake(self, context: ssl.SSLContext) -> tuple[str | None, bytes | None]:
        host, port, _ = self._target
        with (
            socket.create_connection((host, port), timeout=self._timeout_s) as raw,
            context.wrap_socket(raw, server_hostname=host) as connection,
        ):
            return connection.version(), connection.getpeercert(binary_form=True)


def _any_certificate() -> ssl.SSLContext:
    """For a look at a certificate that is not trusted; nothing is sent over such a connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _ms(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    return str(getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__)
