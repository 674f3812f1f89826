"""Time zones as logs name them: offsets, and the abbreviations that mean one zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

# Hours from UTC. Those of RFC 2822 section 4.3, of Europe, and what else is not used for two zones.
_TABLE = """UTC 0 GMT 0 UT 0 WET 0 WEST 1 BST 1 CET 1 CEST 2 EET 2 EEST 3 SAST 2 MSK 3
EST -5 EDT -4 CST -6 CDT -5 MST -7 MDT -6 PST -8 PDT -7 AKST -9 AKDT -8 HST -10
HKT 8 SGT 8 AWST 8 JST 9 KST 9 ACST 9.5 ACDT 10.5 AEST 10 AEDT 11 NZST 12 NZDT 13""".split()
_HOURS = dict(zip(_TABLE[::2], map(float, _TABLE[1::2]), strict=True))
# India, Ireland and Israel; the Atlantic and Arabia: only the machine itself can tell.
_OF_SEVERAL = ("IST", "AST", "ADT", "AMT")

ZONE = (
    r"(?P<zone>Z|[ ]?(?:UTC|GMT)?[+-]\d\d:?\d\d(?!\d)|[+-]\d\d(?![\d:.])"
    rf"|[ ]?(?:{'|'.join(sorted((*_HOURS, *_OF_SEVERAL), key=len, reverse=True))})(?![\w+-]))?"
)


def machine_zones(year: int) -> dict[str, tzinfo]:
    """What this machine calls its own zones, in summer and in winter."""
    found: dict[str, tzinfo] = {}
    for month in (7, 1):
        day = datetime(year, month, 1).astimezone()
        if day.tzinfo is not None:
            found[day.tzname() or ""] = day.tzinfo
    return found


def zone_of(text: str) -> timezone | None:
    """The zone that a text of `ZONE` means; None for an abbreviation that may mean several, or is not known."""
    text = text.strip()
    if text == "Z":
        return UTC
    if text in _HOURS:
        return timezone(timedelta(hours=_HOURS[text]))
    digits = text.removeprefix("UTC").removeprefix("GMT")
    if digits[:1] not in {"+", "-"}:
        return None
    minutes = int(digits[1:3]) * 60 + (int(digits[-2:]) if len(digits) > len("+00") else 0)
    return timezone(timedelta(minutes=-minutes if digits[0] == "-" else minutes))
