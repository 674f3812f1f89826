"""Whether a line is logged at level CRITICAL or FATAL: by its format, else by a word in the level's place.

The word alone proves nothing: `no critical errors`, `critical=0`, `GET /critical` and `INFO CRITICAL path` are not it.
"""

from __future__ import annotations

import re

from soakctl.domain.stated_level import stated_level

# What the formats call CRITICAL, and what stands above it in those that have more.
_WORST = frozenset({"critical", "crit", "fatal", "emerg", "emergency", "alert", "panic"})
# One of these, in any case, is in every line that can count, but for the short forms.
_GATES = ("crit", "fatal", "emerg", "alert", "panic", "ftl", "fata[", ":60", ": 60", '"f"', "levelno", '"priority"')
_HEAD = 400

_SHORT_FORM_STARTS = frozenset("F[<")
_SHORT_FORM = re.compile(
    r"F\d{4} \d\d:\d\d:\d\d\.\d+\s"  # glog, klog
    r"|\[C \d[\d :.-]+\S"  # tornado
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]\d+\S*\s+F\s+(?:[A-Z]+\s+\[|\S+:\d+\])"  # older MongoDB, TensorFlow
)
_PRIORITY = re.compile(r"<(\d{1,3})>(?:1 |[A-Z][a-z]{2} [ \d]\d \d\d:)")  # syslog
_SYSLOG_CRITICAL = 2
_CHANNEL = re.compile(r"\[[^\]]*\d[^\]]*\] [\w-]+\.(?:CRITICAL|ALERT|EMERGENCY): ")  # monolog
_FATAL_ERROR = re.compile(
    r"(?:\[[^\]]{0,60}\]\s*|\d[\d:.,TZ+/-]*\s+){0,3}"
    r"(?:PHP )?(?:fatal|critical) (?:python )?(?:error|exception)\b[^:]{0,60}:(?=.*[a-z])",
    re.IGNORECASE,
)


def is_critical(text: str) -> bool:
    """Whether the line is at level CRITICAL or FATAL, or at what its format places above them."""
    lowered = text.lower()
    for gate in _GATES:
        if gate in lowered:
            return _judge(text)
    return _short_form(text)


def _judge(text: str) -> bool:
    level = stated_level(text)
    if level is not None:
        return level in _WORST
    return _short_form(text) or _CHANNEL.match(text) is not None or _FATAL_ERROR.match(text) is not None


def _short_form(text: str) -> bool:
    if text[:1] not in _SHORT_FORM_STARTS and " F " not in text[:_HEAD]:
        return False
    priority = _PRIORITY.match(text)
    if priority is not None:
        return int(priority[1]) % 8 <= _SYSLOG_CRITICAL
    return _SHORT_FORM.match(text) is not None
