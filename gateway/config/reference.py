"""The settings reference of docs/config.md: a table for each section, made of the same classes as the checks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from gateway.config.schema import Schema
from gateway.config.sections import Config
from gateway.providers.ports import Provider

_WORDS = {
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "string": "text",
    "object": "keys and values",
}


def reference(providers: Mapping[str, Provider]) -> str:
    """Markdown, headings of the third level."""
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
    """A table of the keys, then one for each section among them."""
    inner: list[tuple[str, str, Schema]] = []
    rows = []
    for key, one in schema["properties"].items():
        path = f"{name}.{key}" if name else key
        below = _model(one, definitions)
        if below is not None:
            listed = _is_list(one)
            inner.append((path, f"`{path}`, each of them" if listed else f"`{path}`", below))
        default = "required" if key in schema.get("required", ()) else _default(one)
        meaning = one.get("description") or (below or {}).get("description", "")
        cells = (f"`{key}`", _type(one, definitions), default, meaning)
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
    choices = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    return " or ".join(_one_type(one, definitions) for one in choices)


def _one_type(schema: Schema, definitions: Schema) -> str:
    if "$ref" in schema:
        return "section"
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "")
    if kind == "array":
        return f"list of {_plural(_one_type(schema.get('items', {}), definitions))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"{_one_type(schema['additionalProperties'], definitions)} by key"
    if schema.get("format") == "path":
        return "path"
    return _WORDS.get(kind, "any") + _bounds(schema)


def _plural(word: str) -> str:
    return f"{word}s" if word in {"section", "path"} else word


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    words = [
        f"more than {above:g}" if above is not None else "",
        f"from {low:g}" if low is not None else "",
        f"to {high:g}" if high is not None else "",
    ]
    found = " ".join(word for word in words if word)
    return f", {found}" if found else ""


def _model(schema: Schema, definitions: Schema) -> Schema | None:
    """The section that a key holds, or holds a list of."""
    for one in schema.get("anyOf", [schema]):
        target: Any = one.get("items", one)
        if "$ref" in target:
            found: Schema = definitions[target["$ref"].rpartition("/")[2]]
            return found
    return None


def _is_list(schema: Schema) -> bool:
    return any(one.get("type") == "array" for one in schema.get("anyOf", [schema]))
