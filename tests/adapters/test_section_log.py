"""The log of a section: nothing secret in it, however the output was cut into pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.section_log import SectionLog
from soakctl.redact import Redactor

if TYPE_CHECKING:
    from pathlib import Path

BODY = "MIIEpAIBAAKCAQEA7bq0Zr9kXw3dT5u1\n" * 40
KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}-----END RSA PRIVATE KEY-----\n"


@pytest.mark.parametrize("size", [7, 64, 65536])
def test_blocks_are_redacted_as_lines_are(tmp_path: Path, size: int) -> None:
    """A private key over many blocks, a configured value, colours, an open sequence: the same log in any pieces."""
    text = f"a\n\x1b]0;title\nstays \x1b[31mred\x1b[0m\n{KEY}value s3cret-of-mine!\n" + "plain\r\n" * 50 + "no end"
    told: list[str] = []
    with SectionLog(tmp_path / "x.log", Redactor({"TOKEN": "s3cret-of-mine!"}), echo=told.append) as log:
        data = text.encode()
        for at in range(0, len(data), size):
            log.feed("out", data[at : at + size])
        log.ended("exit code 0", 1.0)
    lines = (tmp_path / "x.log").read_text(encoding="utf-8").splitlines()
    assert lines[:4] == ["out | a", "out | ", "out | stays red", "out | -----BEGIN RSA PRIVATE KEY-----"]
    assert len(lines) == text.count("\n") + 2
    assert not any("MIIE" in line or "s3cret" in line for line in lines)
    assert lines[-2:] == ["out | no end", "  exit code 0, after 1.0s"]
    assert "\n".join(told).splitlines() == lines
    assert log.tail[-1] == "no end"
    assert len(log.tail) == 30


def test_a_flood_of_short_lines_is_redacted_by_blocks(tmp_path: Path) -> None:
    """A call a block, not one a line."""

    class Counting(Redactor):
        calls = 0

        def text(self, text: str) -> str:
            Counting.calls += 1
            return super().text(text)

    with SectionLog(tmp_path / "x.log", Counting()) as log:
        for _ in range(10):
            log.feed("out", b"y\n" * 30_000)
    assert Counting.calls == 10
    assert (tmp_path / "x.log").read_text(encoding="utf-8").count("\n") == 300_000
