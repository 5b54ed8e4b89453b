"""Explain a loaded config: its effective settings without secrets, where each connector sends, and warnings.

Whatever may be a secret is masked: also keys that no form names, and the settings of a fake without a schema.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from pydantic import BaseModel, SecretStr

from gateway.config.loading import Loaded
from gateway.config.problems import Place, Problem
from gateway.config.sections import is_loopback
from gateway.core.model import MASK, Channel, Document
from gateway.delivery.sandbox_keys import has_published_key
from gateway.delivery.secrets import masked_by_schema, strictly_masked
from gateway.providers.ports import Provider
from gateway.verification.rules import Policy, Window


def effective(loaded: Loaded, store: str) -> Document:
    """Return every setting, with its default if the file leaves it out.

    Args:
        store: the store that is used if the file names none.
    """
    config = loaded.config
    settings: Document = {name: _plain(getattr(config, name)) for name in type(config).model_fields}
    settings["store"] = config.store if config.store is not None else store
    settings["codes"]["rules"] = _plain(config.codes.effective_policy)
    settings["connectors"] = [
        {
            "id": connector.id,
            "factory": connector.factory.id,
            **strictly_masked(connector.factory.metadata, connector.config, connector.options),
            "authorization": MASK if connector.authorization is not None else None,
            "live": connector.live,
            "fallback": list(connector.fallback),
        }
        for connector in loaded.connectors
    ]
    settings["fakes"] = {
        name: _fake(part, loaded.providers.get(name)) for name, part in sorted(config.fakes.items())
    }
    return settings


def connectors(loaded: Loaded) -> list[Document]:
    """Return where each connector sends, and whether it is the default of its channel."""
    defaults = _defaults(loaded)
    return [
        {
            "id": connector.id,
            "factory": connector.factory.id,
            "provider": connector.provider,
            "channel": connector.factory.channel.value if connector.factory.channel is not None else "social",
            "sendsTo": "live" if connector.live else "fake",
            "default": connector.factory.channel is not None
            and defaults[connector.factory.channel] == connector.id,
            "fallback": list(connector.fallback),
        }
        for connector in loaded.connectors
    ]


def warnings(loaded: Loaded) -> Iterator[Problem]:
    """Yield what works, but perhaps not as its author intended."""
    yield from _about_connectors(loaded)
    yield from _about_live(loaded)
    yield from _about_access(loaded)
    yield from _about_fakes(loaded)
    for place in loaded.ignored_variables:
        yield Problem(place, "${env:NAME} is taken as it stands: only a whole value comes from the environment")


def _about_connectors(loaded: Loaded) -> Iterator[Problem]:
    defaults = _defaults(loaded)
    chosen = {*loaded.config.defaults.values(), *(name for one in loaded.connectors for name in one.fallback)}
    count = Counter(connector.factory.channel for connector in loaded.connectors)
    for index, connector in enumerate(loaded.connectors):
        place: Place = ("connectors", index)
        for text in connector.factory.warnings(connector.settings):
            yield Problem(place, f"{connector.id}: {text}")
        if not connector.live and any(other.live for other in loaded.connectors if other.id in connector.fallback):
            yield Problem((*place, "fallback"), f"{connector.id}: sends for real where its fake fails")
        channel = connector.factory.channel
        if channel is None or count[channel] == 1 or connector.id in {defaults[channel], *chosen}:
            continue
        yield Problem(
            place,
            f"{connector.id}: used by senders that name it only; {defaults[channel]} is the default for {channel}",
        )


def _about_live(loaded: Loaded) -> Iterator[Problem]:
    config = loaded.config
    live = any(connector.live and connector.factory.channel is not None for connector in loaded.connectors)
    if live and not config.live.allow:
        yield Problem(("live", "allow"), "is empty: live connectors may write to nobody")
    elif live and config.live.sends_per_day == 0:
        yield Problem(("live", "sends_per_day"), "is 0: live connectors may write to nobody")
    if config.live.allow and not live:
        yield Problem(("live", "allow"), "nothing is live: it has no effect")


def _about_access(loaded: Loaded) -> Iterator[Problem]:
    server = loaded.config.server
    replaces_keys = server.api_token is not None and "connectors" in loaded.source.tree
    needed = "nothing can send through it" if server.api_token is None else "its send takes the API token"
    for index, connector in enumerate(loaded.connectors):
        sends_for_real = connector.live and connector.factory.channel is not None
        if sends_for_real and connector.authorization is None and not is_loopback(server.host):
            text = f"{connector.id}: is live, and other machines reach its send: without an authorization {needed}"
            yield Problem(("connectors", index), text)
        if not connector.live and replaces_keys and has_published_key(connector.config):
            text = (
                f"{connector.id}: has the published access key; because of the API token a random one replaces it"
            )
            yield Problem(("connectors", index), f"{text} (GET /api/providers shows it)")


def _about_fakes(loaded: Loaded) -> Iterator[Problem]:
    if loaded.config.mode == "live":
        return
    for name, provider in sorted(loaded.providers.items()):
        own = [connector for connector in loaded.connectors if connector.provider == name and not connector.live]
        settings = provider.fake_settings(loaded.config.fakes.get(name, {}), own, None)
        for place, text in provider.fake_warnings(settings):
            yield Problem(("fakes", name, *place), text)


def _defaults(loaded: Loaded) -> dict[Channel, str]:
    """Return the default connector of each channel: the file's choice, else the first one."""
    defaults = {}
    for channel in Channel:
        own = [connector.id for connector in loaded.connectors if connector.factory.channel is channel]
        chosen = loaded.config.defaults.get(channel.value)
        if own:
            defaults[channel] = chosen if chosen in own else own[0]
    return defaults


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Policy | Window):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value if value is None or isinstance(value, bool | int | float | str | dict) else str(value)


def _fake(settings: Mapping[str, Any], provider: Provider | None) -> Any:
    if provider is None or provider.fake_schema is None:
        return dict.fromkeys(settings, MASK)
    return masked_by_schema(settings, provider.fake_schema().model_json_schema())
