"""All connectors: from the config file, and made over the API, which the store keeps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from gateway.core.clock import Clock
from gateway.core.errors import (
    ConfigError,
    Conflict,
    IdTaken,
    InvalidConfig,
    NotFound,
    ReadOnly,
    UnknownFactory,
)
from gateway.core.model import Channel, Document, iso
from gateway.delivery import fallbacks, secrets
from gateway.delivery.mounted_fakes import Mounts
from gateway.delivery.sandbox_keys import PUBLISHED, SandboxKeys
from gateway.providers import registry
from gateway.providers.ports import Connector, ConnectorFactory, Provider
from gateway.storage.ports import Records

_PREFIX = "connectors/"
_AUTHORIZATIONS = "connector-authorizations/"
log = logging.getLogger("gateway")


def build(
    providers: Mapping[str, Provider],
    connector_id: str,
    factory_id: str,
    config: Mapping[str, Any],
    options: Mapping[str, Any],
    **more: Any,
) -> Connector:
    """Make a connector. ``more`` are further fields of ``ports.Connector``.

    Raises ``errors.InvalidConfig`` if its factory does not accept the settings. The message names every wrong key
    and never a value.
    """
    provider, factory = _factory(providers, factory_id)
    try:
        settings = factory.settings(config, options)
    except InvalidConfig as error:
        names = factory.metadata.wrong_names
        hints = [f"{wrong} is called {right}" for wrong, right in names.items() if wrong in config]
        raise InvalidConfig("; ".join([error.message, *hints])) from None
    return Connector(connector_id, provider.name, factory, settings, config, options, **more)


def _factory(providers: Mapping[str, Provider], factory_id: str) -> tuple[Provider, ConnectorFactory]:
    match = registry.factory(providers, factory_id)
    if match is None:
        known = ", ".join(sorted(name for provider in providers.values() for name in provider.factories))
        raise UnknownFactory(f"factory: {factory_id} is unknown; known: {known}")
    return match


class Connectors(Mapping[str, Connector]):
    """All connectors by id, as they are now: those of the config file first, then the others by id.

    A change is checked by factory and fake, stored with compare-and-swap, and only then visible. A sandbox
    connector of the config file may be given an authorization if the file has none; it is stored too. ``defaults``
    are the config file's choices by channel. ``live``: every connector sends for real. ``keys``: what connectors
    that are made over the API have in place of the published access key.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        declared: Sequence[Connector],
        mounts: Mounts,
        records: Records,
        clock: Clock,
        *,
        defaults: Mapping[Channel, str],
        live: bool,
        keys: SandboxKeys = PUBLISHED,
    ) -> None:
        self._providers = providers
        self._declared = {one.id: one for one in declared}
        # Those that may be given an authorization over the API.
        self._open = {one.id for one in declared if one.authorization is None and not one.live}
        self._made: dict[str, Connector] = {}
        self._guests: dict[str, Connector] = {}
        self._mounts = mounts
        self._records = records
        self._clock = clock
        self._defaults = defaults
        self._live = live
        self._keys = keys
        # One change at a time keeps the fakes in step with the store. Changes are rare.
        self._changing = asyncio.Lock()
        mounts.take(mounts.plan(declared))

    def __getitem__(self, connector_id: str) -> Connector:
        return self._declared.get(connector_id) or self._made[connector_id]

    def __iter__(self) -> Iterator[str]:
        yield from self._declared
        yield from sorted(self._made)

    def __len__(self) -> int:
        return len(self._declared) + len(self._made)

    def find(self, connector_id: str) -> Connector:
        """Raises NotFound."""
        connector = self.get(connector_id)
        if connector is None:
            some = ", ".join([*self][:20]) or "none"
            raise NotFound(f"there is no connector with that id; known: {some}")
        return connector

    def default(self, channel: Channel) -> Connector | None:
        """Return the config file's choice for a channel, or else the first connector of the channel."""
        chosen = self._defaults.get(channel)
        if chosen is not None and chosen in self:
            return self[chosen]
        return next((one for one in self.values() if one.factory.channel is channel), None)

    def defaults(self) -> dict[Channel, Connector]:
        """Return the default of each channel that has connectors."""
        defaults = {channel: self.default(channel) for channel in Channel}
        return {channel: connector for channel, connector in defaults.items() if connector is not None}

    def fallbacks(self, first: Connector, other: Channel | None = None) -> list[Connector]:
        """Return the fallbacks of a connector in order. Never a fake for a connector that sends for real.

        ``other``: another channel, whose default connector and its fallbacks follow.
        """
        connectors = fallbacks.order(first, self)
        default = self.default(other) if other is not None else None
        if default is not None:
            connectors += [default, *fallbacks.order(default, self)]
        return [connector for connector in connectors if connector.live or not first.live]

    async def load(self) -> None:
        """Load the connectors of the store.

        A connector that cannot be made, because its provider is gone for instance, is left out and stays in the
        store.
        """
        for key, record in await self._records.scan(_PREFIX):
            connector_id = key.removeprefix(_PREFIX)
            if connector_id in self._declared:
                log.warning("connector %s of the store is hidden by the config file's", connector_id)
                continue
            try:
                self._made[connector_id] = self._from(connector_id, record.value, record.version)
            except InvalidConfig as error:
                log.warning("connector %s of the store is left out: %s", connector_id, error.message)
        for key, record in await self._records.scan(_AUTHORIZATIONS):
            self._authorize(key.removeprefix(_AUTHORIZATIONS), record.value["authorization"])
        for one in self._made.values():
            gone = [name for name in one.fallback if name not in self]
            if gone:
                log.warning("connector %s of the store: its fallback %s is not there", one.id, ", ".join(gone))
        self._mounts.take(self._mounts.plan(list(self.values())))

    async def create(self, connector_id: str, document: Document) -> Connector:
        """Make and store a connector. Raises InvalidConfig, UnknownFactory, IdTaken.

        ``document`` has ``factoryId``, ``config``, ``options``, ``authorization``, ``live`` and ``fallback``.
        """
        async with self._changing:
            if connector_id in self:
                raise IdTaken("id: there is a connector with that id already", data={"field": "id"})
            document = self._unmasked(document, None)
            return await self._keep(connector_id, {**document, "createdAt": iso(self._clock.real())}, 0)

    async def change(self, connector_id: str, changes: Document, version: int | None) -> Connector:
        """Replace the given parts of a connector. ``version``: the version that it must have now, or None for any.

        Raises NotFound, ReadOnly, Conflict, InvalidConfig. After an error nothing has changed.
        """
        async with self._changing:
            if connector_id in self._open and changes.keys() == {"authorization"} and version is None:
                return await self._keep_authorization(self[connector_id], changes["authorization"])
            before = self._changeable(connector_id, version)
            record = await self._records.get(_PREFIX + connector_id)
            if record is None or record.version != before.version:
                raise Conflict("the connector was changed by somebody else meanwhile: read it again")
            document = self._unmasked({**record.value, **changes}, before)
            return await self._keep(connector_id, document, record.version)

    async def remove(self, connector_id: str, version: int | None) -> None:
        """Remove a connector, also one that was left out by ``load``. Raises NotFound, ReadOnly, Conflict."""
        async with self._changing:
            if connector_id not in self and await self._records.delete(_PREFIX + connector_id):
                return
            gone = self._changeable(connector_id, version)
            needed = [one.id for one in self.values() if connector_id in one.fallback]
            if needed:
                raise Conflict(f"{connector_id} is the fallback of {', '.join(needed[:5])}: change that first")
            await self._records.delete(_PREFIX + connector_id)
            del self._made[connector_id]
            self._update_fake(gone.provider, self._guests)

    @asynccontextmanager
    async def guest(
        self, connector_id: str, document: Document, like: Connector | None
    ) -> AsyncIterator[Connector]:
        """Give a connector for a trial: the fakes know its credentials, but it is in no list and not stored.

        ``like`` is the connector whose secrets the masks stand for. Raises InvalidConfig, UnknownFactory.
        """
        guest = self._from(connector_id, self._unmasked(document, like), 0)
        self._update_fake(guest.provider, {**self._guests, guest.id: guest})
        try:
            yield guest
        finally:
            self._update_fake(guest.provider, {key: one for key, one in self._guests.items() if key != guest.id})

    async def _keep_authorization(self, before: Connector, given: str | None) -> Connector:
        document = {
            "factoryId": before.factory.id,
            "config": dict(before.config),
            "options": dict(before.options),
            "authorization": given,
        }
        authorization = self._unmasked(document, before)["authorization"]
        key = _AUTHORIZATIONS + before.id
        if authorization is None:
            await self._records.delete(key)
        else:
            await self._records.put(key, {"authorization": authorization})
        self._authorize(before.id, authorization)
        return self[before.id]

    def _authorize(self, connector_id: str, authorization: str | None) -> None:
        """Give a connector of the config file an authorization, unless the file has one or it sends for real."""
        if connector_id in self._open:
            self._declared[connector_id] = replace(self._declared[connector_id], authorization=authorization)

    def _changeable(self, connector_id: str, version: int | None) -> Connector:
        connector = self.find(connector_id)
        if connector.declared:
            raise ReadOnly(f"{connector_id} is in the config file: change it there, or make another one")
        if version is not None and version != connector.version:
            raise Conflict("version: the connector was changed by somebody else meanwhile: read it again")
        return connector

    async def _keep(self, connector_id: str, document: Document, version: int) -> Connector:
        made = self._from(connector_id, document, version)
        self._check_fallbacks(made)
        others = [one for one in (*self.values(), *self._guests.values()) if one.id != connector_id]
        try:
            self._mounts.plan([*others, made], made.provider)
        except ConfigError as error:
            raise InvalidConfig(error.message) from None
        version = await self._records.put(_PREFIX + connector_id, document, if_version=version)
        self._made[connector_id] = made = self._from(connector_id, document, version)
        self._update_fake(made.provider, self._guests)
        return made

    def _check_fallbacks(self, made: Connector) -> None:
        """Raises InvalidConfig."""
        known = {**self, made.id: made}
        for name in made.fallback:
            if name not in known:
                raise InvalidConfig(f"fallback: there is no connector {name}")
        for one in (made, *(one for one in known.values() if made.id in one.fallback)):
            found = (fallbacks.unfit(one, known[name]) for name in one.fallback if name in known)
            for text in filter(None, found):
                raise InvalidConfig(f"fallback{'' if one is made else f' of {one.id}'}: {text}")
        named = {one.id: [name for name in one.fallback if name in known] for one in known.values()}
        for loop in fallbacks.loops(named):
            if made.id in loop:
                raise InvalidConfig(f"fallback: goes round in a circle: {' -> '.join(loop)}")

    def _update_fake(self, provider_name: str, guests: dict[str, Connector]) -> None:
        """Tell the fake of a provider its connectors. There is no await, so no other change comes between."""
        self._guests = guests
        self._mounts.take(self._mounts.plan([*self.values(), *guests.values()], provider_name))

    def _unmasked(self, document: Document, before: Connector | None) -> Document:
        _, factory = _factory(self._providers, document["factoryId"])
        return secrets.unmasked(factory.metadata, document, before)

    def _from(self, connector_id: str, document: Document, version: int) -> Connector:
        live = self._live or document["live"]
        return build(
            self._providers,
            connector_id,
            document["factoryId"],
            document["config"] if live else self._keys.put_in(document["config"]),
            document["options"],
            authorization=document["authorization"],
            live=live,
            fallback=tuple(document.get("fallback", ())),
            declared=False,
            version=version,
        )
