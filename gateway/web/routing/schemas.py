"""JSON Schema (2020-12, as OpenAPI 3.1 has it) of the models that routes name."""

from __future__ import annotations

from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

Schema: TypeAlias = dict[str, Any]
_REF = "#/components/schemas/{model}"
_NULL = {"type": "null"}


class _Generate(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  # pydantic's signature
        """A title that only spells the name again is noise."""
        return False


class Schemas:
    """Collects the schemas of a document under ``components``, each once."""

    def __init__(self) -> None:
        self.found: dict[str, Schema] = {}

    def ref(self, model: type[BaseModel], name: str | None = None) -> Schema:
        """A reference to the model's schema, called as its class unless ``name`` is given."""
        schema = _schema(model)
        for inner, its in schema.pop("$defs", {}).items():
            self._add(inner, its)
        name = name or model.__name__
        self._add(name, schema)
        return {"$ref": _REF.format(model=name)}

    def _add(self, name: str, schema: Schema) -> None:
        schema["title"] = name
        if self.found.setdefault(name, schema) != schema:
            raise ValueError(f"two models are called {name}: rename one")


def parameters(model: type[BaseModel], place: str) -> list[Schema]:
    """The model's fields as OpenAPI parameters; ``place`` is path, query or header."""
    schema = _schema(model)
    required = schema.get("required", ())
    found = [_parameter(name, place, field, name in required) for name, field in schema["properties"].items()]
    if place == "query" and not getattr(model, "blanks", False):
        for one in found:
            one["allowEmptyValue"] = True
    return found


def _parameter(name: str, place: str, field: Schema, required: bool) -> Schema:
    if "anyOf" in field and _NULL in field["anyOf"]:
        # None stands for a parameter that is not there; there is no null in a query.
        (kind,) = [kind for kind in field.pop("anyOf") if kind != _NULL]
        field = {**kind, **field}
    if field.get("default", ...) is None:
        del field["default"]
    found = {"name": name, "in": place, "required": required}
    if "description" in field:
        found["description"] = field.pop("description")
    if "examples" in field:
        found["example"] = field.pop("examples")[0]
    return {**found, "schema": field}


def _schema(model: type[BaseModel]) -> Schema:
    schema: Schema = _as_markdown(model.model_json_schema(ref_template=_REF, schema_generator=_Generate))
    return schema


def _as_markdown(value: Any) -> Any:
    """Descriptions come from docstrings, whose code is in double backquotes."""
    if isinstance(value, dict):
        return {
            key: " ".join(one.replace("``", "`").split())
            if key == "description" and isinstance(one, str)
            else _as_markdown(one)
            for key, one in value.items()
        }
    return [_as_markdown(one) for one in value] if isinstance(value, list) else value
