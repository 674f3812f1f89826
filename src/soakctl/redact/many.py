"""Hides public IPv4 addresses in many lines at once: logs of accesses hold one in each, and often nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.redact.address import BEFORE_IPV4, IPV4, hides_ipv4

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOTS = re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]")


def hide_ipv4(text: str, mark: str) -> str:
    """The lines with what the rule for IPv4 hides replaced; the same object when there was nothing."""
    pieces: list[str] = []
    done = 0
    for found in _candidates(text):
        start, end = found.span()
        before = text[max(0, start - BEFORE_IPV4) : start]
        if hides_ipv4(found[0], before[before.rfind("\n") + 1 :], text, end):
            pieces += (text[done:start], mark)
            done = end
    return "".join((*pieces, text[done:])) if pieces else text


def _candidates(text: str) -> Iterator[re.Match[str]]:
    """What `IPV4.finditer` finds, from dot to dot instead of from digit to digit."""
    for dots in _DOTS.finditer(text):
        first = dots.start()
        for start in range(first - 1, max(first - 4, -1), -1):
            found = IPV4.match(text, start)
            if found is not None:
                yield found
                break
