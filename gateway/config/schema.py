"""Describe every key of the config file: the JSON schema for editors, and the reference of docs/config.md.

Both are made from the models that validate the file and from the schemas of the installed providers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from pydantic import BaseModel

from gateway.config.sections import Config
from gateway.providers import registry
from gateway.providers.ports import ConnectorFactory, FormItem, Provider

Schema: TypeAlias = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ENV = {"$ref": "#/$defs/env"}
_FORM_TYPES = {
    "Text": "string",
    "MultilineText": "string",
    "Select": "string",
    "Number": "number",
    "Switch": "boolean",
}


def schema_text() -> str:
    """Return the JSON schema of the installed providers as the text of a file."""
    return json.dumps(schema(registry.load_providers()), indent=2, ensure_ascii=False) + "\n"


def schema(providers: Mapping[str, Provider]) -> Schema:
    """Return the JSON schema (draft 2020-12) of a config file with the factories and fakes of these providers."""
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
    for node in (whole, *(definition for name, definition in definitions.items() if name != "env")):
        _finish(node)
    return {"$schema": _DIALECT, **whole, "title": "The config file of the connector gateway", "$defs": definitions}


def _connector(definitions: Schema, providers: Mapping[str, Provider]) -> None:
    """Add the config and options of each factory, which apply if its id is the ``factory``."""
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
    """Return the schema of a connector's config. Other keys are ignored, as Logto ignores them."""
    properties = {}
    for item in items:
        found: Schema = {"type": _FORM_TYPES[item.type]} if item.type in _FORM_TYPES else {}
        found["description"] = item.description or item.label
        if item.secret:
            found["writeOnly"] = True
        properties[item.key] = found
    return {"properties": properties, "required": [item.key for item in items if item.required]}


def _embedded(model: type[BaseModel], prefix: str, definitions: Schema) -> Schema:
    """Return the schema of a provider's model, and add its inner classes with the prefix to the definitions."""
    found = model.model_json_schema(ref_template=f"#/$defs/{prefix}{{model}}")
    definitions.update({f"{prefix}{name}": one for name, one in found.pop("$defs", {}).items()})
    return found


def _finish(node: Schema) -> None:
    """Remove generated titles and defaults of null; allow ``${env:NAME}`` wherever a single value is expected."""
    node.pop("title", None)
    for value in node.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                _finish(inner)
    for name, key_schema in node.get("properties", {}).items():
        if isinstance(key_schema, dict) and key_schema.get("default", "") is None:
            del key_schema["default"]
        if isinstance(key_schema, dict) and _is_narrow(key_schema):
            outer = {key: key_schema[key] for key in ("description", "default", "writeOnly") if key in key_schema}
            inner = {key: value for key, value in key_schema.items() if key not in outer}
            choices = inner.get("anyOf", [inner])
            node["properties"][name] = {**outer, "anyOf": [*choices, _ENV]}


def _is_narrow(node: Schema) -> bool:
    """Return whether a schema is of a single value and rejects some texts."""
    return all(
        choice.get("type") in {"integer", "number", "boolean"}
        or (choice.get("type") == "string" and ("enum" in choice or "pattern" in choice))
        for choice in _choices(node)
    )


def _choices(schema: Schema) -> list[Schema]:
    return [choice for choice in schema.get("anyOf", [schema]) if choice.get("type") != "null"]


# --------------------------------------------------------------------------------- the reference in Markdown

_TYPE_NAMES = {
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "string": "text",
    "object": "keys and values",
}


def reference(providers: Mapping[str, Provider]) -> str:
    """Return the reference: a table for each section, with headings of the third level."""
    parts = [_tables("", "The file", Config)]
    for _, provider in sorted(providers.items()):
        for factory_id, factory in sorted(provider.factories.items()):
            if factory.options_schema is not None:
                title = f"`options` of `{factory_id}`"
                parts.append(_tables("options", title, factory.options_schema()))
        if provider.fake_schema is not None:
            name = f"fakes.{provider.name}"
            parts.append(_tables(name, f"`{name}`", provider.fake_schema()))
    return "\n".join(parts)


def _tables(name: str, title: str, model: type[BaseModel]) -> str:
    whole = model.model_json_schema()
    return "\n".join(_sections(name, title, whole, whole.get("$defs", {})))


def _sections(name: str, title: str, schema: Schema, definitions: Schema) -> Iterator[str]:
    """Yield a table of the keys, then a table of each section among them."""
    inner: list[tuple[str, str, Schema]] = []
    rows = []
    for key, key_schema in schema["properties"].items():
        path = f"{name}.{key}" if name else key
        below = _section_of(key_schema, definitions)
        if below is not None:
            inner.append((path, f"`{path}`, each of them" if _is_list(key_schema) else f"`{path}`", below))
        default = "required" if key in schema.get("required", ()) else _default(key_schema)
        meaning = key_schema.get("description") or (below or {}).get("description", "")
        cells = (f"`{key}`", _type(key_schema, definitions), default, meaning)
        rows.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    yield "\n".join([f"### {title}", "", "| key | type | default | meaning |", "|---|---|---|---|", *rows, ""])
    for path, heading, below in inner:
        yield from _sections(path, heading, below, definitions)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _default(schema: Schema) -> str:
    default = schema.get("default")
    return "" if default is None else f"`{json.dumps(default, ensure_ascii=False)}`"


def _type(schema: Schema, definitions: Schema) -> str:
    return " or ".join(_single_type(choice, definitions) for choice in _choices(schema))


def _single_type(schema: Schema, definitions: Schema) -> str:
    if "$ref" in schema:
        return "section"
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "")
    if kind == "array":
        return f"list of {_plural(_single_type(schema.get('items', {}), definitions))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"{_single_type(schema['additionalProperties'], definitions)} by key"
    if schema.get("format") == "path":
        return "path"
    return _TYPE_NAMES.get(kind, "any") + _bounds(schema)


def _plural(word: str) -> str:
    return f"{word}s" if word in {"section", "path"} else word


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    bounds = [
        f"more than {above:g}" if above is not None else "",
        f"from {low:g}" if low is not None else "",
        f"to {high:g}" if high is not None else "",
    ]
    text = " ".join(bound for bound in bounds if bound)
    return f", {text}" if text else ""


def _section_of(schema: Schema, definitions: Schema) -> Schema | None:
    """Return the schema of the section that a key holds, or holds a list of."""
    for choice in schema.get("anyOf", [schema]):
        target: Any = choice.get("items", choice)
        if "$ref" in target:
            section: Schema = definitions[target["$ref"].rpartition("/")[2]]
            return section
    return None


def _is_list(schema: Schema) -> bool:
    return any(choice.get("type") == "array" for choice in schema.get("anyOf", [schema]))
