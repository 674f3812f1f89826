"""The level of a line that says it as data: a JSON object or key=value pairs."""

from __future__ import annotations

import json
import re
from typing import Any

_LEVEL_KEYS = ("level", "lvl", "levelname", "level_name", "log.level", "log_level", "loglevel", "@l")
_SEVERITY_KEYS = ("severity", "severitytext", "severity_text")
# As a pair these are more often a setting that is shown.
_SETTINGS = frozenset({"log_level", "loglevel"})
# A severity without a message is somebody's data (a finding, an alert's label), not the line's level.
_MESSAGE_KEYS = frozenset("message msg event text body textpayload jsonpayload short_message".split())

# From the number on that stands before it: pino's and bunyan's, Python's; syslog's counts downwards.
_PINO = ((60, "fatal"), (50, "error"), (40, "warning"), (30, "info"), (20, "debug"), (0, "trace"))
_PYTHON = ((50, "critical"), (40, "error"), (30, "warning"), (20, "info"), (10, "debug"), (0, "trace"))
_SYSLOG = ("critical", "critical", "critical", "error", "warning", "info", "info", "debug")
_MONGO_LEVELS = {"F": "fatal", "E": "error", "W": "warning", "I": "info"}

_TORN = re.compile(r"(?<!\\)([\"'])(level|lvl|levelname|level_name|log\.level)\1\s*:\s*([\"'])(\w+)\3", re.IGNORECASE)
_STARTS_AS_PAIRS = re.compile(r"[A-Za-z_@][\w.@-]*=")
_PAIR = re.compile(r"(?:^|(?<=[\s,;]))([A-Za-z_@][\w.@-]*)=(\"(?:[^\"\\]|\\.)*\"|[^\s,;]*)")
_PAIRS_WITHIN = 8_000


def json_level(text: str) -> str | None:
    """The level of a JSON object in lower case, "" if it names none, None if this is no JSON object."""
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        torn = _TORN.search(text)  # cut, or a Python dict
        return None if torn is None else torn[4].lower()
    return _of_mapping(row) if isinstance(row, dict) else None


def logfmt_level(text: str) -> str | None:
    """The level of a line of key=value pairs in lower case, None if it is none or names no level."""
    if _STARTS_AS_PAIRS.match(text) is None:
        return None
    row = {key.lower(): value.strip('"') for key, value in _PAIR.findall(text[:_PAIRS_WITHIN])}
    return _of_mapping({key: value for key, value in row.items() if key not in _SETTINGS}) or None


def _of_mapping(row: dict[str, Any]) -> str:
    keys = {str(key).lower(): value for key, value in row.items()}
    numeric = _numeric_level(keys)
    if numeric is not None:
        return numeric
    for key in _LEVEL_KEYS:
        if isinstance(keys.get(key), str):
            return str(keys[key]).strip().lower()
    nested = _nested_level(keys)
    if nested is not None:
        return nested
    if _MESSAGE_KEYS & keys.keys():
        for key in _SEVERITY_KEYS:
            if isinstance(keys.get(key), str):
                return str(keys[key]).strip().lower()
    if "t" in keys and "c" in keys and isinstance(keys.get("s"), str):
        return _MONGO_LEVELS.get(keys["s"], "")
    return ""


def _numeric_level(keys: dict[str, Any]) -> str | None:
    level = keys.get("level")
    if isinstance(level, int):
        return _of_syslog(level) if "short_message" in keys else _from(_PINO, level)  # GELF counts as syslog does
    number = keys.get("levelno")
    if isinstance(number, int):
        return _from(_PYTHON, number)
    priority = keys.get("priority")  # journald's JSON
    if "message" in keys and "__realtime_timestamp" in keys and str(priority).isdigit():
        return _of_syslog(int(str(priority)))
    return None


def _from(scale: tuple[tuple[int, str], ...], number: int) -> str:
    return next((name for least, name in scale if number >= least), "")


def _of_syslog(number: int) -> str:
    return _SYSLOG[max(number, 0)] if number < len(_SYSLOG) else ""


def _nested_level(keys: dict[str, Any]) -> str | None:
    """ECS has log.level as an object, loguru record.level.name."""
    for outer in ("log", "record"):
        inner = keys.get(outer)
        level = inner.get("level") if isinstance(inner, dict) else None
        name = level.get("name") if isinstance(level, dict) else level
        if isinstance(name, str):
            return name.strip().lower()
    return None
