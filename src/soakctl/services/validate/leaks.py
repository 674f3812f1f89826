"""Looks through one file, or one block of lines, for secrets that were committed."""

from __future__ import annotations

import codecs
import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from soakctl.redact.detect import find_in_binary, find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.ports import Bench

_BLOCK = 1 << 18
_OVERLAP = 4096
_SOURCE = frozenset(
    ".py .pyi .js .jsx .ts .tsx .mjs .cjs .go .rs .java .kt .scala .c .h .cc .cpp .hpp .cs .rb .php .swift .m .lua .pl "
    ".ex .exs .erl .hs .clj .dart .vue .svelte .sol .ipynb .css .scss".split()
)
_BOMS = (
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_LOOK = 4096
_ZEROS = 0.3


class Leak(NamedTuple):
    """A secret that somebody committed: where, by which rule, and the hash by which it may be allowed."""

    path: str
    line: int
    rule: str
    digest: str
    commit: str = ""

    @property
    def told(self) -> str:
        """Place and rule, for people."""
        at = f" (commit {self.commit[:12]})" if self.commit else ""
        return f"{self.path}:{self.line}: {self.rule}{at}"


Forms = tuple[tuple[bytes, str], ...]


def scan_block(path: str, data: bytes, values: Forms, *, line: int = 1, text: bool = True) -> Iterator[Leak]:
    """What a block of whole lines holds; `line` is the number of its first."""
    quoted = PurePosixPath(path).suffix.lower() in _SOURCE
    found = find_secrets(data, values, quoted=quoted, path=path) if text else find_in_binary(data, _wide(values))
    counted = 0
    for one in found:
        line += data.count(b"\n", counted, one.start)
        counted = one.start
        yield Leak(path, line, one.rule, hashlib.sha256(data[one.start : one.end]).hexdigest())


def scan_name(path: str, values: Forms) -> Iterator[Leak]:
    """A name of a file may hold a secret, too."""
    for leak in scan_block(path, path.encode("utf-8", "replace"), values):
        yield leak._replace(line=0)


def _wide(values: Forms) -> Forms:
    """The values also as programs for Windows and Java hold them."""
    texts = [(value.decode("utf-8", "replace"), name) for value, name in values]
    return (*values, *((text.encode(code), name) for text, name in texts for code in ("utf-16-le", "utf-16-be")))


def _is_text(head: bytes) -> bool:
    return b"\0" not in head


def _decoded(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The blocks of a file, each ending with a line where it has lines, and whether it is text."""
    first = next(blocks, b"")
    encoding = next((name for bom, name in _BOMS if first.startswith(bom)), _utf16_without_mark(first))
    text = encoding is not None or _is_text(first[:_LOOK])
    rest = b""
    decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding is not None else None
    for raw in _chain(first, blocks):
        block = rest + (raw if decoder is None else decoder.decode(raw).encode("utf-8", "replace"))
        end = block.rfind(b"\n") + 1
        if not end and len(block) < _BLOCK * 2:
            rest = block
            continue
        # A line without end is looked at in pieces that overlap.
        end = end or len(block) - _OVERLAP
        yield block[:end], text
        rest = block[end:]
    if rest:
        yield rest, text


def plain_text(data: bytes) -> tuple[bytes, bool]:
    """A part of a file in UTF-8 where it can be, and whether it is text; the part may begin in a character."""
    for part in (data, data[1:]):
        encoding = next((name for bom, name in _BOMS if part.startswith(bom)), _utf16_without_mark(part))
        if encoding is not None:
            return part.decode(encoding, "replace").encode("utf-8", "replace"), True
    return data, _is_text(data[:_LOOK])


def _chain(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 of a Western text has a zero in every other byte."""
    look = head[:_LOOK]
    if len(look) < 4:  # noqa: PLR2004 - too little to tell
        return None
    half = len(look) // 2
    if look[1::2].count(0) > half * (1 - _ZEROS) and not look[0::2].count(0):
        return "utf-16-le"
    if look[0::2].count(0) > half * (1 - _ZEROS) and not look[1::2].count(0):
        return "utf-16-be"
    return None


def scan_file(path: str, bench: Bench, values: Forms) -> list[Leak]:
    """What one file holds."""
    return scan_blocks(path, bench.blocks(path, _BLOCK), values)


def scan_blocks(path: str, blocks: Iterator[bytes], values: Forms) -> list[Leak]:
    """What the content of a file holds, given in blocks of any size."""
    found: list[Leak] = []
    line = 1
    for data, text in _decoded(blocks):
        found += scan_block(path, data, values, line=line, text=text)
        line += data.count(b"\n")
    return found
