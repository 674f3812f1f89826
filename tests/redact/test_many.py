"""Addresses in many lines at once: the same ones as line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soakctl.redact import Redactor
from soakctl.redact.address import IPV6_SHAPE, is_public
from soakctl.redact.many import hide_ipv4
from soakctl.redact.rules import IPV4

_PARTS = st.sampled_from(
    [
        *"8.8.8.8|93.184.216.34|10.0.0.7|1.2.3|1.2.3.4.5|.22.33.44.55|256.1.1.1|1234.5.6.7|0x1.2.3.4|5.6.7.8".split(
            "|"
        ),
        *("version ", "nginx/", "update x to ", "client-", " ", "/", "-", "-rc1", ":80", ".", ".com", "::1", "7", "é"),
        *(
            "INFO: ",
            "\nERROR:  ".strip("\n"),
            "upgrade",
            " to ",
            "password=hunter22",
            "a@b.example.com",
            "[REDACTED:ip]",
            "2600:1f18::5",
            "10:20:30",
            "\r",
            "\t",
            '"',
            "=",
        ),
    ]
)
_LINES = st.lists(st.lists(_PARTS, max_size=6).map("".join), min_size=1, max_size=6)


def line_by_line(line: str) -> str:
    """What the rule hides of a line by itself."""
    pieces, done = "", 0
    for hit in IPV4.find(line, 0):
        pieces += line[done : hit.start] + "<ip>"
        done = hit.end
    return pieces + line[done:]


@given(_LINES)
def test_many_lines_lose_the_same_addresses_as_each_alone(lines: list[str]) -> None:
    """From dot to dot, whatever stands around."""
    assert hide_ipv4("\n".join(lines), "<ip>").split("\n") == [line_by_line(line) for line in lines]


@given(_LINES)
def test_a_block_is_redacted_as_its_lines_are(lines: list[str]) -> None:
    """With other secrets beside the addresses, and with earlier replacements."""
    together = Redactor({"x": "hunter22"}).block("\n".join(lines))
    assert together.split("\n") == [Redactor({"x": "hunter22"}).text(line) for line in lines]


@given(st.ip_addresses(v=6).flatmap(lambda address: st.sampled_from([str(address), address.exploded])))
def test_every_public_address_has_the_shape_that_is_looked_for(text: str) -> None:
    """Short or in full."""
    assert not is_public(text) or IPV6_SHAPE.search(text.encode()) is not None
