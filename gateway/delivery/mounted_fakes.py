"""The mounted fakes: what each one works with, renewed when connectors change, and what they keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.providers import reviews
from gateway.providers.ports import Connector, Context, Provider
from gateway.storage.ports import Store

# A fake keeps records below these. Records elsewhere (personas, signing keys) survive a reset.
_FORGOTTEN = ("fakes/", reviews.PREFIX)


@dataclass(frozen=True, slots=True)
class Plan:
    """The contexts of the fakes for a set of connectors, before they are in force."""

    contexts: Mapping[str, Context]


class Mounts(Mapping[str, Context]):
    """The contexts of the mounted fakes by provider.

    ``config`` is the section ``fakes`` of the config file. ``context`` makes the context of a provider from the
    settings of its fake.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        config: Mapping[str, Mapping[str, Any]],
        context: Callable[[Provider, Any], Context],
        store: Store,
    ) -> None:
        self._providers = providers
        self._config = config
        self._context = context
        self._store = store
        self._contexts: dict[str, Context] = {}

    def __getitem__(self, name: str) -> Context:
        return self._contexts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contexts)

    def __len__(self) -> int:
        return len(self._contexts)

    def plan(self, connectors: Sequence[Connector], provider_name: str | None = None) -> Plan:
        """Make the contexts for these connectors. Live connectors are left out, because no fake serves them.

        ``provider_name``: only the connectors of this provider have changed. Raises ``errors.ConfigError``.
        """
        contexts = {}
        for provider in self._providers:
            name = provider.name
            if provider_name not in (None, name):
                continue
            own = [one for one in connectors if one.provider == name and not one.live]
            before = self._contexts.get(name)
            previous = before.settings if before is not None else None
            settings = provider.fake_settings(self._config.get(name, {}), own, previous)
            contexts[name] = replace(before, settings=settings) if before else self._context(provider, settings)
        return Plan(contexts)

    def take(self, plan: Plan) -> None:
        """Put the contexts of a plan in force."""
        self._contexts.update(plan.contexts)

    async def forget(self) -> int:
        """Delete the records that a reset takes from the fakes, and return how many there were."""
        keys = [key for prefix in _FORGOTTEN for key, _ in await self._store.records.scan(prefix)]
        async with self._store.batch() as batch:
            for key in keys:
                batch.delete(key)
        return len(keys)
