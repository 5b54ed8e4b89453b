"""What each mounted fake works with, made anew whenever connectors change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.providers.ports import Connector, Context, Provider


@dataclass(frozen=True, slots=True)
class Plan:
    """Contexts that would be right for some connectors. Nothing has changed yet."""

    contexts: Mapping[str, Context]


class Mounts(Mapping[str, Context]):
    """Contexts by provider, of the mounted fakes only. ``config`` is the file's ``fakes``, ``context`` makes the
    context of a provider around its fake's settings."""

    def __init__(
        self,
        providers: Sequence[Provider],
        config: Mapping[str, Mapping[str, Any]],
        context: Callable[[Provider, Any], Context],
    ) -> None:
        self._providers = providers
        self._config = config
        self._context = context
        self._contexts: dict[str, Context] = {}

    def __getitem__(self, name: str) -> Context:
        return self._contexts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contexts)

    def __len__(self) -> int:
        return len(self._contexts)

    def plan(self, connectors: Sequence[Connector], provider_name: str | None = None) -> Plan:
        """``provider_name``: only this one's connectors are others than before. Live connectors are none of a
        fake's business. Raises ``errors.ConfigError``."""
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
        self._contexts.update(plan.contexts)
