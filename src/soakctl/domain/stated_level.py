"""The level that a line states in the way of its format: as logfmt, in the level's place, or in an object behind it."""

from __future__ import annotations

import re

from soakctl.domain.plain_level import is_prefix, plain_level
from soakctl.domain.structured_level import json_level, logfmt_level

_HEAD = 400
_OBJECT = re.compile(r"\{\s*[\"']")


def stated_level(text: str) -> str | None:
    """The level's name as the line has it; None where it states none."""
    head = text[:_HEAD]
    found = _OBJECT.search(head)
    if found is not None:
        head = head[: found.start()]
    level = logfmt_level(text) if head else None
    if level is None and head:
        level = plain_level(head, text)
    if level is None and found is not None and is_prefix(head):
        level = json_level(text[found.start() :])
    return level
