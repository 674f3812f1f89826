"""Hides public IPv4 addresses in many lines at once: logs of accesses hold one in each, and often nothing else."""

from __future__ import annotations

import re

from soakctl.redact.address import BEFORE_IPV4, ORDINARY_IPV4, hides_ipv4

# `IPV4`, looked for by its first dot: there are fewer of those than of digits. The group tells how many digits are
# before the dot.
_ADDRESS = re.compile(
    r"\.(?=[0-9]{1,3}\.[0-9]{1,3}\.[0-9])(?:(?<=[^\w.][0-9]\.)()|(?<=[^\w.][0-9]{2}\.)()|(?<=[^\w.][0-9]{3}\.)())"
    r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?!\w|\.[0-9]|\.[A-Za-z_]\w*\.?\w)"
)
# One with which a line begins, or that has only a level before it, goes whatever else is in the line.
_FIRST = re.compile(
    rf"(\n(?:(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):[ ]{{1,8}})?){ORDINARY_IPV4}(?=[ :])",
    re.ASCII,
)


def hide_ipv4(text: str, mark: str) -> str:
    """The lines with what the rule for IPv4 hides replaced."""
    parts = _FIRST.split(f"\n{text}")
    if len(parts) > 1:
        # What stands behind those that go is judged as before: a mark says no more of it than an address does.
        parts[1::2] = [before + mark for before in parts[1::2]]
        text = "".join(parts)
    else:
        text = parts[0]
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
