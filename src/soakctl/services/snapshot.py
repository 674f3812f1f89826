"""snapshot: ask every question about the environment, and make one document of the answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from soakctl import __version__
from soakctl.domain.environment import SCHEMA, SECTIONS
from soakctl.errors import SoakctlError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soakctl.domain.environment import Comparison

    Question = Callable[[], Any]


def take_snapshot(
    questions: Mapping[str, Question],
    *,
    moment: str,
    unix: float,
    key: Mapping[str, str] | None,
    hide: Callable[[Any], Any],
    notes: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The document `soakctl.environment/1`, redacted.

    A question that cannot be answered leaves null and a note: the others are worth having.

    Args:
        questions: what answers each section, by its name.
        moment: asked; start, end or failure of a run; before or after a validation.
        unix: the present, seconds.
        key: `source` and `id` of the key for fingerprints; None without one.
        hide: the redactor of JSON values.
        notes: what is known to be missing already.
    """
    answers: dict[str, Any] = {}
    missing = [{"section": "", "problem": note} for note in notes]
    for section in SECTIONS:
        try:
            answers[section] = questions[section]()
        except SoakctlError as error:
            answers[section] = None
            where = f" ({error.where})" if error.where else ""
            missing.append({"section": section, "problem": f"{error.message}{where}"})
    document = {
        "schema": SCHEMA,
        "soakctl_version": __version__,
        "moment": moment,
        "taken_unix": round(unix, 3),
        "taken_utc": datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "key": None if key is None else dict(key),
        **answers,
        "notes": missing,
    }
    hidden: dict[str, Any] = _encodable(hide(document))
    return hidden


def _encodable(value: Any) -> Any:
    """Names of files and variables may hold bytes that are no text: these are told as they are escaped in Python."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(inner) for key, inner in value.items()}
    return [_encodable(inner) for inner in value] if isinstance(value, list | tuple) else value


def difference_document(first: str, second: str, comparison: Comparison) -> dict[str, Any]:
    """What `soakctl snapshot --diff A B --json` prints."""
    return {
        "schema": "soakctl.environment-diff/1",
        "first": first,
        "second": second,
        "same": comparison.same,
        "differences": [each.to_json() for each in comparison.differences],
        "notes": list(comparison.notes),
    }
