"""When a line was logged: the times that loggers, servers and syslog write at its beginning."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from soakctl.domain.logs.zones import ZONE, machine_zones, zone_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

_WITHIN = 200
_IN_OBJECT_WITHIN = 4_000
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}

_FRACTION = r"(?:[.,](?P<f>\d{1,9}))?"
_CLOCK = rf"(?P<H>[0-2]\d):(?P<M>[0-5]\d):(?P<S>[0-6]\d){_FRACTION}"
_MONTH, _YEAR = r"(?P<b>[A-Z][a-z]{2})", r"(?P<Y>[12]\d{3})"
_ISO = re.compile(rf"(?<!\d){_YEAR}[-/](?P<m>\d\d)[-/](?P<d>\d\d)[T ]{_CLOCK}{ZONE}")
_NAMED = re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})[-/ ]{_MONTH}[-/ ]{_YEAR}[: ]{_CLOCK}{ZONE}")
_SYSLOG = re.compile(
    rf"(?:<\d{{1,3}}>|\[)?(?:[A-Z][a-z]{{2}} )?{_MONTH} +(?P<d>\d{{1,2}}) {_CLOCK}"
    rf"(?: (?P<zone>[A-Z]{{2,5}}|[+-]\d{{4}})(?= [12]\d{{3}}(?!\S)))?(?: {_YEAR})?"
)
_BASIC = re.compile(
    rf"(?<![\w-]){_YEAR}(?P<m>\d\d)(?P<d>\d\d)T(?P<H>[0-2]\d)(?P<M>[0-5]\d)(?P<S>[0-6]\d){_FRACTION}{ZONE}(?!\d)"
)
_GLOG = re.compile(rf"[TDIWEF](?P<m>\d\d)(?P<d>\d\d) {_CLOCK}")
_SHORT_YEAR = re.compile(rf"\[[A-Z] (?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d) {_CLOCK}")
_UNIX = re.compile(
    r"(?:[\"'{, ]|^)@?(?:timestamp|time|ts|t|asctime|epoch|__REALTIME_TIMESTAMP)[\"']?\s*[:=]\s*[\"']?"
    r"(?P<whole>\d{10})(?P<rest>\d{9}|\d{6}|\d{3}|\.\d+)?(?![\d-])"
)
_FIELD = re.compile(r"\"@?(?:timestamp|time|ts|asctime|datetime|eventTime|date)\"\s*:\s*\"(?=[12]\d{3}-)")
_A_DAY = timedelta(days=1)


def local_unix(moment: datetime) -> float:
    """Unix seconds of a time that names no zone: the machine's own is meant."""
    return moment.timestamp()


class Times:
    """Reads the times of one file's lines."""

    def __init__(
        self,
        *,
        about_unix: float,
        local: Callable[[datetime], float] = local_unix,
        unknown: Callable[[str], None] = lambda _name: None,
        zones: Mapping[str, tzinfo] | None = None,
    ) -> None:
        """`about_unix` is when the file was written last: it tells the year where a line does not.

        `unknown` is told the name of a zone that means none or several: its times are read as the machine's own.
        `zones` are what the machine calls its own ones; None asks it.
        """
        self._about = datetime.fromtimestamp(about_unix, UTC).replace(tzinfo=None)
        self._local = local
        self._unknown = unknown
        self._zones: dict[str, tzinfo] = machine_zones(self._about.year) if zones is None else dict(zones)

    def unix(self, text: str) -> float | None:
        """Unix seconds; None for a line that says no time."""
        head = text[:_WITHIN]
        found = _ISO.search(head) or _SYSLOG.match(head) or _NAMED.search(head) or _GLOG.match(head)
        found = found or _SHORT_YEAR.match(head) or _BASIC.search(head)
        if found is None and ("{" in head or "=" in head):
            return self._in_object(text[:_IN_OBJECT_WITHIN])
        return None if found is None else self._of(found)

    def _in_object(self, text: str) -> float | None:
        field = _FIELD.search(text)
        found = None if field is None else _ISO.match(text, field.end())
        if found is not None:
            return self._of(found)
        unix = _UNIX.search(text)
        if unix is None:
            return None
        rest = unix["rest"] or ""
        return float(unix["whole"] + (rest if rest.startswith(".") else f".{rest or 0}"))

    def _of(self, found: re.Match[str]) -> float | None:
        part = found.groupdict()
        try:
            moment = self._moment(part)
        except (ValueError, OverflowError):
            return None
        zone = self._zone(part.get("zone"))
        unix = moment.replace(tzinfo=zone).timestamp() if zone is not None else self._local(moment)
        fraction = part.get("f")
        return unix + float(f"0.{fraction}") if fraction else unix

    def _zone(self, text: str | None) -> tzinfo | None:
        if not text:
            return None
        text = text.strip()
        zone = self._zones.get(text) or zone_of(text)
        if zone is None:
            self._unknown(text)
        return zone

    def _moment(self, part: dict[str, str | None]) -> datetime:
        month = int(part["m"] or 0) if "m" in part else _MONTHS.get((part["b"] or "").lower(), 0)
        day, hour, minute = int(part["d"] or 0), int(part["H"] or 0), int(part["M"] or 0)
        second = min(int(part["S"] or 0), 59)  # a leap second
        if part.get("Y"):
            return datetime(int(part["Y"] or 0), month, day, hour, minute, second)  # noqa: DTZ001 - zoned by the caller
        if part.get("y"):
            return datetime(2000 + int(part["y"] or 0), month, day, hour, minute, second)  # noqa: DTZ001 - as above
        moment = datetime(self._about.year, month, day, hour, minute, second)  # noqa: DTZ001 - as above
        return moment if moment <= self._about + _A_DAY else moment.replace(year=moment.year - 1)


def moment_unix(text: str, *, now_unix: float, local: Callable[[datetime], float] = local_unix) -> float:
    """What `--since` takes: a span (`10m` ago), an ISO time or date, a time of today, @ and unix seconds.

    Raises ValueError saying what is allowed.
    """
    from soakctl.domain.units import Duration  # noqa: PLC0415 - only --since needs it, and it takes pydantic

    text = text.strip()
    try:
        if text.startswith("@"):
            return float(text[1:])
        if text in {"today", "yesterday", "now"}:
            return _day(text, now_unix, local)
        if re.fullmatch(r"\d\d:\d\d(:\d\d)?", text):
            midnight = datetime.fromtimestamp(_day("today", now_unix, local), UTC)
            clock = time.fromisoformat(text)
            return (midnight + timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)).timestamp()
        if re.match(r"\d{4}-", text):
            moment = datetime.fromisoformat(text)
            return local(moment) if moment.tzinfo is None else moment.timestamp()
        return now_unix - Duration.parse(text)
    except (ValueError, OverflowError):
        message = (
            f"{text!r} is no time; write a span like 10m, a time like 2026-11-21T12:00:00, 12:00, today or @1700000000"
        )
        raise ValueError(message) from None


def _day(word: str, now_unix: float, local: Callable[[datetime], float]) -> float:
    if word == "now":
        return now_unix
    here = datetime.fromtimestamp(now_unix)  # noqa: DTZ006 - the user's own day
    midnight = local(here.replace(hour=0, minute=0, second=0, microsecond=0))
    return midnight - (86_400 if word == "yesterday" else 0)
