"""A section whose model is imported once a file has it: most commands never look at it, and all would wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

if TYPE_CHECKING:
    from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.fields import FieldInfo
    from pydantic.json_schema import JsonSchemaValue


@dataclass(frozen=True, slots=True)
class Later:
    """Stands beside `Any` in a field's annotation; the field's value is None without the section.

    Attributes:
        module: where the model is.
        name: its name there.
    """

    module: str
    name: str

    def model(self) -> type[BaseModel]:
        """The model, imported now."""
        found: type[BaseModel] = getattr(import_module(self.module), self.name)
        return found

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Read and written as the model does it."""
        written = core_schema.plain_serializer_function_ser_schema(_written, info_arg=True)
        return core_schema.no_info_plain_validator_function(self._read, serialization=written)

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """That of the model."""
        return handler(self.model().__pydantic_core_schema__)

    def _read(self, value: Any) -> Any:
        if value is None:
            return None
        model = self.model()
        found = model.model_validate(value)
        return found if found != model() else None  # a section of nothing but defaults is none


def _written(value: BaseModel | None, info: core_schema.SerializationInfo) -> Any:
    return value if value is None else value.model_dump(mode=info.mode, by_alias=bool(info.by_alias))


def type_of(field: FieldInfo) -> Any:
    """The annotation of a field; of one that is read later, its model."""
    later = next((note for note in field.metadata if isinstance(note, Later)), None)
    return field.annotation if later is None else later.model()
