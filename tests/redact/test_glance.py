"""The quick way over a block gives what a close look at each of its lines gives."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from soakctl.redact import Redactor, scan
from soakctl.redact.glance import Glance, Worth

from .test_redactor import PIECES

if TYPE_CHECKING:
    from collections.abc import Sequence

SECRETS = {"LETTERS": "Tr0ub4dor&3x", "DIGITS": "8675309424242", "SHORT": "x9q", "MIXED": "9f3a77c1d2"}
VALUES = st.sampled_from(
    [*SECRETS.values(), "Tr1ub5dor&4x", "8675309424243", "VHIwdWI0ZG9yJjN4", "39663361373763316432"]
)
PARTS = st.one_of(
    PIECES,
    VALUES,
    st.integers(0, 10**12).map(str),
    st.text(max_size=4),
    st.sampled_from(
        "2606:4700::1111 2a00:1450:4001:82b:0:0:0:200e std::vector 12:30:45 1.2.3.4 8.8.4.4 ... %40 %4 @1 a%40b.io "
        "ghp_ SK 0123456789abcdef0123456789abcdef RISK x@1.2.3.4 sig= curl u:p4ssw@ 3: =[REDACTED:token] cookie "
        '"[REDACTED:cookie]" \0 [\0\0\0\0\0\0\0\0:x] [redacted:x] a=b; key1 k3y tok2en'.split(" ")
    ),
)
LINES = st.lists(st.lists(PARTS, max_size=8).map(lambda parts: "".join(parts).replace("\n", " ")), max_size=12)


@given(blocks=st.lists(LINES, min_size=1, max_size=3), configured=st.booleans())
@settings(max_examples=60, deadline=None)
@example(blocks=[["ordinary 1", "ordinary 2"], ["ordinary 3", "ordinary @1"]], configured=False)
@example(blocks=[["at 2:: ok"], ["at 2606:4700::1111 ok"]], configured=False)
@example(blocks=[["code 8675309424243"], ["code 8675309424242"]], configured=True)
@example(blocks=[["Cookie: [REDACTED:cookie] a=b", "password: [REDACTED:password] x"]], configured=False)
def test_quick_is_thorough(blocks: list[list[str]], *, configured: bool) -> None:
    """What is remembered of earlier lines, and stepped over in a line, changes nothing."""
    quick = Redactor(SECRETS if configured else None)
    done = [quick.block("\n".join(lines)) for lines in blocks]
    again = [quick.block("\n".join(lines)) for lines in blocks]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Glance, "worth_a_look", _every)
        patch.setattr(scan, "_MARK", b"\0 never")
        slow = Redactor(SECRETS if configured else None)
        thorough = ["\n".join(map(slow.stream().line, lines)) for lines in blocks]
    assert done == again == thorough


def _every(_glance: Glance, _data: bytes, lines: Sequence[bytes]) -> Worth:
    return Worth(list(range(len(lines))), [])


def test_memory_stays_bounded() -> None:
    """However many unlike lines there are, few are remembered."""
    glance = Glance(())
    tracemalloc.start()
    try:
        for at in range(20):
            lines = [f"{'abcdefghij'[at % 10] * 200}{chr(0x100 + at)}{chr(0x100 + n)}".encode() for n in range(2000)]
            glance.worth_a_look(b"\n".join(lines), lines)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 4_000_000
