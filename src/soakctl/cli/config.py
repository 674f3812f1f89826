"""`soakctl config check|show|schema`: whether the configuration is valid, what it comes to, what it may hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soakctl.domain.config.loaded import Loaded
    from soakctl.domain.config.root import Config


def check(loaded: Loaded, redact: Callable[[Any], Any], *, as_json: bool, out: TextIO, err: TextIO) -> int:
    """Say ok with what was found; an invalid file never gets here. Returns 0."""
    from soakctl.services.config_check import check_document, summary

    if as_json:
        _write_json(out, check_document(loaded, redact))
        return 0
    out.write(f"ok: {_where(loaded)}\n")
    out.writelines(f"  {title:<8} {text}\n" for title, text in summary(loaded.config, redact))
    _warn(loaded, redact, err)
    return 0


def show(
    loaded: Loaded,
    config: Config,
    overrides: Mapping[str, str],
    redact: Callable[[Any], Any],
    *,
    as_json: bool,
    out: TextIO,
    err: TextIO,
) -> int:
    """Write the whole configuration, and to `err` where each part of it comes from. Returns 0.

    Args:
        loaded: what the file holds.
        config: the same with what the environment overrides.
        overrides: for each overridden key the variable that does it.
        redact: hides what is secret in a JSON value.
        as_json: one JSON document instead of YAML.
        out: takes the configuration.
        err: takes what is said about it.
    """
    import yaml

    from soakctl.services.config_check import origins, resolved, show_document

    if as_json:
        _write_json(out, show_document(loaded, config, overrides, redact))
        return 0
    out.write(yaml.safe_dump(resolved(config, redact), sort_keys=False, allow_unicode=True, width=120))
    err.write(f"from {_where(loaded)}\n")
    err.writelines(f"  {key}: {where}\n" for key, where in origins(loaded, overrides).items())
    err.write("  everything else: default\n")
    _warn(loaded, redact, err)
    return 0


def schema(out: TextIO) -> int:
    """Write the JSON Schema of soakctl.yaml. Returns 0."""
    from soakctl.services.config_check import json_schema

    _write_json(out, json_schema())
    return 0


def _where(loaded: Loaded) -> str:
    return "built-in defaults (no soakctl.yaml found)" if loaded.path is None else f"{loaded.path} ({loaded.source})"


def _warn(loaded: Loaded, redact: Callable[[Any], Any], err: TextIO) -> None:
    err.writelines(f"warning: {redact(warning)}\n" for warning in loaded.warnings)


def _write_json(out: TextIO, document: Mapping[str, Any]) -> None:
    out.write(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
