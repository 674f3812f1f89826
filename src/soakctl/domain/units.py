"""Durations, sizes, rates and percentages: parsed from what people write, printed back the same way."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic_core import core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

# Decimal throughout: 0.1h is exactly 360 s, and what is printed parses back to the same float.
_SECONDS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "min": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DURATION_PART = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(ms|min|s|m|h|d)(?=[\s0-9.]|$)")
_SIZE = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))\s*([A-Za-z]*)")
_RATE = re.compile(r"(.+?)\s*/\s*(s|min|m|h|d)")
_BYTES = {"": 1, "B": 1}
for _power, _letter in enumerate("KMGT", start=1):
    _BYTES[f"{_letter}B"] = _BYTES[_letter] = 1000**_power
    _BYTES[f"{_letter}IB"] = 1024**_power
_SHOWN_SIZES = (
    *(("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)),
    *(("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)),
)
_LONGEST = Decimal(36500 * 86400)
_SHORTEST = Decimal("0.001")
_LARGEST = Decimal(10**18)


class _Quantity(float):
    """A float with a unit: pydantic takes the number itself or the text people write, and keeps the text's meaning."""

    what: ClassVar[str] = ""
    examples: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def parse(cls, value: str | float) -> Self:
        """Read what a person wrote. Raises ValueError with the accepted forms."""
        raise NotImplementedError

    @classmethod
    def _refuse(cls, value: object, because: str = "") -> ValueError:
        return ValueError(f"{_show(value)} is {because or f'not {cls.what}'}; write one like {_listed(cls.examples)}")

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "examples": list(cls.examples)}, {"type": "number"}]}

    @classmethod
    def _validate(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            message = f"expected {cls.what} like {_listed(cls.examples)}"
            raise ValueError(message)  # noqa: TRY004 - pydantic turns ValueError alone into a located error
        return cls.parse(value)


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _show(value: object) -> str:
    if isinstance(value, int) and abs(value) >= 10**30:
        return "the number"  # Python refuses to print integers of thousands of digits
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004


def _decimal(value: str | float) -> Decimal | None:
    """The exact number, or None for what is not one (NaN and infinity included)."""
    if isinstance(value, str):
        text = value.strip()
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    if isinstance(value, int):
        return Decimal(value)
    return Decimal(repr(float(value))) if math.isfinite(value) else None


def _plain(number: Decimal) -> str:
    """The shortest text without an exponent: 90.5, 1000."""
    return f"{number.normalize():f}"


class Duration(_Quantity):
    """A positive span in seconds: "8s", "1.5h", "2h30m", "500ms"; a bare number is seconds."""

    what = "a duration"
    examples = ("8s", "90m", "1.5h")

    @classmethod
    def parse(cls, value: str | float) -> Self:
        """Seconds from "1h30m" or a number. Raises ValueError unless it lies between 1 ms and a hundred years."""
        seconds = _decimal(value)
        if seconds is None and isinstance(value, str):
            seconds = cls._added(value)
        if seconds is None:
            raise cls._refuse(value)
        if seconds <= 0:
            raise cls._refuse(value, "not a positive duration")
        if not _SHORTEST <= seconds <= _LONGEST:
            raise cls._refuse(value, "shorter than 1ms" if seconds < 1 else "longer than a hundred years")
        return cls(float(seconds))

    @staticmethod
    def _added(text: str) -> Decimal | None:
        sign, text = (-1, text.strip()[1:]) if text.strip().startswith("-") else (1, text.strip())
        place, total = 0, Decimal(0)
        while place < len(text):
            part = _DURATION_PART.match(text, place)
            if part is None:
                return None
            total += Decimal(part[1]) * _SECONDS[part[2]]
            place = part.end()
        return sign * total if text else None

    def __str__(self) -> str:
        """The shortest exact form: 90.0 is "1m30s", 0.25 is "250ms"."""
        seconds = Decimal(repr(float(self)))
        if seconds < 1:
            return f"{_plain(seconds * 1000)}ms"
        if seconds % 1:
            return f"{_plain(seconds)}s"
        whole, parts = int(seconds), []
        for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
            count, whole = divmod(whole, size)
            if count:
                parts.append(f"{count}{unit}")
        return "".join(parts)


class Size(_Quantity):
    """Bytes: "5GB" is 5 * 10^9, "5GiB" is 5 * 2^30; a bare number is bytes."""

    what = "a size"
    examples = ("500MB", "5GiB")

    @classmethod
    def parse(cls, value: str | float) -> Self:
        """Bytes from "5GB" or a number. Raises ValueError for anything else, negatives and more than 10^18."""
        amount = _bytes(value) if isinstance(value, str) else _decimal(value)
        if amount is None or not 0 <= amount <= _LARGEST:
            raise cls._refuse(value, "" if amount is None else "out of range for a size")
        return cls(int(amount.to_integral_value()))

    def __str__(self) -> str:
        """The largest unit that is exact: 5_000_000_000 is "5GB", 2**30 is "1GiB"."""
        number = int(self)
        for suffix, size in _SHOWN_SIZES:
            if number and number % size == 0:
                return f"{number // size}{suffix}"
        return f"{number}B"


def _bytes(text: str) -> Decimal | None:
    found = _SIZE.fullmatch(text.strip())
    if found is None or found[2].upper() not in _BYTES:
        return None
    return Decimal(found[1]) * _BYTES[found[2].upper()]


class Rate(_Quantity):
    """An amount an hour: "1MB/h" is 1e6, "3/min" is 180; a bare number is already an hour's."""

    what = "a rate"
    examples = ("1MB/h", "3/min")

    @classmethod
    def parse(cls, value: str | float) -> Self:
        """Amount per hour. Raises ValueError for anything that is not an amount over s, min, h or d, and negatives."""
        hourly = _decimal(value)
        if hourly is None and isinstance(value, str):
            found = _RATE.fullmatch(value.strip())
            amount = cls._amount(found[1]) if found else None
            hourly = amount * 3600 / _SECONDS[found[2]] if found and amount is not None else None
        if hourly is None or not 0 <= hourly <= _LARGEST:
            raise cls._refuse(value, "" if hourly is None else "out of range for a rate")
        return cls(float(hourly))

    @classmethod
    def _amount(cls, text: str) -> Decimal | None:
        return _bytes(text)

    def __str__(self) -> str:
        """Always an hour's: "1MB/h", "180/h"."""
        number = float(self)
        if number >= 1000 and number % 1000 == 0:  # noqa: PLR2004
            return f"{Size(number)}/h"
        return f"{_plain(Decimal(repr(number)))}/h"


class ByteRate(Rate):
    """Bytes an hour: "1MB/h"; a bare number is bytes an hour, but a count such as "1/h" is refused as a slip."""

    what = "a rate of bytes"
    examples = ("1MB/h", "500kB/min")

    @classmethod
    def _amount(cls, text: str) -> Decimal | None:
        return None if _decimal(text) is not None else _bytes(text)

    def __str__(self) -> str:
        """Always with its unit: "1MB/h", "0.5B/h"."""
        number = float(self)
        return f"{Size(number)}/h" if number.is_integer() else f"{_plain(Decimal(repr(number)))}B/h"


class CountRate(Rate):
    """A count an hour: "3/min" is 180; bytes such as "1MB/h" are refused as a slip."""

    what = "a rate of counts"
    examples = ("1/h", "3/min")

    @classmethod
    def _amount(cls, text: str) -> Decimal | None:
        return _decimal(text)

    def __str__(self) -> str:
        """Always an hour's: "180/h"."""
        return f"{_plain(Decimal(repr(float(self))))}/h"


class Percent(_Quantity):
    """Per cent: "80%" and 80 are both 80.0."""

    what = "a percentage"
    examples = ("80%",)

    @classmethod
    def parse(cls, value: str | float) -> Self:
        """Per cent from "80%" or 80. Raises ValueError for anything else and for negatives."""
        number = _decimal(value.strip().removesuffix("%") if isinstance(value, str) else value)
        if number is None or not 0 <= number <= _LARGEST:
            raise cls._refuse(value)
        return cls(float(number))

    def __str__(self) -> str:
        """With the sign: "80%"."""
        return f"{_plain(Decimal(repr(float(self))))}%"
