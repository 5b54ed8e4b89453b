"""Connectors: from the config file or made over the API, checked by their factory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway import registry
from gateway.errors import InvalidConfig
from gateway.ports import Connector, Provider


def build(
    providers: Mapping[str, Provider],
    connector_id: str,
    factory_id: str,
    config: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    authorization: str | None = None,
    live: bool = False,
    declared: bool = True,
    version: int = 0,
) -> Connector:
    """A connector whose factory takes its settings. Raises ``errors.InvalidConfig``, whose message names all that
    is wrong and never a value."""
    found = registry.factory(providers, factory_id)
    if found is None:
        known = ", ".join(sorted(name for provider in providers.values() for name in provider.factories))
        raise InvalidConfig(f"factory: {factory_id} is unknown; known: {known}")
    provider, factory = found
    try:
        settings = factory.settings(config, options)
    except InvalidConfig as error:
        hints = [
            f"{wrong} is called {right}" for wrong, right in factory.metadata.wrong_names.items() if wrong in config
        ]
        raise InvalidConfig("; ".join([error.message, *hints])) from None
    return Connector(
        connector_id, provider.name, factory, settings, config, options, authorization, live, declared, version
    )
