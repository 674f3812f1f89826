"""Hides public IPv4 addresses in many lines at once: logs of accesses hold one in each, and often nothing else."""

from __future__ import annotations

import re

from soakctl.redact.address import BEFORE_IPV4, hides_ipv4

# `IPV4`, looked for by its first dot: there are fewer of those than of digits. The group tells how many digits are
# before the dot.
_ADDRESS = re.compile(
    r"\.(?:(?<=[^\w.][0-9]\.)()|(?<=[^\w.][0-9]{2}\.)()|(?<=[^\w.][0-9]{3}\.)())"
    r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?!\w|\.[0-9]|\.[A-Za-z_]\w*\.?\w)"
)


def hide_ipv4(text: str, mark: str) -> str:
    """The lines with what the rule for IPv4 hides replaced."""
    text = f"\n{text}"
    pieces: list[str] = []
    done = 1
    for found in _ADDRESS.finditer(text):
        dot, end = found.span()
        start = dot - (found.lastindex or 0)
        before = text[text.rfind("\n", max(0, start - BEFORE_IPV4), start) + 1 or start - BEFORE_IPV4 : start]
        if hides_ipv4(text[start:end], before, text, end):
            pieces += (text[done:start], mark)
            done = end
    return "".join((*pieces, text[done:]))
