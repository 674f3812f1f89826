"""The end of a certificate's validity, read from its encoding."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.snapshot.certificate import not_after

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made with openssl")
@pytest.mark.parametrize("days", ["1", "400", "20000"])
def test_it_is_what_openssl_says(days: str, tmp_path: Path) -> None:
    """In the short form of years and, from 2050 on, in the long one."""
    path = tmp_path / "cert.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "key.pem")]
    subprocess.run(
        [*make, "-out", str(path), "-subj", "/CN=x", "-days", days], check=True, capture_output=True, timeout=30
    )
    told = subprocess.run(
        ["openssl", "x509", "-in", str(path), "-noout", "-enddate"],
        check=True,
        capture_output=True,
        text=True,
        timeout=9,
    )
    expected = ssl.cert_time_to_seconds(told.stdout.strip().removeprefix("notAfter="))
    assert not_after(ssl.PEM_cert_to_DER_cert(path.read_text())) == datetime.fromtimestamp(expected, UTC)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_certificate_have_no_end(data: bytes) -> None:
    """Whatever a server sends, it is no fault."""
    assert not_after(data) is None or isinstance(not_after(data), datetime)


def test_a_cut_certificate_has_no_end() -> None:
    """A length that reaches beyond the end is noticed."""
    assert not_after(b"\x30\x82\x10\x00\x30\x03") is None
