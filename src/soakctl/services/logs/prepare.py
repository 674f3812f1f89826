"""Makes a block fit to be searched and shown: without terminal escapes, and with the bodies of private keys hidden."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.logs.block import Block
from soakctl.services.logs.match import find_in_python

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.redact import LineRedactor
    from soakctl.services.logs.match import Find

_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[PX^_][^\x1b\n]*(?:\x1b\\)?|[ -/]+[0-~]|[0-Z\\-~])?"
)
_KEY = b" PRIVATE KEY"


def prepared(block: Block, keys: Callable[[], LineRedactor], find: Find = find_in_python) -> Block:
    """The block as it is searched; the same object where there is nothing to do, as nearly always.

    A key's body is hidden before anything is looked for: a line of it by itself does not look like a secret. `keys`
    makes a redactor of one stream.
    """
    data = block.data
    escapes = data.find(b"\x1b", block.floor, block.end) >= 0
    has_key = find(data, _KEY, block.floor, block.end) >= 0
    if not escapes and not has_key:
        return block
    before, new = bytes(data[block.floor : block.start]), bytes(data[block.start : block.end])
    if escapes:
        before, new = _SEQUENCE.sub(b"", before), _SEQUENCE.sub(b"", new)
    if has_key:
        before, new = _without_keys(before, new, keys())
    return Block(before + new, 0, len(before), len(before) + len(new), block.beyond, block.stop_at)


def _without_keys(before: bytes, new: bytes, keys: LineRedactor) -> tuple[bytes, bytes]:
    """Both parts with the bodies of keys replaced, line by line; nothing else is hidden yet."""
    lines = (before + new).split(b"\n")
    shown = [_utf8(keys.outside_keys(line.decode("utf-8", "surrogateescape"))) for line in lines]
    first = before.count(b"\n")
    return b"".join(line + b"\n" for line in shown[:first]), b"\n".join(shown[first:])


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
