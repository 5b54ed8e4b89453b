"""What a config comes to: its effective settings without secrets, where each connector sends, and warnings.

What is not known to be harmless is masked: keys that no form names, and the settings of a fake without a schema.
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
from gateway.core.model import Channel, Document
from gateway.delivery.secrets import MASK
from gateway.providers.ports import Provider
from gateway.verification.rules import Policy, Window


def effective(loaded: Loaded, store: str) -> Document:
    """Every setting, also one that the file leaves out; ``store``: where it names none. Plain values only."""
    config = loaded.config
    found: Document = {name: _plain(getattr(config, name)) for name in type(config).model_fields}
    found["store"] = config.store if config.store is not None else store
    found["codes"]["rules"] = _plain(config.codes.made)
    found["connectors"] = [
        {
            "id": one.id,
            "factory": one.factory.id,
            "config": _settings(one.config, {item.key for item in one.factory.metadata.form if not item.secret}),
            "options": _settings(
                one.options, set(one.factory.metadata.options) - one.factory.metadata.secret_options
            ),
            "authorization": MASK if one.authorization is not None else None,
            "live": one.live,
            "fallback": list(one.fallback),
        }
        for one in loaded.connectors
    ]
    found["fakes"] = {name: _fake(part, loaded.providers.get(name)) for name, part in sorted(config.fakes.items())}
    return found


def connectors(loaded: Loaded) -> list[Document]:
    """Where each sends, and whether it is the default of its channel."""
    defaults = _defaults(loaded)
    return [
        {
            "id": one.id,
            "factory": one.factory.id,
            "provider": one.provider,
            "channel": one.factory.channel.value if one.factory.channel is not None else "social",
            "sendsTo": "live" if one.live else "fake",
            "default": one.factory.channel is not None and defaults[one.factory.channel] == one.id,
            "fallback": list(one.fallback),
        }
        for one in loaded.connectors
    ]


def warnings(loaded: Loaded) -> Iterator[Problem]:
    """What works, but perhaps not as it was meant."""
    config, defaults = loaded.config, _defaults(loaded)
    standing_in = {name for one in loaded.connectors for name in one.fallback}
    of_channel = Counter(one.factory.channel for one in loaded.connectors)
    for at, one in enumerate(loaded.connectors):
        place: Place = ("connectors", at)
        for text in one.factory.warnings(one.settings):
            yield Problem(place, f"{one.id}: {text}")
        if not one.live and any(other.live for other in loaded.connectors if other.id in one.fallback):
            yield Problem((*place, "fallback"), f"{one.id}: sends for real where its fake fails")
        channel, known = one.factory.channel, {*config.defaults.values(), *standing_in}
        if channel is None:
            continue
        if of_channel[channel] > 1 and defaults[channel] != one.id and one.id not in known:
            yield Problem(
                place,
                f"{one.id}: used by senders that name it only; {defaults[channel]} is the default for {channel}",
            )
    live = any(one.live and one.factory.channel is not None for one in loaded.connectors)
    if live and not config.live.allow:
        yield Problem(("live", "allow"), "is empty: live connectors may write to nobody")
    elif live and config.live.sends_per_day == 0:
        yield Problem(("live", "sends_per_day"), "is 0: live connectors may write to nobody")
    if config.live.allow and not live:
        yield Problem(("live", "allow"), "nothing is live: it has no effect")
    yield from _of_the_fakes(loaded)
    for place in loaded.odd:
        yield Problem(place, "${env:NAME} is taken as it stands: only a whole value comes from the environment")


def _of_the_fakes(loaded: Loaded) -> Iterator[Problem]:
    if loaded.config.mode == "live":
        return
    for name, provider in sorted(loaded.providers.items()):
        own = [one for one in loaded.connectors if one.provider == name and not one.live]
        settings = provider.fake_settings(loaded.config.fakes.get(name, {}), own, None)
        for place, text in provider.fake_warnings(settings):
            yield Problem(("fakes", name, *place), text)


def _defaults(loaded: Loaded) -> dict[Channel, str]:
    """As ``gateway.connectors`` chooses: the file's choice, else the first one."""
    found = {}
    for channel in Channel:
        own = [one.id for one in loaded.connectors if one.factory.channel is channel]
        chosen = loaded.config.defaults.get(channel.value)
        if chosen in own or own:
            found[channel] = chosen if chosen in own else own[0]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Policy | Window):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value if value is None or isinstance(value, bool | int | float | str | dict) else str(value)


def _settings(values: Mapping[str, Any], harmless: set[str]) -> Document:
    return {key: value if key in harmless else MASK for key, value in values.items()}


def _fake(part: Mapping[str, Any], provider: Provider | None) -> Any:
    if provider is None or provider.fake_schema is None:
        return dict.fromkeys(part, MASK)
    schema = provider.fake_schema().model_json_schema()
    return _masked(part, schema, schema.get("$defs", {}))


def _masked(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """By the schema: what it calls ``writeOnly``, and what it does not know, is a secret."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if schema.get("writeOnly") and value is not None:
        return MASK
    if isinstance(value, Mapping):
        inner = schema.get("properties", {})
        others = schema.get("additionalProperties")
        return {
            key: _masked(
                one, inner.get(key) or (others if isinstance(others, dict) else {"writeOnly": True}), definitions
            )
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_masked(one, schema.get("items", {"writeOnly": True}), definitions) for one in value]
    return value
