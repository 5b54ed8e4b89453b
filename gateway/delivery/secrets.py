"""The secrets of a connector: masked when it is shown, and kept when a client sends the mask back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.core.errors import InvalidConfig
from gateway.core.model import MASK, Document
from gateway.providers.ports import Connector, Metadata


def masked_config(metadata: Metadata, config: Mapping[str, Any]) -> Document:
    return _masked(config, _secret_keys(metadata))


def masked_options(metadata: Metadata, options: Mapping[str, Any]) -> Document:
    return _masked(options, metadata.secret_options)


def masks_in(metadata: Metadata, config: Mapping[str, Any]) -> list[str]:
    """Return the secret keys of a config that hold the mask instead of a secret."""
    return [item.key for item in metadata.form if item.secret and config.get(item.key) == MASK]


def strictly_masked(metadata: Metadata, config: Mapping[str, Any], options: Mapping[str, Any]) -> Document:
    """Mask config and options, keys included that the connector does not know: a misspelt key may hold a secret."""
    config_keys = {item.key for item in metadata.form if not item.secret}
    option_keys = set(metadata.options) - metadata.secret_options
    return {
        "config": {key: value if key in config_keys else MASK for key, value in config.items()},
        "options": {key: value if key in option_keys else MASK for key, value in options.items()},
    }


def masked_by_schema(value: Any, schema: Mapping[str, Any]) -> Any:
    """Mask what a JSON schema calls ``writeOnly``, and what it does not describe."""
    return _by_schema(value, schema, schema.get("$defs", {}))


def unmasked(metadata: Metadata, document: Document, before: Connector | None) -> Document:
    """Return a connector's document with each mask replaced by the secret that the connector had ``before``.

    Raises ``errors.InvalidConfig`` if it had none.
    """
    config = before.config if before else {}
    options = before.options if before else {}
    authorization = document["authorization"]
    if authorization == MASK:
        authorization = before.authorization if before else None
        if authorization is None:
            raise _no_secret("authorization")
    return {
        **document,
        "config": _restored(document["config"], _secret_keys(metadata), config, "config"),
        "options": _restored(document["options"], metadata.secret_options, options, "options"),
        "authorization": authorization,
    }


def _secret_keys(metadata: Metadata) -> frozenset[str]:
    return frozenset(item.key for item in metadata.form if item.secret)


def _masked(values: Mapping[str, Any], secret: frozenset[str]) -> Document:
    return {key: MASK if key in secret and value not in (None, "") else value for key, value in values.items()}


def _by_schema(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if schema.get("writeOnly") and value is not None:
        return MASK
    if isinstance(value, Mapping):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        undescribed = others if isinstance(others, dict) else {"writeOnly": True}
        return {
            key: _by_schema(inner, properties.get(key) or undescribed, definitions) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_by_schema(inner, schema.get("items", {"writeOnly": True}), definitions) for inner in value]
    return value


def _restored(values: Mapping[str, Any], secret: frozenset[str], before: Mapping[str, Any], place: str) -> Document:
    restored = dict(values)
    for key in secret:
        if restored.get(key) == MASK:
            if before.get(key) is None:
                raise _no_secret(f"{place}.{key}")
            restored[key] = before[key]
    return restored


def _no_secret(place: str) -> InvalidConfig:
    return InvalidConfig(f"{place}: {MASK} is what a kept secret is shown as, and none is kept: give the secret")
