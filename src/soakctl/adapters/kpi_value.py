"""From a text or a JSON document to the one number asked for, or the reason why there is none."""

from __future__ import annotations

import difflib
import json
import math
import re
from typing import Any

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INDEX = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)
_SHOWN = 40
_NEAREST_AMONG = 1000


class NoValueError(Exception):
    """A source has no value; the text says why and names the source. It may hold what a service wrote: redact it."""


def as_number(value: Any, what: str) -> float:
    """The number a value is; numeric text counts, a boolean does not. Raises NoValueError naming `what`."""
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text):
            raise NoValueError(f"{what} is {_shown(text)}, not a number")
        value = float(text)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise NoValueError(f"{what} is {_kind(value)}, not a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise NoValueError(f"{what} is {'NaN' if math.isnan(number) else 'infinite'}, not a number")
    return number


def number_in_json(text: str | bytes, pointer: str, what: str) -> float:
    """The number at an RFC 6901 pointer of a JSON text. Raises NoValueError naming `what` and the place."""
    found = resolve(parse_json(text, what), pointer, what)
    return as_number(found, f'"{pointer}" of {what}' if pointer else what)


def parse_json(text: str | bytes, what: str) -> Any:
    """A JSON document. Raises NoValueError with line and column where it is none."""
    if not text.strip():
        raise NoValueError(f"{what} is empty")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        cut_short = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")
        why = "ends in the middle" if cut_short else "is not JSON"
        raise NoValueError(f"{what} {why} at line {error.lineno} column {error.colno}: {error.msg}") from None
    except UnicodeDecodeError as error:
        raise NoValueError(f"{what} is not JSON: not {error.encoding} text at byte {error.start}") from None
    except RecursionError:
        raise NoValueError(f"{what} is nested too deeply to be read") from None
    except ValueError as error:
        raise NoValueError(f"{what} is not JSON that can be read: {error}") from None


def resolve(document: Any, pointer: str, what: str) -> Any:
    """What a pointer names; "" is the whole document. Raises NoValueError with the failing step and what is there."""
    if pointer and not pointer.startswith("/"):
        raise NoValueError(f'the pointer "{pointer}" of {what} must begin with /')
    place = document
    steps = pointer.split("/")[1:]
    for count, step in enumerate(steps):
        here = "/" + "/".join(steps[:count]) if count else "the document"
        place = _step(place, step.replace("~1", "/").replace("~0", "~"), f'"{pointer}" names nothing in {what}', here)
    return place


def _step(place: Any, key: str, problem: str, here: str) -> Any:
    if isinstance(place, dict):
        if key in place:
            return place[key]
        raise NoValueError(f'{problem}: {here} has no "{key}"; it has {_keys(place, key)}')
    if isinstance(place, list):
        if _INDEX.fullmatch(key) and int(key) < len(place):
            return place[int(key)]
        there = f"0 to {len(place) - 1}" if place else "nothing: the list is empty"
        raise NoValueError(f'{problem}: {here} has no "{key}"; it has {there}')
    raise NoValueError(f'{problem}: {here} is {_kind(place)}, so it has no "{key}"')


def _keys(place: dict[str, Any], wanted: str) -> str:
    names = [name for name in list(place)[:_NEAREST_AMONG] if len(name) <= _SHOWN]
    if not names:
        return "no keys" if not place else f"{len(place)} keys"
    shown = names if len(names) <= 5 else difflib.get_close_matches(wanted[:_SHOWN], names, n=5, cutoff=0.0)  # noqa: PLR2004
    more = f" and {len(place) - len(shown)} more" if len(place) > len(shown) else ""
    return ", ".join(shown) + more


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return _shown(value)
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else "a number"


def _shown(text: str) -> str:
    """The text if it is short; never part of it, as half a secret cannot be recognised and hidden."""
    return json.dumps(text, ensure_ascii=False) if len(text) <= _SHOWN else f"text of {len(text)} characters"
