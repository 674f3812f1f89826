"""Findings of the secret scan as SARIF 2.1.0, without the values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.services.validate.leaks import Leak

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_document(leaks: Sequence[Leak]) -> dict[str, Any]:
    """The document; places count from 1."""
    rules = sorted({leak.rule for leak in leaks})
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "soakctl",
                        "version": __version__,
                        "rules": [
                            {"id": rule, "shortDescription": {"text": f"A committed secret: {rule}"}} for rule in rules
                        ],
                    }
                },
                "results": [_result(leak) for leak in leaks],
            }
        ],
    }


def _result(leak: Leak) -> dict[str, Any]:
    at = f" in commit {leak.commit}" if leak.commit else ""
    return {
        "ruleId": leak.rule,
        "level": "error",
        "message": {"text": f"Looks like a committed secret: {leak.rule}{at}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": leak.path},
                    "region": {"startLine": max(leak.line, 1)},
                }
            }
        ],
    }
