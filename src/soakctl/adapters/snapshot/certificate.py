"""The end of a certificate's validity, read from its encoding: ssl tells it only of certificates that it trusts."""

from __future__ import annotations

from datetime import UTC, datetime

_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
_LONG_FORM = 0x80


def not_after(encoded: bytes) -> datetime | None:
    """When a DER-encoded X.509 certificate expires (RFC 5280, 4.1); None for bytes that are none."""
    try:
        certificate = _inside(encoded, 0)[1]
        place, signed = 0, _inside(certificate, 0)[1]
        if signed[0] == _VERSION:
            place = _inside(signed, 0)[2]
        for _ in ("serial number", "signature", "issuer"):
            place = _inside(signed, place)[2]
        validity = _inside(signed, place)[1]
        tag, text, _ = _inside(validity, _inside(validity, 0)[2])
        layout = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}[tag]
        return datetime.strptime(text.decode("ascii"), layout).replace(tzinfo=UTC)
    except (IndexError, KeyError, ValueError):
        return None


def _inside(data: bytes, place: int) -> tuple[int, bytes, int]:
    """The tag and the content of the element at `place`, and where the next one begins. Raises IndexError."""
    tag, length, start = data[place], data[place + 1], place + 2
    if length & _LONG_FORM:
        count = length & ~_LONG_FORM
        length, start = int.from_bytes(data[start : start + count], "big"), start + count
    if start + length > len(data):
        raise IndexError(place)
    return tag, data[start : start + length], start + length
