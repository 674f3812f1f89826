"""A service of ours, whose output is read to its last word."""

from __future__ import annotations

import os
import threading
import time
from typing import Any, cast

from soakctl.adapters.services import HostedService
from tests.support.lines import Heard, watch_for_numbers


class _DiesAtOnce:
    """A host whose service has said something and died, which is told before the host is back from its start."""

    root_pid = 1

    def __init__(self) -> None:
        self.out_fd, writing = os.pipe()
        self.err_fd, other = os.pipe()
        os.write(writing, b"number=1\n")
        os.close(writing)
        os.close(other)
        self.told = threading.Thread()

    def start(self, _launch: Any) -> None:
        self.told.start()
        self.told.join(0.05)  # it would be over by then if it waited for nothing

    def close(self) -> None:
        os.close(self.out_fd)
        os.close(self.err_fd)


class _Tail:
    fault = None

    def start(self) -> None:
        """Nothing to follow."""

    drain = stop = start


def test_the_last_words_of_a_service_that_dies_at_once_are_read() -> None:
    """Its death may be known before anybody reads what it has said."""
    heard, host = Heard(), _DiesAtOnce()
    service = HostedService(
        cast("Any", host),
        lambda life: cast("Any", life),
        cast("Any", _Tail()),
        watch=watch_for_numbers(),
        emit=heard,
        now=time.monotonic,
        sink=None,
    )
    known: list[str] = []

    def die() -> None:
        service.last_words(60)
        known.extend(heard.texts)

    host.told = threading.Thread(target=die)
    service.start(1)
    host.told.join(60)
    assert known == ["number=1"]
    service.close()
