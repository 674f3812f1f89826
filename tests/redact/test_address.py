"""Which addresses are public is what `ipaddress` says, told sooner."""

from __future__ import annotations

import ipaddress

from hypothesis import example, given
from hypothesis import strategies as st

from soakctl.redact.address import is_public

_OCTET = st.integers(0, 260).map(str) | st.sampled_from(["00", "01", "10", "127", "169", "192", "198", "203", "224"])
_V4 = st.lists(_OCTET, min_size=4, max_size=4).map(".".join)
_V6 = st.text("0123456789abcdefF:", min_size=2, max_size=30)


@given(_V4 | _V6)
@example("2026:02:03:04")
@example("2001:db8::1")
@example("2a00:1450:4001:82b::200e")
def test_what_is_public_is_told_as_ipaddress_tells_it(text: str) -> None:
    """Also of what is no address at all."""
    try:
        address = ipaddress.ip_address(text)
        wanted = address.is_global and not address.is_multicast
    except ValueError:
        wanted = False
    assert is_public(text) is wanted
