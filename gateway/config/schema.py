"""The JSON schema of the config file, for editors: made of the same classes as the checks, and of what the
providers say of themselves. JSON Schema, draft 2020-12."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from pydantic import BaseModel

from gateway.config.sections import Config
from gateway.providers.ports import ConnectorFactory, FormItem, Provider

Schema: TypeAlias = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ENV = {"$ref": "#/$defs/env"}
_TYPES = {"Text": "string", "MultilineText": "string", "Select": "string", "Number": "number", "Switch": "boolean"}


def schema(providers: Mapping[str, Provider]) -> Schema:
    """``providers``: whose factories and fakes it knows."""
    whole = Config.model_json_schema()
    definitions: Schema = whole.pop("$defs")
    _connector(definitions, providers)
    fakes: Schema = {}
    for name, provider in sorted(providers.items()):
        fake = provider.fake_schema
        fakes[name] = _embedded(fake(), f"{name}.", definitions) if fake else {"type": "object"}
    whole["properties"]["fakes"] |= {"properties": fakes, "additionalProperties": False}
    definitions["env"] = {
        "type": "string",
        "pattern": r"^\$\{env:[A-Za-z_][A-Za-z0-9_]*\}$",
        "description": "Taken from the environment.",
    }
    for one in (whole, *(found for name, found in definitions.items() if name != "env")):
        _finish(one)
    return {"$schema": _DIALECT, **whole, "title": "The config file of the connector gateway", "$defs": definitions}


def _connector(definitions: Schema, providers: Mapping[str, Provider]) -> None:
    """What a factory asks for, where its id is the ``factory``."""
    connector = definitions["ConnectorConfig"]
    factories = dict(sorted(_factories(providers)))
    connector["properties"]["factory"]["enum"] = list(factories)
    connector["oneOf"] = [{"required": ["config"]}, {"required": ["config_file"]}]
    connector["allOf"] = []
    for factory_id, factory in factories.items():
        options: Schema = {
            "properties": {key: {} for key in factory.metadata.options},
            "additionalProperties": False,
        }
        if factory.options_schema is not None:
            options = _embedded(factory.options_schema(), f"{factory_id}.", definitions)
            options["additionalProperties"] = False
        connector["allOf"].append(
            {
                "if": {"properties": {"factory": {"const": factory_id}}, "required": ["factory"]},
                "then": {"properties": {"config": _form(factory.metadata.form), "options": options}},
            }
        )


def _factories(providers: Mapping[str, Provider]) -> Iterator[tuple[str, ConnectorFactory]]:
    for provider in providers.values():
        yield from provider.factories.items()


def _form(items: tuple[FormItem, ...]) -> Schema:
    """Keys that are not in it are ignored, as Logto ignores them."""
    properties = {}
    for item in items:
        found: Schema = {"type": _TYPES[item.type]} if item.type in _TYPES else {}
        found["description"] = item.description or item.label
        if item.secret:
            found["writeOnly"] = True
        properties[item.key] = found
    return {"properties": properties, "required": [item.key for item in items if item.required]}


def _embedded(model: type[BaseModel], prefix: str, definitions: Schema) -> Schema:
    """A provider's model: its inner classes get names of their own."""
    found = model.model_json_schema(ref_template=f"#/$defs/{prefix}{{model}}")
    definitions.update({f"{prefix}{name}": one for name, one in found.pop("$defs", {}).items()})
    return found


def _finish(node: Schema) -> None:
    """No made-up titles; ``${env:NAME}`` wherever one value stands."""
    node.pop("title", None)
    for value in node.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                _finish(one)
    for name, one in node.get("properties", {}).items():
        if isinstance(one, dict) and one.get("default", "") is None:
            del one["default"]
        if isinstance(one, dict) and _narrow(one):
            outer = {key: one[key] for key in ("description", "default", "writeOnly") if key in one}
            inner = {key: value for key, value in one.items() if key not in outer}
            choices = inner.get("anyOf", [inner])
            node["properties"][name] = {**outer, "anyOf": [*choices, _ENV]}


def _narrow(node: Schema) -> bool:
    """A single value that not any text is."""
    choices = [one for one in node.get("anyOf", [node]) if one.get("type") != "null"]
    return all(
        one.get("type") in {"integer", "number", "boolean"}
        or (one.get("type") == "string" and ("enum" in one or "pattern" in one))
        for one in choices
    )
