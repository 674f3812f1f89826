"""Is the service ready? One look at a time, each in a thread of its own."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import psutil

from soakctl.adapters.http_get import Deadline, UnansweredError, get, without_credentials
from soakctl.domain.signal import Probed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soakctl.domain.config.service import Ready
    from soakctl.domain.signal import Signal

_TCP_TIMEOUT_S = 0.5
_HTTP_TIMEOUT_S = 1.0
_READY = range(200, 400)
_PORTS_SHOWN = 3


class ReadyProbe:
    """Looks whether the service answers where it should, or, where nothing is configured, whether it listens."""

    def __init__(
        self,
        ready: Ready | None,
        listening: Callable[[], Sequence[tuple[str, int]]],
        emit: Callable[[Signal], None],
    ) -> None:
        """`listening` gives the addresses on which the service's tree listens; it is called from a thread."""
        self._ready = ready
        self._listening = listening
        self._emit = emit
        self._under_way = threading.Lock()

    def probe(self) -> None:
        """Look once; returns at once and is answered by Probed. While a look is under way nothing more happens."""
        if not self._under_way.acquire(blocking=False):
            return
        try:
            threading.Thread(target=self._look, name="ready-probe", daemon=True).start()
        except RuntimeError as error:
            self._under_way.release()
            self._emit(Probed(ready=False, how=f"could not look: {error}"))

    def _look(self) -> None:
        probed = Probed(ready=False, how="could not look")
        try:
            probed = self._found()
        except (OSError, psutil.Error) as error:
            probed = Probed(ready=False, how=f"could not look: {error}")
        finally:
            self._under_way.release()
            self._emit(probed)

    def _found(self) -> Probed:
        if self._ready is None:
            return _listens(self._listening())
        if self._ready.tcp is not None:
            return probe_tcp(self._ready.tcp)
        if self._ready.http is not None:
            return probe_http(self._ready.http)
        return Probed(ready=False, how="a line of its log says when it is ready")


def probe_tcp(address: str) -> Probed:
    """Whether HOST:PORT takes a connection within half a second."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_TCP_TIMEOUT_S) as sock:
            # With nobody listening, a connection from the port to itself can come about: TCP's simultaneous open.
            if sock.getsockname() == sock.getpeername():
                return Probed(ready=False, how=f"{address}: connection refused")
    except TimeoutError:
        return Probed(ready=False, how=f"{address}: no answer within {_TCP_TIMEOUT_S:g}s")
    except (OSError, OverflowError, ValueError) as error:
        return Probed(ready=False, how=f"{address}: {(getattr(error, 'strerror', None) or str(error)).lower()}")
    return Probed(ready=True, how=f"port {port}")


def probe_http(url: str) -> Probed:
    """Whether the URL answers 2xx or 3xx within a second; a redirect is not followed."""
    shown = without_credentials(url)
    try:
        answer = get(url, deadline=Deadline(_HTTP_TIMEOUT_S), max_body=0)
    except UnansweredError as error:
        return Probed(ready=False, how=f"{shown}: {error}")
    return Probed(ready=answer.status in _READY, how=f"{shown}: {answer.status} {answer.reason}".rstrip())


def _listens(addresses: Sequence[tuple[str, int]]) -> Probed:
    ports = sorted({port for _, port in addresses})
    if not ports:
        return Probed(ready=False, how="it listens on no TCP port")
    more = ", …" if len(ports) > _PORTS_SHOWN else ""
    noun = "port" if len(ports) == 1 else "ports"
    return Probed(ready=True, how=f"{noun} {', '.join(map(str, ports[:_PORTS_SHOWN]))}{more}")
