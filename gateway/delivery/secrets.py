"""Secrets of a connector: masked whenever it is shown, and kept where the mask comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.core.errors import InvalidConfig
from gateway.core.model import Document
from gateway.providers.ports import Connector, Metadata

MASK = "********"


def masked_config(metadata: Metadata, config: Mapping[str, Any]) -> Document:
    return _masked(config, _secret_keys(metadata))


def masked_options(metadata: Metadata, options: Mapping[str, Any]) -> Document:
    return _masked(options, metadata.secret_options)


def unmasked(metadata: Metadata, document: Document, before: Connector | None) -> Document:
    """A connector's document in which each mask stands for what the connector had ``before``. Raises
    ``errors.InvalidConfig`` where it had nothing."""
    config = before.config if before else {}
    options = before.options if before else {}
    authorization = document["authorization"]
    if authorization == MASK:
        authorization = before.authorization if before else None
        if authorization is None:
            raise _nothing("authorization")
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


def _restored(values: Mapping[str, Any], secret: frozenset[str], before: Mapping[str, Any], place: str) -> Document:
    restored = dict(values)
    for key in secret:
        if restored.get(key) == MASK:
            if before.get(key) is None:
                raise _nothing(f"{place}.{key}")
            restored[key] = before[key]
    return restored


def _nothing(place: str) -> InvalidConfig:
    return InvalidConfig(f"{place}: {MASK} is what a kept secret is shown as, and none is kept: give the secret")
