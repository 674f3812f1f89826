"""docs/configuration.md tells every key with its default, and every environment variable."""

from __future__ import annotations

import re
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from soakctl.adapters.environment import SETTINGS
from soakctl.domain.config.later import type_of
from soakctl.domain.config.root import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

PAGE = (Path(__file__).parent.parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `((?:NAME|[a-z_.\[\]])+)` \| (\S[^|]*?) \|", re.MULTILINE)
ROWS = {key: default.strip("`") for key, default in _ROW.findall(PAGE)}
# The same key of another kind of source has another default, which its row tells in words.
TOLD_IN_WORDS = {"kpis[].source.pointer", "kpis[].source.timeout", "kpis[].source.reduce"}


def _models(annotation: Any, below: str) -> Iterator[tuple[type[BaseModel], str]]:
    """The sections that an annotation holds, and the key each has."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, below
    elif get_origin(annotation) is tuple:
        yield from _models(get_args(annotation)[0], f"{below}[]")
    elif get_origin(annotation) is dict:
        yield from _models(get_args(annotation)[1], f"{below}.NAME")
    elif get_origin(annotation) in {Annotated, Union, UnionType}:
        for member in get_args(annotation):
            yield from _models(member, below)


def _keys(
    model: type[BaseModel], above: str = "", within: tuple[type[BaseModel], ...] = ()
) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        key = f"{above}{field.alias or name}"
        beneath = list(_models(type_of(field), key))
        if (
            not beneath
            or any(below.endswith(("[]", ".NAME")) for _, below in beneath)
            or (field.default is None and type_of(field) is field.annotation)
        ):
            yield key, field
        for section, below in beneath:
            if section not in within:  # conditions hold conditions
                yield from _keys(section, f"{below}.", (*within, section))


def _shown(key: str, field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if default is None:
        return "none"
    if isinstance(default, (tuple, dict)) and not default:
        return "[]" if isinstance(default, tuple) else "{}"
    if isinstance(default, tuple) and all(isinstance(item, str) for item in default):
        return f"[{', '.join(default)}]"
    if isinstance(default, bool):
        return str(default).lower()
    special = {"service.stop.signal": "SIGTERM", "service.stop.clean_exit": "[0, -SIGTERM]"}
    return special.get(key, str(default) or '""')


KEYS = {key: field for key, field in _keys(Config) if key not in TOLD_IN_WORDS}


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_told_with_its_default(key: str) -> None:
    """Who reads the page knows what happens without the key."""
    assert ROWS.get(key) == _shown(key, KEYS[key])


def test_no_key_is_told_that_is_none() -> None:
    """The page does not promise what the models refuse."""
    sections = {section for key in KEYS for section in _above(key)}
    assert set(ROWS) - set(KEYS) - TOLD_IN_WORDS - sections == set()


def _above(key: str) -> Iterator[str]:
    steps = key.split(".")
    for length in range(1, len(steps)):
        yield ".".join(steps[:length])


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.variable)
def test_every_variable_is_told_as_the_table_of_settings_has_it(setting: Any) -> None:
    """The page and the program know the same variables, flags and keys."""
    cells = [f"`{cell}`" if cell else "" for cell in (setting.variable, setting.flag, setting.key)]
    row = "|".join(f" {cell} " if cell else " " for cell in cells)
    assert f"|{row}| {setting.kind} | {setting.what}" in PAGE
