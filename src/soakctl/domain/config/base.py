"""What every section of the configuration shares: frozen, unknown keys refused, empty means unset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, WrapValidator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


class LocatedError(ValueError):
    """A rule over several keys was broken; `at` leads from the section to the key to blame."""

    def __init__(self, message: str, *at: str | int) -> None:
        """Keep the way to the key, so that an error can name its line."""
        super().__init__(message)
        self.at = at


class Model(BaseModel):
    """A section: immutable, and a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, data: Any) -> Any:
        # `smoke:` with all its keys commented out reads as null; people mean the defaults.
        if not isinstance(data, Mapping):
            return data
        unset = _unset_by_null(cls)
        return {key: value for key, value in data.items() if value is not None or key not in unset}


@cache
def _unset_by_null(model: type[BaseModel]) -> frozenset[str]:
    """The keys with a default for which null is no value of its own."""
    return frozenset(
        field.alias or name
        for name, field in model.model_fields.items()
        if not field.is_required() and type(None) not in get_args(field.annotation)
    )


def unique(what: str) -> WrapValidator:
    """No two entries of the list share a name; told beside whatever else is wrong with them."""

    def validate(value: Any, handler: Callable[[Any], Any]) -> Any:
        wrong = [
            InitErrorDetails(
                type=PydanticCustomError(
                    "duplicate",
                    "duplicate {what} {name}; each name may stand once",
                    {"what": what, "name": name},
                ),
                loc=(place,),
                input=name,
            )
            for place, name in _second_names(value)
        ]
        try:
            result = handler(value)
        except ValidationError as error:
            raise ValidationError.from_exception_data("list", [*_again(error), *wrong]) from None
        if wrong:
            raise ValidationError.from_exception_data("list", wrong)
        return result

    return WrapValidator(validate)


def _second_names(entries: Any) -> Iterator[tuple[int, str]]:
    """Each entry whose name stood before, by its place. Entries are names, mappings or sections."""
    seen: set[str] = set()
    for place, entry in enumerate(entries if isinstance(entries, (list, tuple)) else ()):
        name = entry.get("name") if isinstance(entry, Mapping) else getattr(entry, "name", entry)
        # What is no name is told as such, and not quoted: it may be a secret.
        if isinstance(name, str) and _NAME.fullmatch(name):
            if name in seen:
                yield place, name
            seen.add(name)


def _again(error: ValidationError) -> Iterator[InitErrorDetails]:
    """The same errors, to be raised together with others."""
    for one in error.errors(include_url=False):
        context = {**one.get("ctx", {}), "said": one["msg"]}
        yield InitErrorDetails(
            type=PydanticCustomError(one["type"], "{said}", context),
            loc=one["loc"],
            input=one["input"],
        )
